// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/rollout"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// planMachine refines the plan of one machine: it says what is wrong with it
// before the first billable call, and keeps a difference of form (an id for a
// name, other capitals) from being taken for a change. config, plan and prior
// are empty models of one type.
func planMachine(ctx context.Context, s *session.Session, config, plan, prior machineObject, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if s == nil {
		return
	}
	if tf.Unchanged(req) && !tf.IsUnfinished(ctx, req.Private, &resp.Diagnostics) && !renames(s, req.State.Raw) {
		keepUnchanged(s, prior.spec().Kind(), req.State.Raw)
		resp.Diagnostics.Append(machine.RecheckPlanned(ctx, s)...)
		return
	}
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
		if resp.Diagnostics.HasError() {
			return
		}
		s.Ledger.See(prior.addresses()...)
	}
	if req.Plan.Raw.IsNull() {
		s.Ledger.Doom(prior.addresses()...)
		resp.Diagnostics.Append(s.MayChange("delete " + prior.spec().String())...)
		resp.Diagnostics.Append(checkOwnedServer(ctx, s, "delete "+prior.spec().String(), prior)...)
		resp.Diagnostics.Append(s.CheckMoved(prior.spec().Kind(), prior.spec().Name, false)...)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	unknown := unknownAttributes(config)
	if !s.Destroys {
		resp.Diagnostics.Append(plan.checkRelease(ctx, s)...)
	}
	switch {
	case !req.State.Raw.IsNull():
		planExisting(ctx, s, plan, prior, unknown, req, resp)
	case s.Known():
		resp.Diagnostics.Append(machine.CheckNew(ctx, s, config.spec(), unknown)...)
		if !unknown.Has("name") {
			resp.Diagnostics.Append(s.CheckMoved(config.spec().Kind(), config.spec().Name, true)...)
		}
	}
}

// renames reports whether an object of this state carries the tag of another
// deployment than the configured one.
func renames(s *session.Session, state tftypes.Value) bool {
	return s.Known() && s.Deployment != "" && tf.RawString(state, "deployment") != s.Deployment
}

// keepUnchanged records a machine that stays as it is.
func keepUnchanged(s *session.Session, kind string, state tftypes.Value) {
	addresses := []string{tf.RawString(state, "public_ip")}
	if private := tf.RawString(state, "private_ip"); private != "" {
		addresses = append(addresses, private)
	}
	s.Ledger.See(addresses...)
	s.Ledger.Keep(kind, tf.RawString(state, "name"), addresses...)
}

// unknownAttributes names the configured attributes that are not known yet.
func unknownAttributes(config machineObject) machine.Attributes {
	unknown := machine.Attributes{}
	for name, value := range config.inputs() {
		unknown.AddIf(name, value.IsUnknown())
	}
	return unknown
}

