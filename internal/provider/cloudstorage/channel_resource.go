// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

var (
	_ resource.ResourceWithConfigure   = (*storageChannelResource)(nil)
	_ resource.ResourceWithIdentity    = (*storageChannelResource)(nil)
	_ resource.ResourceWithImportState = (*storageChannelResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*storageChannelResource)(nil)
)

type storageChannelResource struct {
	tf.ResourceRules

	session *session.Session
}

// NewStorageChannelResource returns the resource gogrid_storage_channel.
func NewStorageChannelResource() resource.Resource { return &storageChannelResource{} }

func (r *storageChannelResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_storage_channel"
}

func (r *storageChannelResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = storageChannelSchema()
}

func (r *storageChannelResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = storageChannelIdentity()
}

func (r *storageChannelResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session = session.From(req.ProviderData, &resp.Diagnostics)
}

// Create writes the pointer, or takes over an existing pointer that mayTakeOver
// accepts.
func (r *storageChannelResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan storageChannelModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.Phase.BeginApply()
	diags := putChannel(ctx, r.session, &plan, nil)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	resp.Diagnostics.Append(r.session.RemoveKept(ctx, namedByChannel)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("name"), plan.Name)...)
}

// Read copies the pointer into the state. If servers cannot read the pointer, the
// state names no release, so the next apply writes the pointer again.
func (r *storageChannelResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model storageChannelModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	imported := model.ID.IsNull()
	if model.Name.IsNull() {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("name"), &model.Name)...)
	}
	before := model
	model.locate()
	r.session.Known.See(storageKey(model.Path))
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("name"), model.Name)...)
	if unknown := r.session.StorageUnknown(); len(unknown) > 0 && !imported {
		resp.Diagnostics.Append(tf.NotRefreshed(r.session.StorageNotKnown()))
		return
	}
	found, err := channelOf(ctx, r.session, model.file())
	var broken *brokenChannelError
	switch {
	case errors.Is(err, fs.ErrNotExist) && imported:
		resp.Diagnostics.AddError("Nothing to import", fmt.Sprintf("Cloud Storage has no file %s.", model.file()))
		return
	case errors.Is(err, fs.ErrNotExist):
		resp.State.RemoveResource(ctx)
		return
	case errors.As(err, &broken):
		resp.Diagnostics.AddWarning("Servers cannot read "+model.what(), fmt.Sprintf("Another client has changed the file %s: %s The next apply writes the file again.", model.file(), tf.Sentence(broken.Error())))
		model.setRelease(startup.Pointer{})
	case storage.IsUnproven(err) && !imported:
		resp.Diagnostics.Append(session.NotProven(model.what(), err))
		return
	case storage.IsOutage(err) && !imported:
		resp.Diagnostics.Append(tf.NotRefreshed(err.Error()))
		return
	case err != nil:
		resp.Diagnostics.Append(tf.Failure("refresh "+model.what(), err))
		return
	default:
		model.fill(found)
	}
	resp.Diagnostics.Append(tf.SaveRefreshed(ctx, &resp.State, &before, &model)...)
}

// channelOf reads the pointer at a path. The error is fs.ErrNotExist if there is no
// file, and a *brokenChannelError if servers cannot read the file.
func channelOf(ctx context.Context, s *session.Session, at string) (startup.Pointer, error) {
	store, err := s.OpenStorage(ctx)
	if err != nil {
		return startup.Pointer{}, err
	}
	return readChannel(ctx, store, at)
}

// Update writes the new release and keeps the current one as the previous release.
// Update then removes kept archives that no channel names any more.
func (r *storageChannelResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior storageChannelModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.Phase.BeginApply()
	diags := putChannel(ctx, r.session, &plan, &prior)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	resp.Diagnostics.Append(r.session.RemoveKept(ctx, namedByChannel)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("name"), plan.Name)...)
}

// Delete removes the pointer, unless another resource of this process has
// written or taken over the file. A replacement with create_before_destroy has
// done that.
func (r *storageChannelResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var prior storageChannelModel
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.Phase.BeginApply()
	resp.Diagnostics.Append(r.session.RemoveFile(ctx, prior.file(), prior.what(), nil)...)
	resp.Diagnostics.Append(r.session.RemoveKept(ctx, namedByChannel)...)
}

// ImportState imports a channel by its name.
func (r *storageChannelResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if err := startup.CheckName(req.ID); req.ID != "" && err != nil {
		resp.Diagnostics.AddError("Invalid import id", fmt.Sprintf("The name %q %v.", req.ID, err))
		return
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("name"), path.Root("name"), req, resp)
}
