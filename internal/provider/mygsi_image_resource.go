// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

var (
	_ resource.ResourceWithConfigure   = (*myGSIImageResource)(nil)
	_ resource.ResourceWithIdentity    = (*myGSIImageResource)(nil)
	_ resource.ResourceWithImportState = (*myGSIImageResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*myGSIImageResource)(nil)
)

// defaultSaveTimeout bounds a save: users reported 15 to 20 minutes for a
// Windows image of 4 GB, and larger ones take longer.
const defaultSaveTimeout = 90 * time.Minute

// ownerGoGrid is the customer id that owns the base images, as recorded
// answers show it.
const ownerGoGrid = -1

type myGSIImageResource struct{ session *session }

// NewMyGSIImageResource returns the resource gogrid_mygsi_image.
func NewMyGSIImageResource() resource.Resource { return &myGSIImageResource{} }

func (r *myGSIImageResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_mygsi_image"
}

func (r *myGSIImageResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = myGSIImageSchema(ctx)
}

func (r *myGSIImageResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = idIdentity("image")
}

func (r *myGSIImageResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session = sessionFrom(req.ProviderData, &resp.Diagnostics)
}

// Create saves the sandbox: look, save, save what is known, wait, read back,
// save.
func (r *myGSIImageResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan myGSIImageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	limit, diags := plan.Timeouts.Create(ctx, defaultSaveTimeout)
	resp.Diagnostics.Append(diags...)
	if !r.session.known() {
		resp.Diagnostics.Append(r.session.notKnown(fmt.Sprintf("save image %q", plan.FriendlyName.ValueString())))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	image, diags := r.session.saveImage(bounded, &plan)
	resp.Diagnostics.Append(diags...)
	if image == nil {
		return
	}
	told := plan
	told.fill(*image)
	resp.Diagnostics.Append(saveStarted(ctx, req.Plan, &resp.State, &told)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), told.ID)...)
	resp.Diagnostics.Append(setPending(ctx, resp.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}

	saved, err := r.session.finishImage(bounded, &plan, *image)
	switch {
	case err == nil:
		plan.fill(*saved)
		resp.Diagnostics.Append(saveKnown(ctx, &resp.State, &plan)...)
		resp.Diagnostics.Append(clearPending(ctx, resp.Private)...)
	case ctx.Err() != nil:
		resp.Diagnostics.Append(interrupted(describeImage(*image)))
	case errors.Is(err, errNotSaved):
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.AddError(fmt.Sprintf("Could not save image %q", plan.FriendlyName.ValueString()),
			explain(err)+"\n\nNothing is left of it. If the sandbox was busy, perhaps with a save that an interrupted apply began, run the same command again: what exists is looked up first.")
	default:
		resp.Diagnostics.AddError("Could not finish saving "+describeImage(*image), explain(err)+left(describeImage(*image)))
	}
}

// finishImage waits until an image is saved and gives it the name,
// description and visibility that the configuration asks for.
func (s *session) finishImage(ctx context.Context, wanted *myGSIImageModel, image client.Image) (*client.Image, error) {
	saved, err := s.awaitSaved(ctx, image)
	if err != nil {
		return saved, err
	}
	edited, err := s.editImage(ctx, wanted, *saved)
	if err != nil {
		return saved, err
	}
	return edited, nil
}

// editImage changes what differs, in one call; none when nothing does.
func (s *session) editImage(ctx context.Context, wanted *myGSIImageModel, image client.Image) (*client.Image, error) {
	var edit client.ImageEdit
	if name := wanted.FriendlyName.ValueString(); name != image.FriendlyName {
		edit.FriendlyName = &name
	}
	if public := wanted.IsPublic.ValueBool(); public != image.IsPublic {
		edit.Public = &public
	}
	edit.Description = changedDescription(wanted.Description, image.Description)
	if edit == (client.ImageEdit{}) {
		return &image, nil
	}
	var err error
	for range maxAddTries {
		var edited *client.Image
		edited, err = s.client.Images.Edit(context.WithoutCancel(ctx), image.ID, edit)
		if err == nil {
			return edited, nil
		}
		if !client.IsDoubtful(err) {
			break
		}
	}
	return nil, err
}