func planExisting(ctx context.Context, s *session.Session, plan, prior machineObject, unknown machine.Attributes, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	pending := tf.IsPending(ctx, req.Private, &resp.Diagnostics)
	unready := tf.IsUnready(ctx, req.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(keepEquivalent(ctx, s, plan, prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.shared().Deployment = s.PlannedDeployment(prior.shared().Deployment)
	changes := plan.changes(prior)
	// Only the configuration tells an address that will be another one from one
	// that there is none of so far.
	changes.AddIf("private_ip", unknown.Has("private_ip"))
	for attribute, at := range map[string]path.Path{"image": path.Root("image"), "datacenter": path.Root("datacenter"), "release": rollout.Path()} {
		if changes.Has(attribute) {
			resp.RequiresReplace = append(resp.RequiresReplace, at)
		}
	}
	if !changes.Replace() {
		s.Ledger.Keep(prior.spec().Kind(), prior.spec().Name, prior.addresses()...)
		resp.Diagnostics.Append(machine.RecheckPlanned(ctx, s)...)
	}
	switch {
	case changes.Replace():
		resp.Diagnostics.Append(s.MayChange("replace " + prior.spec().String())...)
		resp.Diagnostics.Append(checkOwnedServer(ctx, s, "replace "+prior.spec().String(), prior)...)
	case pending:
		resp.Diagnostics.Append(resumedCreation(prior))
		plan.markUnfinishedUnknown()
	case unready:
		resp.Diagnostics.Append(notReadyYet(prior))
		plan.markComputedUnknown(changes)
		resp.Diagnostics.Append(checkChange(ctx, s, plan, prior, changes)...)
	case !changes.Any():
		prior.copyConfigOnly(plan)
		plan = prior
	default:
		plan.markComputedUnknown(changes)
		resp.Diagnostics.Append(checkChange(ctx, s, plan, prior, changes)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// resumedCreation announces that the apply will go on with an interrupted creation.
func resumedCreation(prior machineObject) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Creation was interrupted: "+machine.Describe(prior.shared().reference()),
		"An earlier apply was stopped before it was ready. This apply waits for it and completes it; nothing is made twice.")
}

// notReadyYet announces that the apply will wait again for a server that an
// earlier apply changed and that did not become ready.
func notReadyYet(prior machineObject) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Not ready yet: "+machine.Describe(prior.shared().reference()),
		"An earlier apply changed it and ended before it was ready. This apply waits for that; nothing is made again.")
}

// keepEquivalent sets attributes that name the same thing as before, in another
// form, back to the prior form: Terraform allows a planned value to be the
// prior one, and so nothing is changed.
func keepEquivalent(ctx context.Context, s *session.Session, plan, prior machineObject) diag.Diagnostics {
	var diags diag.Diagnostics
	before, current := prior.shared(), plan.shared()
	if tf.IsSet(current.Image) && !current.Image.Equal(before.Image) {
		same, err := sameImage(ctx, s, *before, current.Image.ValueString())
		switch {
		case err != nil:
			diags.Append(tf.AttributeFailure(path.Root("image"), "look up the image", err))
		case same:
			current.Image = before.Image
		}
	}
	old := prior.options()
	for i, option := range plan.options() {
		diags.Append(machine.KeepOption(ctx, s, option, *old[i].Value)...)
	}
	return diags
}

// sameImage tells whether a reference means the image that a machine was made
// from. While the grid cannot be asked, a name passes for an id as in
// sameOption.
func sameImage(ctx context.Context, s *session.Session, prior machineModel, reference string) (bool, error) {
	if reference == prior.ImageID.ValueString() || strings.EqualFold(reference, prior.Image.ValueString()) {
		return true, nil
	}
	if !s.Known() {
		return !tf.IsNumber(reference) && tf.IsNumber(prior.Image.ValueString()), nil
	}
	image, err := s.Client.Snapshot.Image(ctx, reference)
	return image != nil && tf.IDText(image.ID).Equal(prior.ImageID), err
}

// checkChange is what can be known of a change in place before it is made.
func checkChange(ctx context.Context, s *session.Session, plan, prior machineObject, changes machine.Attributes) diag.Diagnostics {
	if !s.Known() || s.Destroys {
		return nil
	}
	diags := s.MayChange("change " + prior.spec().String())
	diags.Append(checkOwnedServer(ctx, s, "change "+prior.spec().String(), prior)...)
	if changes.Has("description") || changes.Has("deployment") {
		diags.Append(machine.CheckMarkedDescription(s, plan.shared().Description.ValueString(), "")...)
	}
	spec := plan.spec()
	if changes.Has("ram") && spec.RAM != "" {
		image, err := s.Client.Snapshot.Image(ctx, prior.shared().ImageID.ValueString())
		if err != nil {
			image = nil // the size alone can still be judged
		}
		diags.Append(machine.CheckRAM(ctx, s, spec.PathTo("ram"), spec.RAM, image)...)
	}
	if changes.Has("type") && spec.Type != "" {
		diags.Append(machine.CheckOption(ctx, s, spec.PathTo("type"), client.LookupServerType, spec.Type)...)
	}
	return diags
}
