// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/build"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var (
	_ resource.ResourceWithConfigure    = (*myGSIImageResource)(nil)
	_ resource.ResourceWithIdentity     = (*myGSIImageResource)(nil)
	_ resource.ResourceWithImportState  = (*myGSIImageResource)(nil)
	_ resource.ResourceWithModifyPlan   = (*myGSIImageResource)(nil)
	_ resource.ResourceWithUpgradeState = (*myGSIImageResource)(nil)
)

// defaultSaveTimeout bounds the time that GoGrid may take to save an image.
// Users reported 15 to 20 minutes for a Windows image of 4 GB. Larger images
// take longer.
const defaultSaveTimeout = 90 * time.Minute

// ownerGoGrid is the customer id of GoGrid, which owns the base images.
// Recorded API responses contain this value.
const ownerGoGrid = -1

// noImageID is the identity of a failed build that left a sandbox but no image.
// Terraform rejects an identity without a value.
const noImageID = ""

type myGSIImageResource struct {
	tf.ResourceRules

	session *session.Session
}

// NewMyGSIImageResource returns the resource gogrid_mygsi_image.
func NewMyGSIImageResource() resource.Resource { return &myGSIImageResource{} }

func (r *myGSIImageResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_mygsi_image"
}

func (r *myGSIImageResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = myGSIImageSchema(ctx)
}

// UpgradeState removes the values of prepare.files[].content from states of version 0.
func (r *myGSIImageResource) UpgradeState(ctx context.Context) map[int64]resource.StateUpgrader {
	return tf.DropWriteOnly(myGSIImageSchema(ctx))
}

func (r *myGSIImageResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tf.IDIdentity("image")
}

func (r *myGSIImageResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session = session.From(req.ProviderData, &resp.Diagnostics)
}

// Create builds the image, saves its id in the state, waits until the image is
// available, and saves all attributes.
func (r *myGSIImageResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan myGSIImageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	limit, diags := plan.createLimit(ctx)
	resp.Diagnostics.Append(diags...)
	if !r.session.Configured() {
		resp.Diagnostics.Append(r.session.NotKnown(fmt.Sprintf("save image %q", plan.FriendlyName.ValueString())))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	bounded, cancel := r.session.Limit(ctx, limit)
	defer cancel()

	// Read the build inputs, which must still match the plan.
	b, diags := newBuild(bounded, r.session, &plan, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	// Prepare the sandbox and start saving it as an image. Clean up if no image
	// exists.
	image, diags := b.Begin(bounded)
	if image == nil {
		moreDiags, remains := b.Abandon(ctx, diags)
		resp.Diagnostics.Append(moreDiags...)
		if remains {
			plan.recordBuild(b)
			resp.Diagnostics.Append(tf.SaveStarted(ctx, req.Plan, &resp.State, &plan)...)
			resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), noImageID)...)
			resp.Diagnostics.Append(b.RecordSandbox(ctx, resp.Private)...)
		}
		return
	}

	// Save the id before waiting, so that a killed apply can be resumed.
	resp.Diagnostics.Append(diags...)
	plan.recordBuild(b)
	started := plan
	started.fill(*image)
	resp.Diagnostics.Append(tf.SaveStarted(ctx, req.Plan, &resp.State, &started)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), started.ID)...)
	resp.Diagnostics.Append(tf.SetPending(ctx, resp.Private)...)
	resp.Diagnostics.Append(b.RecordSandbox(ctx, resp.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}

	// Wait until the image is available, and verify it.
	saved, err := b.Finish(bounded, *image)
	switch {
	case err == nil:
		planned := plan
		plan.fill(*saved)
		plan.keepForecast(planned)
		resp.Diagnostics.Append(tf.SaveKnown(ctx, &resp.State, &plan)...)
		resp.Diagnostics.Append(tf.ClearPending(ctx, resp.Private)...)
		resp.Diagnostics.Append(build.ClearSandboxRecord(ctx, resp.Private)...)
	case ctx.Err() != nil:
		resp.Diagnostics.Append(b.Pause(ctx, *image)...)
	default:
		moreDiags, remains := b.Fail(ctx, *image, err)
		resp.Diagnostics.Append(moreDiags...)
		if !remains {
			resp.State.RemoveResource(ctx)
		}
	}
}