func (r *myGSIImageResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model myGSIImageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.session.known() {
		resp.Diagnostics.AddWarning("Not refreshed", r.session.unknownAttributes()+" The state is kept as it is.")
		resp.Diagnostics.Append(keepIdentity(ctx, resp, "id", model.ID, model.ID)...)
		return
	}
	image, err := r.session.client.Snapshot.Image(ctx, model.ID.ValueString())
	switch {
	case err != nil:
		resp.Diagnostics.Append(failure(fmt.Sprintf("refresh image %q", model.FriendlyName.ValueString()), err))
		return
	case image != nil && image.Owner.ID == ownerGoGrid:
		resp.Diagnostics.AddError("This is no MyGSI image", sentence(fmt.Sprintf("%s belongs to GoGrid. Use data.gogrid_image to look it up", describeImage(*image))))
		return
	case trashed(image):
		if image != nil {
			resp.Diagnostics.AddWarning(capitalised(describeImage(*image))+" is in the trash",
				"It was deleted outside Terraform and counts as gone; the plan makes a new one. To have the old one back instead, restore it in the GoGrid portal before the next apply.")
		}
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(keepIdentity(ctx, resp, "id", model.ID, model.ID)...)
		return
	}
	before := model
	model.fill(*image)
	r.session.ledger.refresh(imageKey(model.ID))
	resp.Diagnostics.Append(saveRefreshed(ctx, &resp.State, &before, &model)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), model.ID)...)
}

func (r *myGSIImageResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior myGSIImageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	pending := isPending(ctx, req.Private, &resp.Diagnostics)
	limit, diags := plan.Timeouts.Update(ctx, defaultUpdateTimeout)
	if pending {
		limit, diags = plan.Timeouts.Create(ctx, defaultSaveTimeout)
	}
	resp.Diagnostics.Append(diags...)
	if !r.session.known() {
		resp.Diagnostics.Append(r.session.notKnown(fmt.Sprintf("update image %q", prior.FriendlyName.ValueString())))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.ledger.begin()
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	if pending || plan.changed(prior) {
		image, err := r.session.changeImage(bounded, &plan, prior, pending)
		if err != nil {
			resp.Diagnostics.Append(failure(fmt.Sprintf("update image %q", prior.FriendlyName.ValueString()), err))
			return
		}
		plan.fill(*image)
	}
	resp.Diagnostics.Append(saveKnown(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), plan.ID)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(clearPending(ctx, resp.Private)...)
	}
}

func (s *session) changeImage(ctx context.Context, plan *myGSIImageModel, prior myGSIImageModel, pending bool) (*client.Image, error) {
	image, err := s.client.Snapshot.Image(ctx, prior.ID.ValueString())
	if err != nil {
		return nil, err
	}
	if image == nil {
		return nil, fmt.Errorf("image %s is not on the grid any more; plan again, and it will be made anew", prior.ID.ValueString())
	}
	if pending {
		return s.finishImage(ctx, plan, *image)
	}
	return s.editImage(ctx, plan, *image)
}

func (r *myGSIImageResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var prior myGSIImageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	limit, diags := prior.Timeouts.Delete(ctx, defaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.session.known() {
		resp.Diagnostics.Append(r.session.notKnown("delete the image"))
		return
	}
	r.session.ledger.begin()
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	image, err := r.session.client.Snapshot.Image(bounded, prior.ID.ValueString())
	switch {
	case err != nil:
		resp.Diagnostics.Append(failure(fmt.Sprintf("look up image %q", prior.FriendlyName.ValueString()), err))
	case trashed(image):
	case r.session.ledger.hasAdopted("image", prior.ID.ValueString()):
		resp.Diagnostics.AddWarning("Did not delete "+describeImage(*image),
			"The replacement has taken over this very image, because it was saved from the same sandbox and carries this deployment's mark. It goes on as the new one.")
	default:
		if err := r.session.trash(bounded, *image); err != nil {
			resp.Diagnostics.Append(failure("delete "+describeImage(*image), err))
		}
	}
}

func (r *myGSIImageResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importByID(ctx, "id", req, resp)
}
