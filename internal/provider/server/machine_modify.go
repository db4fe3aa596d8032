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

// planMachine completes the plan of one machine. It reports problems before the
// first billable call, and applies semantic equality: an id instead of a name, or
// different capitals, is not a change. config, plan and prior must be empty models
// of one type.
func planMachine(ctx context.Context, s *session.Session, config, plan, prior machineObject, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if s == nil {
		return
	}
	// Skip the checks of a machine that does not change.
	if tf.Unchanged(req) && !tf.IsUnfinished(ctx, req.Private, &resp.Diagnostics) && !renames(s, req.State.Raw) {
		keepUnchanged(s, prior.spec().Kind(), req.State.Raw)
		resp.Diagnostics.Append(tf.Diagnostics(machine.RecheckPlanned(ctx, s))...)
		return
	}

	// Read the prior state, and plan a deletion.
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
		if resp.Diagnostics.HasError() {
			return
		}
		s.Known.See(prior.addresses()...)
	}
	if req.Plan.Raw.IsNull() {
		s.Known.Doom(prior.addresses()...)
		resp.Diagnostics.Append(tf.Diagnostics(s.MayChange("delete " + prior.spec().String()))...)
		resp.Diagnostics.Append(checkOwnedServer(ctx, s, "delete "+prior.spec().String(), prior)...)
		resp.Diagnostics.Append(s.CheckMoved(prior.spec().Kind(), prior.spec().Name, false)...)
		return
	}

	// Read the plan, and check the release.
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	unknown := unknownAttributes(config)
	if !s.Destroys {
		resp.Diagnostics.Append(plan.checkRelease(ctx, s)...)
	}

	// Plan a change, or check the creation of a new machine.
	switch {
	case !req.State.Raw.IsNull():
		planExisting(ctx, s, plan, prior, unknown, req, resp)
	case s.Configured():
		resp.Diagnostics.Append(tf.Diagnostics(machine.CheckNew(ctx, s, config.spec(), unknown))...)
		if !unknown.Has("name") {
			resp.Diagnostics.Append(s.CheckMoved(config.spec().Kind(), config.spec().Name, true)...)
		}
		plan.forecast(machine.ForecastNew(ctx, s, config.spec(), unknown))
		if s.Deployment != "" {
			plan.shared().Deployment = s.PlannedDeployment(plan.shared().Deployment)
		}
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}
}

// renames reports whether the deployment of a state differs from the configured
// deployment. An apply then replaces the tag of the object.
func renames(s *session.Session, state tftypes.Value) bool {
	return s.Configured() && s.Deployment != "" && tf.RawString(state, "deployment") != s.Deployment
}

// keepUnchanged records in the session that a machine stays as it is.
func keepUnchanged(s *session.Session, kind string, state tftypes.Value) {
	addresses := []string{tf.RawString(state, "public_ip")}
	if private := tf.RawString(state, "private_ip"); private != "" {
		addresses = append(addresses, private)
	}
	s.Known.See(addresses...)
	s.Planned.KeepServer(kind, tf.RawString(state, "name"), addresses...)
}

// unknownAttributes returns the configured attributes whose values are not known
// yet.
func unknownAttributes(config machineObject) machine.Attributes {
	unknown := machine.Attributes{}
	for name, value := range config.inputs() {
		unknown.AddIf(name, value.IsUnknown())
	}
	return unknown
}

