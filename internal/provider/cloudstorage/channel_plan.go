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

// ModifyPlan marks the computed values unknown if the channel changes, because
// the apply reads the previous release from the file.
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
	if kept && plan.sameRelease(prior) {
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
		if kept || prior.Name.IsNull() {
			resp.Diagnostics.Append(r.session.PlanFile(path.Root("name"), session.PlannedFile{
				Path: plan.file(), Digest: plan.Release.ValueString() + plan.SHA256.ValueString(),
				Owner: fmt.Sprintf("the gogrid_storage_channel %q with the release %q", plan.Name.ValueString(), plan.Release.ValueString()), Created: !kept,
			})...)
		}
	}
	if !kept {
		resp.Diagnostics.Append(checkNewChannel(ctx, r.session, plan)...)
	}
}

// planRemoval records that the apply will delete the file.
func (r *storageChannelResource) planRemoval(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	var prior storageChannelModel
	diags := req.State.Get(ctx, &prior)
	if r.session == nil || diags.HasError() {
		return diags
	}
	return append(diags, r.session.PlanFileDeleted(prior.file(), prior.what())...)
}

// checkNewChannel reports what would prevent the creation of a channel. It does
// not check that the archive exists, because the same apply may upload it.
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
		diags.Append(otherChannel(plan, describePointer(found)))
	}
	return diags
}

// mayTakeOver reports whether a creation may take over an existing channel. It
// may if the channel names the planned release. It also may if an earlier apply
// of this deployment wrote the channel and no other resource of this process
// holds the channel.
func mayTakeOver(s *session.Session, plan storageChannelModel, found startup.Pointer) bool {
	return found.SameRelease(plan.pointer()) || s.Deployment != "" && found.UpdatedBy == s.Deployment && !s.Keys.Held(session.StorageKind, storage.Fold(plan.file()))
}

// describePointer returns a clause with the release of a pointer, the
// deployment that wrote the pointer, and the time.
func describePointer(found startup.Pointer) string {
	text := fmt.Sprintf("names the release %s in %s", found.Release, found.Archive)
	if found.UpdatedBy != "" {
		text += fmt.Sprintf(", written by the deployment %q", found.UpdatedBy)
	}
	if found.UpdatedAt != "" {
		text += " at " + found.UpdatedAt
	}
	return text
}

// otherChannel returns the error about an existing channel that this
// configuration does not own. The text in how completes "The file is on Cloud
// Storage and ".
func otherChannel(plan storageChannelModel, how string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("name"), fmt.Sprintf("There is another channel %q", plan.Name.ValueString()),
		fmt.Sprintf("The file %s is on Cloud Storage and %s. This configuration did not write the file, so the provider does not replace it. Choose another name, remove the file, "+
			"or import the channel, so that the next apply changes it:\n\n  terraform import <address of this resource> %s", plan.file(), how, plan.Name.ValueString()))
}
