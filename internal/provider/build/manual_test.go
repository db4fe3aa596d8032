// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build_test

import (
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestManualPreparationNamesCommands checks that the warning names commands to
// use instead of the portal, because a simulated grid has no portal.
func TestManualPreparationNamesCommands(t *testing.T) {
	t.Parallel()
	plan := providertest.PlanImage(t, acctest.NewQuickGrid(t), providertest.PreparedImage(acctest.Attributes{"mode": "manual"}))
	plan.Diagnostics.WantWarning(t, "prepare.mode", "GoGrid's portal", "gogrid-simulator passwords", "gogrid-simulator call grid.server.power")
}
