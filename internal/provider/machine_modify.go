// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// planMachine refines the plan of one machine: it says what is wrong with it
// before the first billable call, and keeps a difference of form (an id for a
// name, other capitals) from being taken for a change. config, plan and prior
// are empty models of one type.
func (s *session) planMachine(ctx context.Context, config, plan, prior machine, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if s == nil {
		return
	}
	if unchanged(req) && !isPending(ctx, req.Private, &resp.Diagnostics) {
		s.keepUnchanged(prior.spec().kind(), req.State.Raw)
		return
	}
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
		if resp.Diagnostics.HasError() {
			return
		}
		s.ledger.see(prior.addresses()...)
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(s.mayChange("delete " + prior.spec().String())...)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !req.State.Raw.IsNull() {
		s.planExisting(ctx, plan, prior, req, resp)
		return
	}
	if !s.known() {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	unknown := unknownAttributes(config)
	resp.Diagnostics.Append(s.checkNewMachine(ctx, config.spec(), unknown)...)
}

// unchanged tells whether a plan asks for nothing. Most resources of a large
// configuration are so at any time, which is why it is told without decoding
// them.
func unchanged(req resource.ModifyPlanRequest) bool {
	return !req.State.Raw.IsNull() && req.Plan.Raw.Equal(req.State.Raw)
}

// keepUnchanged records a machine that stays as it is.
func (s *session) keepUnchanged(kind string, state tftypes.Value) {
	public := text(state, "public_ip")
	s.ledger.see(public)
	if private := text(state, "private_ip"); private != "" {
		s.ledger.see(private)
	}
	s.ledger.keep(kind, text(state, "name"), public)
}

// unknownAttributes names the configured attributes that are not known yet.
func unknownAttributes(config machine) attributeSet {
	unknown := attributeSet{}
	for name, value := range config.texts() {
		unknown.addIf(name, value.IsUnknown())
	}
	return unknown
}

func (s *session) planExisting(ctx context.Context, plan, prior machine, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	pending := isPending(ctx, req.Private, &resp.Diagnostics)
	s.keepForms(ctx, plan, prior)
	changes := plan.changes(prior)
	for _, attribute := range []string{"image", "datacenter"} {
		if changes.has(attribute) {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root(attribute))
		}
	}
	if !changes.replace() {
		s.ledger.keep(prior.spec().kind(), prior.spec().Name, prior.shared().PublicIP.ValueString())
	}
	switch {
	case pending:
		resp.Diagnostics.Append(goesOn(prior))
		plan.resume()
	case !changes.any():
		prior.takeConfig(plan)
		plan = prior
	case changes.replace():
		resp.Diagnostics.Append(s.mayChange("replace " + prior.spec().String())...)
	default:
		plan.disturb(changes)
		resp.Diagnostics.Append(s.checkChange(ctx, plan, prior, changes)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// goesOn announces that the apply will go on with an interrupted creation.
func goesOn(prior machine) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Creation was interrupted: "+describe(prior.shared().reference()),
		"An earlier apply was stopped before it was ready. This apply waits for it and completes it; nothing is made twice.")
}

// keepForms sets attributes that name the same option as before, in another
// form, back to the prior form: Terraform allows a planned value to be the
// prior one, and so nothing is changed.
func (s *session) keepForms(ctx context.Context, plan, prior machine) {
	if !s.known() {
		return
	}
	if before, now := prior.shared(), plan.shared(); isSet(now.Image) && !now.Image.Equal(before.Image) && s.sameImage(ctx, *before, now.Image.ValueString()) {
		now.Image = before.Image
	}
	old := prior.options()
	for i, option := range plan.options() {
		before, now := old[i].value, option.value
		if isSet(*now) && isSet(*before) && !now.Equal(*before) &&
			s.option(ctx, option.lookup, now.ValueString()).Matches(s.option(ctx, option.lookup, before.ValueString()).Name) {
			*now = *before
		}
	}
}

// sameImage tells whether a reference means the image that a machine was made
// from.
func (s *session) sameImage(ctx context.Context, prior machineModel, reference string) bool {
	if reference == prior.ImageID.ValueString() {
		return true
	}
	image, err := s.client.Snapshot.Image(ctx, reference)
	return err == nil && image != nil && idText(image.ID).Equal(prior.ImageID)
}

// checkChange is what can be known of a change in place before it is made.
func (s *session) checkChange(ctx context.Context, plan, prior machine, changes attributeSet) diag.Diagnostics {
	if !s.known() {
		return nil
	}
	diags := s.mayChange("change " + prior.spec().String())
	if changes.has("description") {
		diags.Append(s.checkMarkedDescription(plan.shared().Description.ValueString(), "")...)
	}
	spec := plan.spec()
	if changes.has("ram") && spec.RAM != "" {
		image, err := s.client.Snapshot.Image(ctx, prior.shared().ImageID.ValueString())
		if err != nil {
			image = nil // the size alone can still be judged
		}
		diags.Append(s.checkRAM(ctx, spec.RAM, image)...)
	}
	if changes.has("type") && spec.Type != "" {
		diags.Append(s.checkOption(ctx, "type", client.LookupServerType, spec.Type)...)
	}
	return diags
}
