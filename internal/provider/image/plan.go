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
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// ModifyPlan says what is wrong with a plan before the first call that costs
// something, takes the digest of what the image is prepared with, and lets an
// update go on with a creation that was cut short.
func (r *myGSIImageResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.session == nil {
		return
	}
	var plan, prior myGSIImageModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
		r.session.Known.See(session.ImageKey(prior.ID))
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.session.MayChange("delete image " + prior.FriendlyName.ValueString())...)
		resp.Diagnostics.Append(checkOwnedImage(ctx, r.session, "delete image "+prior.FriendlyName.ValueString(), &prior)...)
		resp.Diagnostics.Append(r.session.CheckMoved("image", prior.FriendlyName.ValueString(), false)...)
		return
	}
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

// planRecipe plans what the recipe tells of itself.
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
		m.HostKey = types.StringNull() // nobody logs in
	}
}

// planExisting plans an image that is there, or is on the way.
func (r *myGSIImageResource) planExisting(ctx context.Context, plan, prior *myGSIImageModel, recipe *prepare.Recipe, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s := r.session
	pending := tf.IsPending(ctx, req.Private, &resp.Diagnostics)
	plan.HostKey = prior.HostKey
	plan.Deployment = s.PlannedDeployment(prior.Deployment)
	replace, diags := replacesImage(ctx, s, plan, prior)
	resp.Diagnostics.Append(diags...)
	if prior.ID.IsNull() { // a failed build that somebody has untainted: there is no image
		plan.ID = types.StringUnknown()
		replace = append(replace, path.Root("id"))
	}
	resp.RequiresReplace = append(resp.RequiresReplace, replace...)
	switch {
	case len(replace) > 0 || plan.replacedByAttribute(prior):
		// Terraform drops the warnings of the creation that follows.
		resp.Diagnostics.Append(warnAboutBuild(ctx, s, plan, recipe)...)
	case pending:
		resp.Diagnostics.Append(resumeWarning(prior))
		plan.markUnfinishedUnknown()
	case plan.gridValuesChanged(*prior):
		resp.Diagnostics.Append(s.MayChange("change image " + prior.FriendlyName.ValueString())...)
		resp.Diagnostics.Append(checkOwnedImage(ctx, s, "change image "+prior.FriendlyName.ValueString(), prior)...)
		resp.Diagnostics.Append(machine.CheckTaggedDescription(s, plan.Description.ValueString(), plan.buildKey())...)
		plan.markComputedUnknown()
	}
}

// resumeWarning announces that the apply will go on with an interrupted creation.
func resumeWarning(prior *myGSIImageModel) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("Saving was interrupted: image %q (id %s)", prior.FriendlyName.ValueString(), prior.ID.ValueString()),
		"An earlier apply was stopped before the image was available. This apply waits for it; nothing is saved twice.")
}

// replacedByAttribute tells whether the image is replaced for an attribute
// whose plan modifier says so.
func (m *myGSIImageModel) replacedByAttribute(prior *myGSIImageModel) bool {
	return !prior.SandboxID.IsNull() && !m.SandboxID.Equal(prior.SandboxID) ||
		!prior.RebuildTriggers.IsNull() && !m.RebuildTriggers.Equal(prior.RebuildTriggers)
}

// replacesImage names what else makes another image. What had no value before, as
// after an import, is taken over instead.
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

// sameImages tells whether two references, ids or names, mean one image. While
// the grid cannot be asked, an id and a name pass for the same, as in
// sameOption.
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

// checkNewImage is what can be known of an image before it is made.
func checkNewImage(ctx context.Context, s *session.Session, plan *myGSIImageModel) diag.Diagnostics {
	if !s.Configured() || s.Destroys {
		return nil
	}
	diags := s.MayChange("save image " + plan.FriendlyName.ValueString())
	diags.Append(machine.CheckTaggedDescription(s, plan.Description.ValueString(), plan.buildKey())...)
	var base *client.Image
	switch {
	case tf.IsSet(plan.SandboxID):
		diags.Append(checkSandbox(ctx, s, plan.SandboxID)...)
	case tf.IsSet(plan.Build):
		var moreDiags diag.Diagnostics
		base, moreDiags = checkBuild(ctx, s, plan)
		diags.Append(moreDiags...)
	}
	diags.Append(checkVerify(ctx, s, plan, base)...)
	return diags
}

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