func (r *myGSIImageResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model myGSIImageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.session.Configured() {
		resp.Diagnostics.Append(tf.NotRefreshed(r.session.UnknownAttributes()))
		id := types.StringValue(model.ID.ValueString())
		resp.Diagnostics.Append(tf.KeepIdentity(ctx, resp, "id", id, id)...)
		return
	}
	if model.ID.IsNull() {
		r.readUnsaved(ctx, &model, req, resp)
		return
	}
	image, err := findImage(ctx, r.session, &model)
	switch {
	case client.IsUnproven(err):
		r.session.Refreshed(session.ImageKey(model.ID))
		resp.Diagnostics.Append(tf.Diagnostic(machine.NotRefreshed(fmt.Sprintf("image %q", model.FriendlyName.ValueString()), err)))
		resp.Diagnostics.Append(tf.KeepIdentity(ctx, resp, "id", model.ID, model.ID)...)
		return
	case machine.IsForeign(err):
		resp.Diagnostics.Append(tf.Diagnostic(machine.ForeignProblem("refresh the image", err)))
		return
	case err != nil:
		resp.Diagnostics.Append(tf.Failure(fmt.Sprintf("refresh image %q", model.FriendlyName.ValueString()), err))
		return
	case image != nil && image.Owner.ID == ownerGoGrid:
		resp.Diagnostics.AddError("This is no MyGSI image", tf.Sentence(fmt.Sprintf("%s belongs to GoGrid and cannot be managed. Use data.gogrid_image to look it up", build.Describe(*image))))
		return
	case build.IsTrashed(image):
		if image != nil {
			resp.Diagnostics.AddWarning(tf.Capitalised(build.Describe(*image))+" is in the trash",
				fmt.Sprintf("The image was deleted outside Terraform, so the plan creates a new one. To keep the old image instead, restore it before the next apply: "+
					"in the GoGrid portal, or on a simulated grid with: gogrid-simulator call grid.image.restore id=%d", image.ID))
		}
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(tf.KeepIdentity(ctx, resp, "id", model.ID, model.ID)...)
		return
	}
	before := model
	taken := machine.CheckOwner(r.session, build.Describe(*image), model.Deployment, image.Description)
	model.fill(*image)
	if taken != nil {
		model.Deployment = before.Deployment
		resp.Diagnostics.Append(tf.Diagnostic(machine.KeepRecorded(taken)))
	}
	r.session.Refreshed(session.ImageKey(model.ID))
	resp.Diagnostics.Append(tf.SaveRefreshed(ctx, &resp.State, &before, &model)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), model.ID)...)
}

// readUnsaved refreshes a failed build that left a sandbox and no image. It removes
// the resource from the state once the sandbox is gone.
func (r *myGSIImageResource) readUnsaved(ctx context.Context, model *myGSIImageModel, req resource.ReadRequest, resp *resource.ReadResponse) {
	sandbox, diags := model.unfinishedSandbox(ctx, r.session, req.Private)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	if sandbox == nil {
		resp.State.RemoveResource(ctx)
	}
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), noImageID)...)
}

func (r *myGSIImageResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior myGSIImageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	pending := tf.IsPending(ctx, req.Private, &resp.Diagnostics)
	limit, diags := plan.Timeouts.Update(ctx, session.DefaultUpdateTimeout)
	if pending {
		limit, diags = plan.createLimit(ctx)
	}
	resp.Diagnostics.Append(diags...)
	if !r.session.Configured() {
		resp.Diagnostics.Append(r.session.NotKnown(fmt.Sprintf("update image %q", prior.FriendlyName.ValueString())))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.Phase.BeginApply()
	bounded, cancel := r.session.Limit(ctx, limit)
	defer cancel()

	image, diags := r.change(ctx, bounded, &plan, prior, pending, req.Config)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	if image != nil {
		deployment := plan.Deployment
		plan.fill(*image)
		if tf.IsSet(deployment) {
			plan.Deployment = deployment
		}
	}
	resp.Diagnostics.Append(tf.SaveKnown(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), plan.ID)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(tf.ClearPending(ctx, resp.Private)...)
		resp.Diagnostics.Append(build.ClearSandboxRecord(ctx, resp.Private)...)
	}
}

