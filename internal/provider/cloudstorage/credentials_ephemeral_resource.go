// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

var _ ephemeral.EphemeralResourceWithConfigure = (*storageCredentialsEphemeralResource)(nil)

type storageCredentialsEphemeralResource struct {
	tf.EphemeralRules

	session *session.Session
}

type storageCredentialsModel struct {
	Username types.String `tfsdk:"username"`
	Password types.String `tfsdk:"password"`
	Host     types.String `tfsdk:"host"`
	Share    types.String `tfsdk:"share"`
}

// NewStorageCredentialsEphemeralResource returns the ephemeral resource
// gogrid_storage_credentials.
func NewStorageCredentialsEphemeralResource() ephemeral.EphemeralResource {
	return &storageCredentialsEphemeralResource{}
}

func (r *storageCredentialsEphemeralResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_storage_credentials"
}

func (r *storageCredentialsEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Account on Cloud Storage, from GoGrid's password list. The credentials are never written to a plan or state. GoGrid issues them, and they cannot be changed. " +
			"Needs a key with the role *System User* or *Super User*.",
		Attributes: map[string]schema.Attribute{
			"username": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "User name on Cloud Storage. Set it to choose one of several accounts. GoGrid creates one account, named after the number of the GoGrid account.",
			},
			"password": schema.StringAttribute{
				Computed:            true,
				Sensitive:           true,
				MarkdownDescription: "Password of the account.",
			},
			"host": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Host of Cloud Storage: `host` of the provider's `cloud_storage` block, or else the host that GoGrid assigns to the account.",
			},
			"share": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Name of the share: `share` of the provider's `cloud_storage` block, or else the user name.",
			},
		},
	}
}

func (r *storageCredentialsEphemeralResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	r.session = session.From(req.ProviderData, &resp.Diagnostics)
}

// Open reads the account from the password list.
func (r *storageCredentialsEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model storageCredentialsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.session.Configured() {
		resp.Diagnostics.Append(r.session.NotKnown("read the password of Cloud Storage"))
		return
	}
	listed, err := r.session.StoragePassword(ctx, model.Username.ValueString())
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("read the password of Cloud Storage", err))
		return
	}
	model.Username = types.StringValue(listed.Username)
	model.Password = types.StringValue(listed.Password)
	model.Host = types.StringValue(storage.AccountHost(listed.Username))
	model.Share = types.StringValue(listed.Username)
	if host := r.session.Storage.Config.Host; host != "" {
		model.Host = types.StringValue(host)
	}
	if share := r.session.Storage.Config.Share; share != "" {
		model.Share = types.StringValue(share)
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}
