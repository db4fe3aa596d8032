// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

var (
	_ resource.ResourceWithConfigure      = (*storageObjectResource)(nil)
	_ resource.ResourceWithIdentity       = (*storageObjectResource)(nil)
	_ resource.ResourceWithImportState    = (*storageObjectResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*storageObjectResource)(nil)
	_ resource.ResourceWithUpgradeState   = (*storageObjectResource)(nil)
	_ resource.ResourceWithValidateConfig = (*storageObjectResource)(nil)
)

// storageKey returns the key of a file in session.Known.
func storageKey(at types.String) string { return "storage/" + at.ValueString() }

type storageObjectResource struct {
	tf.ResourceRules

	session *session.Session
}

// NewStorageObjectResource returns the resource gogrid_storage_object.
func NewStorageObjectResource() resource.Resource { return &storageObjectResource{} }

func (r *storageObjectResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_storage_object"
}

func (r *storageObjectResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = storageObjectSchema()
}

// UpgradeState removes the value of archive from states of version 0.
func (r *storageObjectResource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return tf.DropWriteOnly(storageObjectSchema())
}

func (r *storageObjectResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = storageObjectIdentity()
}

func (r *storageObjectResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session = session.From(req.ProviderData, &resp.Diagnostics)
}

// Create uploads the file. It takes over an existing file with the right content,
// which a killed apply may have left.
func (r *storageObjectResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan storageObjectModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("archive"), &plan.Archive)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.Phase.BeginApply()
	diags := putObject(ctx, r.session, &plan, false)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	resp.Diagnostics.Append(tf.SaveKnown(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("path"), plan.Path)...)
}

// putObject uploads the planned file and copies the result into the plan. It
// locks the file within this process. An existing file with different content
// may belong to a resource whose delete is waiting for the lock: putObject then
// releases the lock and tries again.
func putObject(ctx context.Context, s *session.Session, plan *storageObjectModel, replace bool) diag.Diagnostics {
	for {
		turn, err := s.HoldFile(ctx, plan.Path.ValueString())
		if err != nil {
			return diag.Diagnostics{interruptedUpload(plan.name())}
		}
		foreign, diags := uploadObject(ctx, s, plan, replace)
		if !diags.HasError() {
			s.KeepFile(turn, plan.Path.ValueString(), plan.known())
		}
		leaving := s.FileLeaves(plan.Path.ValueString())
		turn.End()
		if !foreign || !leaving {
			return diags
		}
	}
}

func interruptedUpload(name string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Interrupted while uploading "+name,
		"The file at this path is unchanged. Run the same command again: it uploads the whole file and removes the remains of this upload.")
}

// uploadObject uploads a file. It returns true, and an error in the
// diagnostics, if another file with different content exists at the path.
func uploadObject(ctx context.Context, s *session.Session, plan *storageObjectModel, replace bool) (bool, diag.Diagnostics) {
	wanted, _, diags := plan.digest(ctx)
	if diags.HasError() {
		return false, diags
	}
	store, err := s.OpenStorage(ctx)
	if err != nil {
		diags.Append(tf.Failure("upload "+plan.name(), err))
		return false, diags
	}
	upload, remove, moreDiags := plan.upload(ctx, wanted.ValueString())
	defer remove()
	diags.Append(moreDiags...)
	if diags.HasError() {
		return false, diags
	}
	upload.Replace = replace || s.FileKept(plan.Path.ValueString())
	placed, err := store.Put(ctx, plan.Path.ValueString(), upload)
	switch {
	case errors.Is(err, storage.ErrOtherContent):
		diags.Append(occupied(*plan))
	case ctx.Err() != nil && err != nil:
		diags.Append(interruptedUpload(plan.name()))
	case err != nil:
		diags.Append(tf.Failure("upload "+plan.name(), err))
	default:
		plan.fill(placed)
	}
	return errors.Is(err, storage.ErrOtherContent), diags
}

// Read compares the file with the state. It reads the content only if the size or
// the time of the file has changed.
func (r *storageObjectResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model storageObjectModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if model.Path.IsNull() {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("path"), &model.Path)...)
	}
	r.session.Known.See(storageKey(model.Path))
	imported := model.SHA256.IsNull()
	if unknown := r.session.StorageUnknown(); len(unknown) > 0 && !imported {
		resp.Diagnostics.Append(tf.NotRefreshed(r.session.StorageNotKnown()))
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("path"), model.Path)...)
		return
	}
	found, err := inspectObject(ctx, r.session, &model)
	switch {
	case errors.Is(err, fs.ErrNotExist) && imported:
		resp.Diagnostics.AddError("Nothing to import", fmt.Sprintf("Cloud Storage has no file %q.", model.Path.ValueString()))
		return
	case errors.Is(err, fs.ErrNotExist):
		resp.State.RemoveResource(ctx)
	case storage.IsUnproven(err) && !imported:
		resp.Diagnostics.Append(session.NotProven(model.name(), err))
	case storage.IsOutage(err) && !imported:
		resp.Diagnostics.Append(tf.NotRefreshed(err.Error()))
	case err != nil:
		resp.Diagnostics.Append(tf.Failure("refresh "+model.name(), err))
		return
	default:
		before := model
		model.fill(found)
		resp.Diagnostics.Append(tf.SaveRefreshed(ctx, &resp.State, &before, &model)...)
	}
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("path"), model.Path)...)
}

// inspectObject returns the file as it is on Cloud Storage, including its digest.
func inspectObject(ctx context.Context, s *session.Session, model *storageObjectModel) (storage.Object, error) {
	store, err := s.OpenStorage(ctx)
	if err != nil {
		return storage.Object{}, err
	}
	return store.Inspect(ctx, model.Path.ValueString(), model.known())
}

// Update uploads new content. A change of any other attribute changes only the
// state.
func (r *storageObjectResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior storageObjectModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("archive"), &plan.Archive)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.Phase.BeginApply()
	var diags diag.Diagnostics
	if plan.SHA256.Equal(prior.SHA256) {
		diags = claimObject(ctx, r.session, plan)
	} else {
		diags = putObject(ctx, r.session, &plan, true)
	}
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	resp.Diagnostics.Append(tf.SaveKnown(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("path"), plan.Path)...)
}

// claimObject records that a resource of this process owns the file, so that no
// other resource of this process removes it.
func claimObject(ctx context.Context, s *session.Session, plan storageObjectModel) diag.Diagnostics {
	turn, err := s.HoldFile(ctx, plan.Path.ValueString())
	if err != nil {
		return diag.Diagnostics{tf.Failure("update "+plan.name(), err)}
	}
	defer turn.End()
	s.KeepFile(turn, plan.Path.ValueString(), plan.known())
	return nil
}

// Delete removes the file, unless retain is set, a channel names the file, or another
// resource of this process owns the file, such as the replacement in a
// create_before_destroy.
func (r *storageObjectResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var prior storageObjectModel
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if resp.Diagnostics.HasError() || prior.Retain.ValueBool() {
		return
	}
	r.session.Phase.BeginApply()
	resp.Diagnostics.Append(r.session.RemoveFile(ctx, prior.Path.ValueString(), prior.name(), namedByChannel)...)
}

// ImportState imports a file by its path.
func (r *storageObjectResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if err := storage.CheckPath(req.ID); req.ID != "" && err != nil {
		resp.Diagnostics.AddError("Invalid import id", fmt.Sprintf("The path %q %v.", req.ID, err))
		return
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("path"), path.Root("path"), req, resp)
}