// change edits an existing image according to the plan, or continues an interrupted
// create. It returns a nil image without an error if the grid needs no change.
func (r *myGSIImageResource) change(ctx, bounded context.Context, plan *myGSIImageModel, prior myGSIImageModel, pending bool, config tfsdk.Config) (*client.Image, diag.Diagnostics) {
	action := fmt.Sprintf("update image %q", prior.FriendlyName.ValueString())
	switch {
	case pending:
		return resumeBuild(ctx, bounded, r.session, plan, prior, config)
	case !plan.gridValuesChanged(prior):
		return nil, nil
	}
	image, err := findOwnedImage(bounded, r.session, &prior)
	if err == nil && image == nil {
		err = errImageGone
	}
	if err == nil {
		image, err = build.Edit(bounded, r.session, plan.request(), *image)
	}
	if machine.IsForeign(err) {
		return nil, diag.Diagnostics{tf.Diagnostic(machine.ForeignProblem(action, err))}
	}
	if err != nil {
		return nil, diag.Diagnostics{tf.Failure(action, err)}
	}
	return image, nil
}

var errImageGone = errors.New("it is no longer on the grid; run plan and apply again to create a new image")

// resumeBuild completes an interrupted create. It uses the build key from the
// prior state, because the tags on the grid contain that key.
func resumeBuild(ctx, bounded context.Context, s *session.Session, plan *myGSIImageModel, prior myGSIImageModel, config tfsdk.Config) (*client.Image, diag.Diagnostics) {
	b, diags := newBuild(bounded, s, plan, config)
	if diags.HasError() {
		return nil, diags
	}
	b.Rekey(prior.buildKey())
	image, err := findOwnedImage(bounded, s, &prior)
	if err == nil && image == nil {
		err = errImageGone
	}
	if err != nil {
		diags.Append(tf.Failure(fmt.Sprintf("continue the build of image %q", plan.FriendlyName.ValueString()), err))
		return nil, diags
	}
	saved, err := b.Finish(bounded, *image)
	switch {
	case err == nil:
		plan.recordBuild(b)
		return saved, diags
	case ctx.Err() != nil:
		diags.Append(b.Pause(ctx, *image)...)
		diags.Append(tf.Failure("continue the build of "+build.Describe(*image), ctx.Err()))
		return nil, diags
	default:
		moreDiags, _ := b.Fail(ctx, *image, err)
		diags.Append(moreDiags...)
		return nil, diags
	}
}

func (r *myGSIImageResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var prior myGSIImageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	limit, diags := prior.Timeouts.Delete(ctx, session.DefaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.session.Configured() {
		resp.Diagnostics.Append(r.session.NotKnown("delete the image"))
		return
	}
	r.session.Phase.BeginApply()
	bounded, cancel := r.session.Limit(ctx, limit)
	defer cancel()

	// Move the image to the trash.
	if !prior.ID.IsNull() {
		resp.Diagnostics.Append(deleteImage(bounded, r.session, &prior)...)
	}

	// Delete the sandbox that an unfinished build left.
	sandbox, diags := prior.unfinishedSandbox(bounded, r.session, req.Private)
	resp.Diagnostics.Append(diags...)
	if sandbox == nil {
		return
	}
	if err := machine.Delete(bounded, r.session, *sandbox); err != nil {
		resp.Diagnostics.Append(tf.Failure("delete "+machine.Describe(*sandbox)+", which an unfinished build has left", err))
	}
}

// deleteImage moves the image of a state to the trash. It keeps the image if the
// replacement has adopted it.
func deleteImage(ctx context.Context, s *session.Session, prior *myGSIImageModel) diag.Diagnostics {
	var diags diag.Diagnostics
	image, err := findOwnedImage(ctx, s, prior)
	switch {
	case machine.IsForeign(err):
		diags.Append(tf.Diagnostic(machine.ForeignProblem(fmt.Sprintf("delete image %q", prior.FriendlyName.ValueString()), err)))
	case err != nil:
		diags.Append(tf.Failure(fmt.Sprintf("look up image %q", prior.FriendlyName.ValueString()), err))
	case build.IsTrashed(image):
	case !s.Known.TryDelete("image", prior.ID.ValueString()):
		diags.AddWarning("Did not delete "+build.Describe(*image),
			"The replacement has adopted this image, because the image was made from the same inputs and carries this deployment's tag. The state of the replacement now has it.")
	default:
		if err := build.Trash(ctx, s, *image); err != nil {
			diags.Append(tf.Failure("delete "+build.Describe(*image), err))
		}
	}
	return diags
}

func (r *myGSIImageResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	tf.ImportByID(ctx, "id", req, resp)
}
