// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/build"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// ModifyPlan reports errors at plan time, before a call costs money. It plans
// the digest of the recipe, and plans an update that continues an interrupted
// create.
func (r *myGSIImageResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.session == nil {
		return
	}
	var plan, prior myGSIImageModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
		r.session.Known.See(session.ImageKey(prior.ID))
	}
	// The plan is a destroy: check that the image may be deleted.
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(tf.Diagnostics(r.session.MayChange("delete image " + prior.FriendlyName.ValueString()))...)
		resp.Diagnostics.Append(checkOwnedImage(ctx, r.session, "delete image "+prior.FriendlyName.ValueString(), &prior)...)
		resp.Diagnostics.Append(r.session.CheckMoved("image", prior.FriendlyName.ValueString(), false)...)
		return
	}
	// Read the recipe and its files, and plan the digest.
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	recipe, diags := prepare.Read(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.planRecipe(recipe)
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(checkNewImage(ctx, r.session, &plan)...)
		if !plan.FriendlyName.IsUnknown() {
			resp.Diagnostics.Append(r.session.CheckMoved("image", plan.FriendlyName.ValueString(), true)...)
		}
		resp.Diagnostics.Append(warnAboutBuild(ctx, r.session, &plan, recipe)...)
	} else {
		r.planExisting(ctx, &plan, &prior, recipe, req, resp)
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
}

// planRecipe plans the attributes that depend on the recipe. recipe is nil if there
// is no prepare block.
func (m *myGSIImageModel) planRecipe(recipe *prepare.Recipe) {
	switch {
	case recipe == nil:
		m.PreparedDigest, m.PreparedFiles = types.StringNull(), types.MapNull(types.StringType)
	case recipe.Digest == "":
		m.PreparedDigest, m.PreparedFiles = types.StringUnknown(), types.MapUnknown(types.StringType)
	default:
		m.PreparedDigest, m.PreparedFiles = types.StringValue(recipe.Digest), types.MapValueMust(types.StringType, recipe.Sources())
	}
	if recipe == nil || recipe.Manual {
		m.HostKey = types.StringNull() // the provider does not log in
	}
}

// planExisting plans an image that the state has, including an unfinished
// image.
func (r *myGSIImageResource) planExisting(ctx context.Context, plan, prior *myGSIImageModel, recipe *prepare.Recipe, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s := r.session
	pending := tf.IsPending(ctx, req.Private, &resp.Diagnostics)
	plan.HostKey = prior.HostKey
	if plan.PreparedDigest.Equal(prior.PreparedDigest) {
		plan.PreparedFiles = prior.PreparedFiles // the same contents, perhaps under different names
	}
	plan.Deployment = s.PlannedDeployment(prior.Deployment)
	replace, diags := replacesImage(ctx, s, plan, prior)
	resp.Diagnostics.Append(diags...)
	if prior.ID.IsNull() { // the build failed without an image, and the user untainted it
		plan.ID = types.StringUnknown()
		replace = append(replace, path.Root("id"))
	}
	resp.RequiresReplace = append(resp.RequiresReplace, replace...)
	switch {
	case len(replace) > 0 || plan.replacedByAttribute(prior):
		// Warn here, because Terraform drops the warnings from the plan of the
		// new image.
		resp.Diagnostics.Append(warnAboutBuild(ctx, s, plan, recipe)...)
	case pending:
		resp.Diagnostics.Append(resumeWarning(prior))
		plan.markUnfinishedUnknown()
	case plan.gridValuesChanged(*prior):
		resp.Diagnostics.Append(tf.Diagnostics(s.MayChange("change image " + prior.FriendlyName.ValueString()))...)
		resp.Diagnostics.Append(checkOwnedImage(ctx, s, "change image "+prior.FriendlyName.ValueString(), prior)...)
		resp.Diagnostics.Append(tf.Diagnostics(machine.CheckTaggedDescription(s, plan.Description.ValueString(), plan.buildKey()))...)
		plan.markComputedUnknown()
	}
}

// resumeWarning returns the warning that the apply continues an interrupted create.
func resumeWarning(prior *myGSIImageModel) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("Saving was interrupted: image %q (id %s)", prior.FriendlyName.ValueString(), prior.ID.ValueString()),
		"An earlier apply stopped before the image was available. This apply waits for the image; nothing is saved twice.")
}

// replacedByAttribute reports whether an attribute changes whose plan modifier
// replaces the image.
func (m *myGSIImageModel) replacedByAttribute(prior *myGSIImageModel) bool {
	return !prior.SandboxID.IsNull() && !m.SandboxID.Equal(prior.SandboxID) ||
		!prior.RebuildTriggers.IsNull() && !m.RebuildTriggers.Equal(prior.RebuildTriggers)
}

