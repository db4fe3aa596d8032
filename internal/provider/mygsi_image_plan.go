// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// ModifyPlan says what is wrong with a plan before the save, which takes a
// quarter of an hour, and lets an update go on with a save that was cut short.
func (r *myGSIImageResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.session == nil {
		return
	}
	var plan, prior myGSIImageModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
		r.session.ledger.see(imageKey(prior.ID))
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.session.mayChange("delete image " + prior.FriendlyName.ValueString())...)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case req.State.Raw.IsNull():
		resp.Diagnostics.Append(r.session.checkNewImage(ctx, &plan)...)
	case isPending(ctx, req.Private, &resp.Diagnostics):
		resp.Diagnostics.AddWarning(fmt.Sprintf("Saving was interrupted: image %q (id %s)", prior.FriendlyName.ValueString(), prior.ID.ValueString()),
			"An earlier apply was stopped before the image was available. This apply waits for it; nothing is saved twice.")
		plan.resume()
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	case plan.changed(prior):
		resp.Diagnostics.Append(r.session.mayChange("change image " + prior.FriendlyName.ValueString())...)
		resp.Diagnostics.Append(r.session.checkMarkedDescription(plan.Description.ValueString(), plan.buildKey())...)
		plan.disturb()
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
}

// checkNewImage is what can be known of an image before it is saved.
func (s *session) checkNewImage(ctx context.Context, plan *myGSIImageModel) diag.Diagnostics {
	if !s.known() {
		return nil
	}
	diags := s.mayChange("save image " + plan.FriendlyName.ValueString())
	diags.Append(s.checkMarkedDescription(plan.Description.ValueString(), plan.buildKey())...)
	if !isSet(plan.SandboxID) {
		return diags
	}
	sandbox, err := s.client.Snapshot.Server(ctx, serverID(plan.SandboxID))
	switch {
	case err != nil:
		diags.Append(attributeFailure(path.Root("sandbox_id"), "look up the sandbox", err))
	case sandbox == nil:
		diags.Append(noSandbox(plan.SandboxID.ValueString()))
	case !sandbox.IsSandbox:
		diags.AddAttributeWarning(path.Root("sandbox_id"), fmt.Sprintf("%s is no sandbox", capitalised(describe(*sandbox))),
			"Until March 2011 GoGrid saved only sandboxes as images and refused any other server.")
	}
	return diags
}
