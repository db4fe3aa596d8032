// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// DropWriteOnly returns the upgrade from version 0 to version 1 of a schema in which
// attributes became write-only. prior must have the attributes of version 0. The
// upgrader copies the state unchanged. The framework then sets write-only attributes
// to null, which removes the values that version 0 stored.
func DropWriteOnly(prior schema.Schema) map[int64]resource.StateUpgrader {
	prior.Version = 0
	return map[int64]resource.StateUpgrader{0: {
		PriorSchema: &prior,
		StateUpgrader: func(_ context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
			resp.State.Raw = req.State.Raw
		},
	}}
}