// planExisting plans a change, a replacement or the completion of an existing
// machine. unknown holds the configured attributes that are not known yet.
func planExisting(ctx context.Context, s *session.Session, plan, prior machineObject, unknown machine.Attributes, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	pending := tf.IsPending(ctx, req.Private, &resp.Diagnostics)
	unready := tf.IsUnready(ctx, req.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(checkBareRAM(ctx, s, plan, prior)...)
	resp.Diagnostics.Append(keepEquivalent(ctx, s, plan, prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.shared().Deployment = s.PlannedDeployment(prior.shared().Deployment)
	changes := plan.changes(prior)
	// The plan shows "unknown" both for a new address and for an unset one; only
	// the configuration distinguishes them.
	changes.AddIf("private_ip", unknown.Has("private_ip"))
	for attribute, at := range map[string]path.Path{"image": path.Root("image"), "datacenter": path.Root("datacenter"), "release": rollout.Path()} {
		if changes.Has(attribute) {
			resp.RequiresReplace = append(resp.RequiresReplace, at)
		}
	}
	if !changes.Replace() {
		s.Planned.KeepServer(prior.spec().Kind(), prior.spec().Name, prior.addresses()...)
		resp.Diagnostics.Append(tf.Diagnostics(machine.RecheckPlanned(ctx, s))...)
	}
	switch {
	case changes.Replace():
		resp.Diagnostics.Append(tf.Diagnostics(s.MayChange("replace " + prior.spec().String()))...)
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

// checkBareRAM returns an error about a new RAM size that can be read in two ways,
// even if GoGrid would read it as the size that the server has. It returns nil if the
// size is the prior one.
func checkBareRAM(ctx context.Context, s *session.Session, plan, prior machineObject) diag.Diagnostics {
	var diags diag.Diagnostics
	old := prior.options()
	for i, option := range plan.options() {
		if option.Lookup == client.LookupServerRAM && s.Configured() && tf.IsSet(*option.Value) && !option.Value.Equal(*old[i].Value) {
			diags.Append(tf.Diagnostics(machine.CheckBareRAM(ctx, s, path.Root(option.Name), option.Value.ValueString()))...)
		}
	}
	return diags
}

// resumedCreation returns the warning that the apply will complete an interrupted
// create.
func resumedCreation(prior machineObject) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Creation was interrupted: "+machine.Describe(prior.shared().reference()),
		"An earlier apply was stopped before the object was ready. This apply waits for it and completes it; nothing is created twice.")
}

// notReadyYet returns the warning that the apply will wait again for a server
// that an earlier apply changed and that did not become ready.
func notReadyYet(prior machineObject) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Not ready yet: "+machine.Describe(prior.shared().reference()),
		"An earlier apply changed the server and ended before the server was ready. This apply waits until the server is ready; nothing is created again.")
}

// keepEquivalent applies semantic equality to image and options: a value that means
// the same as before is set back to its prior form. Terraform accepts the prior
// value as the planned one, so the plan shows no change.
func keepEquivalent(ctx context.Context, s *session.Session, plan, prior machineObject) diag.Diagnostics {
	var diags diag.Diagnostics
	before, planned := prior.shared(), plan.shared()
	if tf.IsSet(planned.Image) && !planned.Image.Equal(before.Image) {
		same, err := sameImage(ctx, s, *before, planned.Image.ValueString())
		switch {
		case err != nil:
			diags.Append(tf.AttributeFailure(path.Root("image"), "look up the image", err))
		case same:
			planned.Image = before.Image
		}
	}
	old := prior.options()
	for i, option := range plan.options() {
		diags.Append(tf.Diagnostics(machine.KeepOption(ctx, s, option, *old[i].Value))...)
	}
	return diags
}

// sameImage reports whether an id or a name refers to the image that a machine
// was created from. While the provider's configuration is unknown, sameImage
// cannot look up the image, and returns true if a name replaces an id.
func sameImage(ctx context.Context, s *session.Session, prior machineModel, reference string) (bool, error) {
	if reference == prior.ImageID.ValueString() || strings.EqualFold(reference, prior.Image.ValueString()) {
		return true, nil
	}
	if !s.Configured() {
		return !tf.IsNumber(reference) && tf.IsNumber(prior.Image.ValueString()), nil
	}
	image, err := s.Client.Snapshot.Image(ctx, reference)
	return image != nil && tf.IDText(image.ID).Equal(prior.ImageID), err
}

// checkChange reports problems of an update in place at plan time.
func checkChange(ctx context.Context, s *session.Session, plan, prior machineObject, changes machine.Attributes) diag.Diagnostics {
	if !s.Configured() || s.Destroys {
		return nil
	}
	diags := tf.Diagnostics(s.MayChange("change " + prior.spec().String()))
	diags.Append(checkOwnedServer(ctx, s, "change "+prior.spec().String(), prior)...)
	if changes.Has("description") || changes.Has("deployment") {
		diags.Append(tf.Diagnostics(machine.CheckTaggedDescription(s, plan.shared().Description.ValueString(), ""))...)
	}
	spec := plan.spec()
	if changes.Has("ram") && spec.RAM != "" {
		image, err := s.Client.Snapshot.Image(ctx, prior.shared().ImageID.ValueString())
		if err != nil {
			image = nil // CheckRAM can check the size without the image
		}
		diags.Append(tf.Diagnostics(machine.CheckRAM(ctx, s, spec.PathTo("ram"), spec.RAM, image))...)
	}
	if changes.Has("type") && spec.Type != "" {
		diags.Append(tf.Diagnostics(machine.CheckOption(ctx, s, spec.PathTo("type"), client.LookupServerType, spec.Type))...)
	}
	return diags
}
