// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// ValidateConfig checks that exactly one of source, content and archive is set, and
// sha256 only with source.
func (r *storageObjectResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config storageObjectModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	given, known := 0, true
	for _, value := range []attr.Value{config.Source, config.Content, config.Archive} {
		if value.IsUnknown() {
			known = false
		} else if !value.IsNull() {
			given++
		}
	}
	switch {
	case given > 1 || given == 0 && known:
		resp.Diagnostics.AddAttributeError(path.Root("source"), "Conflicting or missing source, content or archive",
			fmt.Sprintf("Exactly one of source, content and archive must be set, but the configuration sets %d of them.", given))
	case tf.IsSet(config.Source) && config.SHA256.IsNull():
		resp.Diagnostics.AddAttributeError(path.Root("sha256"), "Missing sha256",
			"A source needs sha256, because a plan does not open the file. Set sha256 to filesha256() of the file.")
	case config.Source.IsNull() && known && !config.SHA256.IsNull():
		resp.Diagnostics.AddAttributeError(path.Root("sha256"), "No use for sha256", "Only source needs sha256: the provider computes the digest of content and archive itself. Remove sha256.")
	}
}

// ModifyPlan compares digests to decide whether the apply uploads the file. It
// opens no local file.
func (r *storageObjectResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planRemoval(ctx, req)...)
		return
	}
	var plan, prior, config storageObjectModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	wanted, size, diags := config.digest(ctx)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	plan.ID, plan.SHA256, plan.Size, plan.Modified = plan.Path, wanted, size, types.StringUnknown()
	kept := plan.Path.Equal(prior.Path)
	if kept && tf.IsSet(wanted) && wanted.Equal(prior.SHA256) {
		plan.Size, plan.Modified = prior.Size, prior.Modified
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if r.session == nil {
		return
	}
	if !kept && tf.IsSet(prior.Path) && !prior.Retain.ValueBool() {
		resp.Diagnostics.Append(r.session.PlanFileDeleted(prior.Path.ValueString(), prior.name())...)
	}
	if tf.IsSet(plan.Path) {
		resp.Diagnostics.Append(r.session.PlanFileKept(plan.Path.ValueString(), plan.name())...)
		if kept || prior.Path.IsNull() {
			resp.Diagnostics.Append(r.session.PlanFile(path.Root("path"), session.PlannedFile{
				Path: plan.Path.ValueString(), Digest: wanted.ValueString(), Owner: config.owner(ctx), Created: !kept,
			})...)
		}
	}
	if !kept {
		resp.Diagnostics.Append(checkUpload(ctx, r.session, plan)...)
	}
}

// planRemoval records that the file will be deleted, unless it is retained.
func (r *storageObjectResource) planRemoval(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	var prior storageObjectModel
	diags := req.State.Get(ctx, &prior)
	if r.session == nil || diags.HasError() || prior.Retain.ValueBool() {
		return diags
	}
	return append(diags, r.session.PlanFileDeleted(prior.Path.ValueString(), prior.name())...)
}

// checkUpload reports what would prevent the upload of a new file. It does
// nothing during an apply, because the upload makes the same checks. It also
// skips a file that Terraform has refreshed, because this configuration owns
// that file.
func checkUpload(ctx context.Context, s *session.Session, plan storageObjectModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if s.Phase.IsApply() || s.Known.HasSeen(storageKey(plan.Path)) || !tf.IsSet(plan.Path) || len(s.StorageUnknown()) > 0 {
		return diags
	}
	store, err := s.OpenStorage(ctx)
	if err != nil {
		diags.Append(tf.Failure("use Cloud Storage", err))
		return diags
	}
	found, err := store.Stat(ctx, plan.Path.ValueString(), storage.Object{})
	switch {
	case storage.IsMissing(err):
	case storage.IsOutage(err):
		diags.Append(tf.StorageOutage(err, "The apply uploads "+plan.name()))
	case err != nil:
		diags.Append(tf.AttributeFailure(path.Root("path"), "look at "+plan.name(), err))
	case tf.IsSet(plan.Size) && plan.Size.ValueInt64() != found.Size:
		diags.Append(occupied(plan))
	}
	return diags
}

// occupied returns the error about an existing file with different content that
// this configuration does not own.
func occupied(plan storageObjectModel) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("path"), "There is another file at "+plan.Path.ValueString(),
		"The file has different content, and this configuration did not upload it, so the provider does not replace it. Choose another path, remove the file, "+
			"or import the file, so that the next apply replaces its content:\n\n  terraform import <address of this resource> "+plan.Path.ValueString())
}
