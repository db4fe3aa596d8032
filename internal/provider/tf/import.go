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

// ImportByID imports an object by its id, or by the identity attribute named
// identity if Terraform passes an identity instead. The id must be a number.
func ImportByID(ctx context.Context, identity string, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID == "" {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root(identity), path.Root(identity), req, resp)
		return
	}
	if !IsNumber(req.ID) {
		resp.Diagnostics.AddError("Invalid import id", fmt.Sprintf("%q is not an id. Import by the number that GoGrid shows as the object's id, such as 700123.", req.ID))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID)...)
}

// KeepIdentity sets the identity of an object that is gone or cannot be read
// from value, the identity attribute in its state. The framework rejects every
// response without an identity, even a response that reports a missing object,
// and Terraform before 1.12 does not store identities. During an import by id,
// the state holds no identity yet. If the object does not exist, KeepIdentity
// then returns the error that there is nothing to import.
func KeepIdentity(ctx context.Context, resp *resource.ReadResponse, attribute string, value, id types.String) diag.Diagnostics {
	if value.IsNull() && resp.State.Raw.IsNull() {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Nothing to import", fmt.Sprintf("GoGrid has no object of this type with the id %s.", id.ValueString()))}
	}
	return resp.Identity.SetAttribute(ctx, path.Root(attribute), value)
}
