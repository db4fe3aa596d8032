// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package privateip

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var _ datasource.DataSourceWithConfigure = (*ipsDataSource)(nil)

type ipsDataSource struct {
	tf.DataSourceRules

	session *session.Session
}

type ipsModel struct {
	Datacenter types.String `tfsdk:"datacenter"`
	IsPublic   types.Bool   `tfsdk:"is_public"`
	Assigned   types.Bool   `tfsdk:"assigned"`
	Addresses  types.List   `tfsdk:"addresses"`
	IPs        []ipModel    `tfsdk:"ips"`
}

type ipModel struct {
	ID         types.String `tfsdk:"id"`
	Address    types.String `tfsdk:"address"`
	Subnet     types.String `tfsdk:"subnet"`
	IsPublic   types.Bool   `tfsdk:"is_public"`
	Assigned   types.Bool   `tfsdk:"assigned"`
	Datacenter types.String `tfsdk:"datacenter"`
}

// NewIPsDataSource returns the data source gogrid_ips.
func NewIPsDataSource() datasource.DataSource { return &ipsDataSource{} }

func (d *ipsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ips"
}

func (d *ipsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Addresses of the account. An address is listed if it matches all attributes that are set.\n\n" +
			"GoGrid lists whole blocks, including the network address, the gateway (the next address) and the broadcast address, which are always in use. " +
			"Set `assigned = false` for addresses that a server can have.",
		Attributes: map[string]schema.Attribute{
			"datacenter": schema.StringAttribute{Optional: true, MarkdownDescription: "Datacenter, by name or id."},
			"is_public":  schema.BoolAttribute{Optional: true, MarkdownDescription: "`true` for public addresses, `false` for private ones."},
			"assigned":   schema.BoolAttribute{Optional: true, MarkdownDescription: "`true` for addresses in use, including the three reserved addresses of each block; `false` for free addresses."},
			"addresses": schema.ListAttribute{
				ElementType: types.StringType, Computed: true,
				MarkdownDescription: "Matching addresses, in the order in which GoGrid lists them.",
			},
			"ips": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Matching addresses with their details, in the same order.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":         tf.ComputedResult("Id of the address."),
					"address":    tf.ComputedResult("The address, without a prefix length."),
					"subnet":     tf.ComputedResult("Block of the address, in CIDR notation."),
					"datacenter": tf.ComputedResult("Name of the datacenter of the address."),
					"is_public":  schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the address is public."},
					"assigned":   schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the address is in use, including the three reserved addresses of each block."},
				}},
			},
		},
	}
}

func (d *ipsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session = session.From(req.ProviderData, &resp.Diagnostics)
}

func (d *ipsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model ipsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !d.session.Configured() {
		resp.Diagnostics.Append(d.session.NotKnown("list addresses"))
		return
	}
	ips, err := d.session.Client.Snapshot.IPs(ctx)
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("list the account's addresses", err))
		return
	}
	addresses := []types.String{}
	model.IPs = []ipModel{}
	for _, ip := range ips {
		if model.matches(ip) {
			model.IPs = append(model.IPs, newIPModel(ip))
			addresses = append(addresses, types.StringValue(ip.Address))
		}
	}
	list, diags := types.ListValueFrom(ctx, types.StringType, addresses)
	resp.Diagnostics.Append(diags...)
	model.Addresses = list
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func (m ipsModel) matches(ip client.IP) bool {
	return session.OptionMatches(m.Datacenter, ip.Datacenter) &&
		(!tf.IsSet(m.IsPublic) || m.IsPublic.ValueBool() == ip.Public) &&
		(!tf.IsSet(m.Assigned) || m.Assigned.ValueBool() == ip.Assigned())
}

func newIPModel(ip client.IP) ipModel {
	return ipModel{
		ID:         tf.IDText(ip.ID),
		Address:    types.StringValue(ip.Address),
		Subnet:     session.CIDR(ip),
		IsPublic:   types.BoolValue(ip.Public),
		Assigned:   types.BoolValue(ip.Assigned()),
		Datacenter: types.StringValue(ip.Datacenter.Name),
	}
}
