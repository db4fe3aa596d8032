// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package deploy

import (
	"context"

	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// Reporting returns the sorted names of the servers that have written a status
// file.
func (d *Deployer) Reporting(ctx context.Context) ([]string, error) {
	return d.serversWith(ctx, startup.StatusFile)
}
