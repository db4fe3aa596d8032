// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// ModifyPlan leaves open what a change will find in the file.
func (r *storageChannelResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planRemoval(ctx, req)...)
		return
	}
	var plan, prior storageChannelModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	kept := plan.Name.Equal(prior.Name)
	if kept && plan.names(prior) {
		plan = prior
	} else {
		plan.locate()
		plan.PreviousRelease, plan.PreviousArchive, plan.PreviousSHA256 = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		plan.UpdatedAt, plan.UpdatedBy = types.StringUnknown(), types.StringUnknown()
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if r.session == nil {
		return
	}
	if !kept && tf.IsSet(prior.Name) {
		resp.Diagnostics.Append(r.session.PlanFileDeleted(prior.file(), prior.what())...)
	}
	if tf.IsSet(plan.Name) {
		resp.Diagnostics.Append(r.session.PlanFileKept(plan.file(), plan.what())...)
	}
	if !kept {
		resp.Diagnostics.Append(checkNewChannel(ctx, r.session, plan)...)
	}
}

// planRemoval looks at the plan of a destroy.
func (r *storageChannelResource) planRemoval(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	var prior storageChannelModel
	diags := req.State.Get(ctx, &prior)
	if r.session == nil || diags.HasError() {
		return diags
	}
	return append(diags, r.session.PlanFileDeleted(prior.file(), prior.what())...)
}

// checkNewChannel finds what would stop a new channel, as checkUpload does for
// a file. Whether the archive is there is left to the apply, which may upload
// it.
func checkNewChannel(ctx context.Context, s *session.Session, plan storageChannelModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if s.Phase.IsApply() || len(s.StorageUnknown()) > 0 {
		return diags
	}
	store, err := s.OpenStorage(ctx)
	if err != nil {
		diags.Append(tf.Failure("use Cloud Storage", err))
		return diags
	}
	if !tf.IsSet(plan.Name) || s.Known.HasSeen(storageKey(plan.Path)) {
		return diags
	}
	found, err := readChannel(ctx, store, plan.file())
	var broken *brokenChannelError
	switch {
	case storage.IsMissing(err):
	case errors.As(err, &broken):
		diags.Append(otherChannel(plan, "holds something else: "+broken.Error()))
	case storage.IsOutage(err):
		diags.Append(tf.StorageOutage(err, "The apply writes "+plan.what()+" there"))
	case err != nil:
		diags.Append(tf.AttributeFailure(path.Root("name"), "look at "+plan.what(), err))
	case tf.IsSet(plan.Release) && tf.IsSet(plan.Archive) && tf.IsSet(plan.SHA256) && !mayTakeOver(s, plan, found):
		diags.Append(otherChannel(plan, says(found)))
	}
	return diags
}

// mayTakeOver tells whether a creation may have the channel that is there: it
// says the same, or an earlier apply of this deployment, and not another
// resource of this process, wrote it.
func mayTakeOver(s *session.Session, plan storageChannelModel, found startup.Pointer) bool {
	return found.SameRelease(plan.pointer()) || s.Deployment != "" && found.UpdatedBy == s.Deployment && !s.Keys.Held(session.StorageKind, storage.Fold(plan.file()))
}

// says tells what a pointer names, and who wrote it.
func says(found startup.Pointer) string {
	text := fmt.Sprintf("names the release %s in %s", found.Release, found.Archive)
	if found.UpdatedBy != "" {
		text += fmt.Sprintf(", written by the deployment %q", found.UpdatedBy)
	}
	if found.UpdatedAt != "" {
		text += " at " + found.UpdatedAt
	}
	return text
}

// otherChannel is the error about a channel that belongs to somebody else.
func otherChannel(plan storageChannelModel, how string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("name"), fmt.Sprintf("There is another channel %q", plan.Name.ValueString()),
		fmt.Sprintf("The file %s is on Cloud Storage and %s. This configuration has not put it there, so it is not replaced. Choose another name, remove the file, "+
			"or import it, and the next apply changes it:\n\n  terraform import <address of this resource> %s", plan.file(), how, plan.Name.ValueString()))
}
