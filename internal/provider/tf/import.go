// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ImportByID takes an id or, on a Terraform that knows identities, the
// attribute that identifies the object.
func ImportByID(ctx context.Context, identity string, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID == "" {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root(identity), path.Root(identity), req, resp)
		return
	}
	if !IsNumber(req.ID) {
		resp.Diagnostics.AddError("Invalid import id", fmt.Sprintf("%q is no id. Import by the number that GoGrid shows as the object's id, such as 700123.", req.ID))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID)...)
}

// KeepIdentity gives an object that is gone, or cannot be looked at, the
// identity that its state tells. Terraform before 1.12 keeps no identities, and
// the framework takes no answer without one, not even that an object is gone.
// The state of an import by id tells none: there is no such object then.
func KeepIdentity(ctx context.Context, resp *resource.ReadResponse, attribute string, value, id types.String) diag.Diagnostics {
	if value.IsNull() && resp.State.Raw.IsNull() {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Nothing to import", fmt.Sprintf("GoGrid has no object of this type with the id %s.", id.ValueString()))}
	}
	return resp.Identity.SetAttribute(ctx, path.Root(attribute), value)
}
