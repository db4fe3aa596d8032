// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// importByID takes an id or, on a Terraform that knows identities, the
// attribute that identifies the object.
func importByID(ctx context.Context, identity string, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID == "" {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root(identity), path.Root(identity), req, resp)
		return
	}
	if !digits(req.ID) {
		resp.Diagnostics.AddError("Invalid import id", fmt.Sprintf("%q is no id. Import by the number that GoGrid shows as the object's id, such as 700123.", req.ID))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID)...)
}