// replacesImage returns the paths of the other changed attributes that replace
// the image. An attribute without a value in the state, as after an import, can
// be set without a replacement.
func replacesImage(ctx context.Context, s *session.Session, plan, prior *myGSIImageModel) ([]path.Path, diag.Diagnostics) {
	var paths []path.Path
	if !prior.PreparedDigest.IsNull() && !plan.PreparedDigest.Equal(prior.PreparedDigest) {
		paths = append(paths, path.Root("prepared_digest"))
	}
	if !prior.hasBuildBlock() {
		return paths, nil
	}
	if !tf.IsSet(plan.Build) {
		return append(paths, path.Root("build")), nil
	}
	at := path.Root("build").AtName("image")
	before, diags := prior.buildBlock(ctx)
	current, moreDiags := plan.buildBlock(ctx)
	diags.Append(moreDiags...)
	if before.Image.Equal(current.Image) {
		return paths, diags
	}
	if tf.IsSet(current.Image) {
		same, err := sameImages(ctx, s, before.Image.ValueString(), current.Image.ValueString())
		if err != nil {
			diags.Append(tf.AttributeFailure(at, "look up the image", err))
		}
		if same || err != nil {
			return paths, diags
		}
	}
	return append(paths, at), diags
}

// sameImages reports whether two references, ids or names, mean the same image. If
// the provider is not configured yet, an id and a name count as the same image.
func sameImages(ctx context.Context, s *session.Session, a, b string) (bool, error) {
	switch {
	case strings.EqualFold(a, b):
		return true, nil
	case !s.Configured():
		return tf.IsNumber(a) != tf.IsNumber(b), nil
	}
	first, err := s.Client.Snapshot.Image(ctx, a)
	if err != nil || first == nil {
		return false, err
	}
	return machine.ImageMatches(*first, b), nil
}

// checkNewImage checks everything about a new image that a plan can check, and sets
// the planned attributes that it has looked up. It does nothing if the provider is not
// configured yet or the plan destroys everything.
func checkNewImage(ctx context.Context, s *session.Session, plan *myGSIImageModel) diag.Diagnostics {
	if !s.Configured() || s.Destroys {
		return nil
	}
	if s.Deployment != "" {
		plan.Deployment = s.PlannedDeployment(plan.Deployment)
	}
	diags := tf.Diagnostics(s.MayChange("save image " + plan.FriendlyName.ValueString()))
	diags.Append(tf.Diagnostics(machine.CheckTaggedDescription(s, plan.Description.ValueString(), plan.buildKey()))...)
	var base *client.Image
	switch {
	case tf.IsSet(plan.SandboxID):
		diags.Append(checkSandbox(ctx, s, plan.SandboxID)...)
	case tf.IsSet(plan.Build):
		var moreDiags diag.Diagnostics
		base, moreDiags = checkBuild(ctx, s, plan)
		diags.Append(moreDiags...)
		plan.forecast(base)
	}
	diags.Append(checkVerify(ctx, s, plan, base)...)
	return diags
}

// checkSandbox returns an error if no server has the id, and a warning if the server
// is not a sandbox.
func checkSandbox(ctx context.Context, s *session.Session, id types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	sandbox, err := s.Client.Snapshot.Server(ctx, tf.ServerID(id))
	switch {
	case err != nil:
		diags.Append(tf.AttributeFailure(path.Root("sandbox_id"), "look up the sandbox", err))
	case sandbox == nil:
		diags.Append(build.NoSandbox(id.ValueString()))
	case !sandbox.IsSandbox:
		diags.AddAttributeWarning(path.Root("sandbox_id"), fmt.Sprintf("%s is no sandbox", tf.Capitalised(machine.Describe(*sandbox))),
			"Until March 2011 GoGrid saved only sandboxes as images and refused any other server.")
	}
	return diags
}

// checkBuild returns the errors that a plan can find for a build's sandbox. It
// also returns the image that the sandbox is made from, or nil if the image is
// unknown.
func checkBuild(ctx context.Context, s *session.Session, plan *myGSIImageModel) (*client.Image, diag.Diagnostics) {
	block, diags := plan.buildBlock(ctx)
	spec, moreDiags := plan.buildSpec(ctx)
	diags.Append(moreDiags...)
	if diags.HasError() {
		return nil, diags
	}
	// Collect the attributes whose values are not known yet.
	unknown := machine.Attributes{}
	unknown.AddIf("datacenter", block.Datacenter.IsUnknown())
	// If the base image is unknown, the same plan builds it first and frees the
	// address of its sandbox.
	unknown.AddIf("public_ip", block.PublicIP.IsUnknown() || block.Image.IsUnknown() && spec.PublicIP == "")
	// Look up the base image.
	var image *client.Image
	if !block.Image.IsUnknown() {
		var problems report.List
		image, problems = machine.CheckImage(ctx, s, spec.PathTo("image"), spec.Image)
		diags.Append(tf.Diagnostics(problems)...)
	}
	if plan.keyKnown(block) {
		diags.Append(build.WarnAbandoned(ctx, s, plan.FriendlyName.ValueString(), plan.buildKey())...)
	}
	if !plan.keyKnown(block) {
		spec.Name = ""
	} else if build.HasUnfinishedSandbox(ctx, s, spec, plan.buildKey()) {
		return image, diags // the apply adopts or deletes that sandbox, so the plan need not check its address
	}
	// Check the datacenter and the address of the new sandbox.
	_, problems := machine.CheckPlace(ctx, s, spec, unknown, image)
	diags.Append(tf.Diagnostics(problems)...)
	return image, diags
}

