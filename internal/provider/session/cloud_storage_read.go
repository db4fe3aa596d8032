// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// ReadCloudStorage returns the Cloud Storage that a cloud_storage block
// describes. The location comes from the environment if the block sets no part
// of it. begun is the time at which the provider was configured. Invalid values
// go to diags; values that are not known yet are named in Unknown.
func ReadCloudStorage(ctx context.Context, block types.Object, getenv func(string) string, begun time.Time, diags *diag.Diagnostics) *CloudStorage {
	share := &CloudStorage{Set: !block.IsNull(), Unknown: UnknownIn("cloud_storage", block), Begun: begun.UTC()}
	if !share.Set || block.IsUnknown() {
		return share
	}
	slices.Sort(share.Unknown)
	var (
		model   CloudStorageModel
		bastion StorageBastionModel
	)
	diags.Append(block.As(ctx, &model, basetypes.ObjectAsOptions{})...)
	diags.Append(tf.ReadBlock(ctx, model.Bastion, &bastion)...)
	if diags.HasError() {
		return share
	}
	diags.Append(model.trim(&bastion)...)
	diags.Append(model.TakeEnvironment(getenv)...)
	if diags.HasError() {
		return share
	}
	diags.Append(model.Check(bastion)...)
	share.Config = model.Config(bastion)
	share.LeaseExpiry = tf.DurationOr(model.LeasesExpireAfter, 0)
	return share
}