// checkBuild is what can be known of the sandbox of a build before it is made.
// It returns the image that the sandbox is made from, where that is known.
func checkBuild(ctx context.Context, s *session.Session, plan *myGSIImageModel) (*client.Image, diag.Diagnostics) {
	block, diags := plan.buildBlock(ctx)
	spec, moreDiags := plan.buildSpec(ctx)
	diags.Append(moreDiags...)
	if diags.HasError() {
		return nil, diags
	}
	unknown := machine.Attributes{}
	unknown.AddIf("datacenter", block.Datacenter.IsUnknown())
	// Another image of the same plan comes first, and frees what it was built at.
	unknown.AddIf("public_ip", block.PublicIP.IsUnknown() || block.Image.IsUnknown() && spec.PublicIP == "")
	var image *client.Image
	if !block.Image.IsUnknown() {
		image, moreDiags = machine.CheckImage(ctx, s, spec.PathTo("image"), spec.Image)
		diags.Append(moreDiags...)
	}
	if plan.keyKnown(block) {
		diags.Append(build.WarnAbandoned(ctx, s, plan.FriendlyName.ValueString(), plan.buildKey())...)
	}
	if !plan.keyKnown(block) {
		spec.Name = ""
	} else if build.HasUnfinishedSandbox(ctx, s, spec, plan.buildKey()) {
		return image, diags // it is taken over or deleted first, and its address with it
	}
	_, moreDiags = machine.CheckPlace(ctx, s, spec, unknown, image)
	diags.Append(moreDiags...)
	return image, diags
}

// keyKnown tells whether the key of a build is final.
func (m *myGSIImageModel) keyKnown(block prepare.BuildModel) bool {
	return !m.FriendlyName.IsUnknown() && !block.Image.IsUnknown() && !m.PreparedDigest.IsUnknown() && allKnown(m.RebuildTriggers)
}

// allKnown tells whether a map and all that is in it is known.
func allKnown(values types.Map) bool {
	for _, value := range values.Elements() {
		if value.IsUnknown() {
			return false
		}
	}
	return !values.IsUnknown()
}

// checkVerify is what can be known of the server that verifies the image. A
// new image needs what the one needs that its sandbox is made from.
func checkVerify(ctx context.Context, s *session.Session, plan *myGSIImageModel, base *client.Image) diag.Diagnostics {
	verification, diags := plan.verification(ctx)
	if verification != nil && verification.RAM != "" {
		diags.Append(machine.CheckRAM(ctx, s, path.Root("verify").AtName("ram"), verification.RAM, base)...)
	}
	return diags
}

// warnAboutBuild warns once about what the new image loses and about the steps that a
// person must do. It returns an error if the build needs a login and the grid
// offers none.
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
		diags.Append(recipe.Lost()...)
	}
	return diags
}

// warnAboutManualSteps says what is to be done by hand, and when.
func warnAboutManualSteps(ctx context.Context, plan *myGSIImageModel) diag.Diagnostics {
	block, diags := plan.buildBlock(ctx)
	limit, moreDiags := plan.createLimit(ctx)
	diags.Append(moreDiags...)
	which, start := "the sandbox that sandbox_id names", "Once the apply runs"
	if plan.hasBuildBlock() {
		which, start = "a sandbox that this apply makes", "As soon as the sandbox is on, some ten minutes after the apply has begun"
		if plan.keyKnown(block) {
			which = fmt.Sprintf("sandbox %q, which this apply makes", machine.BuildName(plan.buildKey()))
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
			"GoGrid's portal showed the address and the password, and could switch the sandbox off. On a simulated grid \"gogrid-simulator passwords\" prints address and password, and "+
			"\"gogrid-simulator call grid.server.power server=NAME power=stop\" switches the sandbox off.", which, start, limit))
	return diags
}