// keyKnown reports whether all inputs of the build key are known.
func (m *myGSIImageModel) keyKnown(block prepare.BuildModel) bool {
	return !m.FriendlyName.IsUnknown() && !block.Image.IsUnknown() && !m.PreparedDigest.IsUnknown() && allKnown(m.RebuildTriggers)
}

// allKnown reports whether a map and all its elements are known.
func allKnown(values types.Map) bool {
	for _, value := range values.Elements() {
		if value.IsUnknown() {
			return false
		}
	}
	return !values.IsUnknown()
}

// checkVerify returns the errors that a plan can find for the verifying server.
// base is the image of the sandbox, or nil: the new image needs as much RAM as
// base.
func checkVerify(ctx context.Context, s *session.Session, plan *myGSIImageModel, base *client.Image) diag.Diagnostics {
	verification, diags := plan.verification(ctx)
	if verification != nil && verification.RAM != "" {
		diags.Append(tf.Diagnostics(machine.CheckRAM(ctx, s, path.Root("verify").AtName("ram"), verification.RAM, base))...)
	}
	return diags
}

// warnAboutBuild warns about settings that do not survive the prep step, about
// commands that restart the server and about manual steps. It warns once for each
// build. It returns an error if the build needs a login, but the servers of the grid
// accept no logins.
func warnAboutBuild(ctx context.Context, s *session.Session, plan *myGSIImageModel, recipe *prepare.Recipe) diag.Diagnostics {
	var diags diag.Diagnostics
	if !s.Destroys {
		diags.Append(checkLogin(s, plan, recipe)...)
	}
	switch {
	case recipe == nil || !s.Phase.FirstTime("announced/"+plan.buildKey()):
	case recipe.Manual:
		diags.Append(warnAboutManualSteps(ctx, plan)...)
	default:
		diags.Append(recipe.PrepWarnings()...)
		diags.Append(prepare.RestartWarnings(recipe.AllSteps())...)
	}
	verification, moreDiags := plan.verification(ctx)
	diags.Append(moreDiags...)
	if verification != nil && s.Phase.FirstTime("verification/"+plan.buildKey()) {
		diags.Append(prepare.RestartWarnings(verification.Steps)...)
	}
	return diags
}

// warnAboutManualSteps returns a warning that lists the manual steps of a build and
// when to do them.
func warnAboutManualSteps(ctx context.Context, plan *myGSIImageModel) diag.Diagnostics {
	block, diags := plan.buildBlock(ctx)
	limit, moreDiags := plan.createLimit(ctx)
	diags.Append(moreDiags...)
	which, start := "the sandbox that sandbox_id names", "Once the apply runs"
	if plan.hasBuildBlock() {
		which, start = "a sandbox that this apply creates", "Once the sandbox is on, about ten minutes after the apply starts"
		if plan.keyKnown(block) {
			which = fmt.Sprintf("sandbox %q, which this apply creates", machine.BuildName(plan.buildKey()))
		}
		if tf.IsSet(block.PublicIP) {
			which += " at " + block.PublicIP.ValueString()
		}
		_, bound, moreDiags := plan.buildOptions(ctx)
		diags.Append(moreDiags...)
		limit = min(limit, bound)
	}
	diags.AddAttributeWarning(path.Root("prepare").AtName("mode"), fmt.Sprintf("Image %q waits until a person prepares its sandbox", plan.FriendlyName.ValueString()),
		fmt.Sprintf("The image is saved from %s. %s, log in to it over Remote Desktop or SSH, prepare it, run the prep step, and switch it off. "+
			"The apply waits until the sandbox is off, for at most %s, and then saves it.\n\n"+
			"GoGrid's portal showed the address and the password, and could switch the sandbox off. On a simulated grid \"gogrid-simulator passwords\" prints the address and the password, and "+
			"\"gogrid-simulator call grid.server.power server=NAME power=stop\" switches the sandbox off.", which, start, limit))
	return diags
}
