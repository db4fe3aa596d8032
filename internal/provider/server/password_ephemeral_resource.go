// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var _ ephemeral.EphemeralResourceWithConfigure = (*serverPasswordEphemeralResource)(nil)

// DefaultPasswordTimeout bounds the wait for a password. GoGrid records the
// password some time after the server has its id, and other clients wait up to 15
// minutes for it. This limit is shorter, because every plan opens the resource.
const DefaultPasswordTimeout = 5 * time.Minute

type serverPasswordEphemeralResource struct {
	tf.EphemeralRules

	session *session.Session
}

type serverPasswordModel struct {
	ServerID types.String `tfsdk:"server_id"`
	Timeout  types.String `tfsdk:"timeout"`
	Username types.String `tfsdk:"username"`
	Password types.String `tfsdk:"password"`
}

// NewServerPasswordEphemeralResource returns the ephemeral resource
// gogrid_server_password.
func NewServerPasswordEphemeralResource() ephemeral.EphemeralResource {
	return &serverPasswordEphemeralResource{}
}

func (r *serverPasswordEphemeralResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_server_password"
}

func (r *serverPasswordEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The initial administrator password of a server or sandbox, from GoGrid's password list. It is never written to a plan or state. " +
			"GoGrid does not know a password that was changed on the server later. The API key must have the role *System User* or *Super User*.",
		Attributes: map[string]schema.Attribute{
			"server_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Id of the server or sandbox.",
				Validators:          []validator.String{tf.IDNumber()},
			},
			"timeout": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Maximum time to wait for the password, as a duration. GoGrid records the password a few minutes after it creates the server. " +
					tf.DefaultText(DefaultPasswordTimeout),
				Validators: []validator.String{tf.PositiveDuration()},
			},
			"username": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "User name of the administrator: `root` or `Administrator`.",
			},
			"password": schema.StringAttribute{
				Computed:            true,
				Sensitive:           true,
				MarkdownDescription: "Initial password of the administrator.",
			},
		},
	}
}

func (r *serverPasswordEphemeralResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	r.session = session.From(req.ProviderData, &resp.Diagnostics)
}

// Open looks up the password, and waits until GoGrid has recorded it.
func (r *serverPasswordEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model serverPasswordModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.session.Configured() {
		resp.Diagnostics.Append(r.session.NotKnown("read the password"))
		return
	}
	limit := tf.DurationOr(model.Timeout, DefaultPasswordTimeout)
	password, err := machine.AwaitPassword(ctx, r.session, tf.ServerID(model.ServerID), machine.AnyAccount, limit)
	if err != nil {
		resp.Diagnostics.Append(tf.AttributeFailure(path.Root("server_id"), "read the password of server "+model.ServerID.ValueString(), err))
		return
	}
	model.Username = types.StringValue(password.Username)
	model.Password = types.StringValue(password.Password)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}
