// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package privateip

import (
	"context"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

type privateIPModel struct {
	ID         types.String `tfsdk:"id"`
	Datacenter types.String `tfsdk:"datacenter"`
	Address    types.String `tfsdk:"address"`
	Range      types.String `tfsdk:"range"`
	Label      types.String `tfsdk:"label"`
	Subnet     types.String `tfsdk:"subnet"`
	Netmask    types.String `tfsdk:"netmask"`
	Assigned   types.Bool   `tfsdk:"assigned"`
	Deployment types.String `tfsdk:"deployment"`
}

// fill takes over what the grid shows of the address.
func (m *privateIPModel) fill(ip client.IP) {
	m.ID = tf.IDText(ip.ID)
	m.Address = types.StringValue(ip.Address)
	m.Datacenter = session.KeepEquivalent(m.Datacenter, ip.Datacenter)
	m.Subnet = session.CIDR(ip)
	m.Netmask = netmask(ip)
	m.Assigned = types.BoolValue(ip.Assigned())
}

// netmask is the dotted mask of an address's block.
func netmask(ip client.IP) types.String {
	parsed, err := ip.Prefix()
	if err != nil {
		return types.StringNull()
	}
	mask, err := netip.AddrFrom4([4]byte{255, 255, 255, 255}).Prefix(parsed.Bits())
	if err != nil {
		return types.StringNull()
	}
	return types.StringValue(mask.Addr().String())
}

// name is what the user calls the address: its label, else the address.
func (m *privateIPModel) name() string {
	if label := m.Label.ValueString(); label != "" {
		return "gogrid_private_ip " + label
	}
	if address := m.Address.ValueString(); address != "" {
		return "gogrid_private_ip " + address
	}
	return "a gogrid_private_ip of this configuration"
}

// prefix is the configured range; the zero value when there is none.
func (m *privateIPModel) prefix() netip.Prefix {
	parsed, err := netip.ParsePrefix(m.Range.ValueString())
	if err != nil {
		return netip.Prefix{}
	}
	return parsed
}

const rangeRule = "A change replaces the address only if it lies outside the new range."

// outsideRange tells whether the address that a state holds lies outside a
// newly configured range.
func outsideRange(ctx context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	var address types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("address"), &address)...)
	wanted, err := netip.ParsePrefix(req.PlanValue.ValueString())
	held, heldErr := netip.ParseAddr(address.ValueString())
	resp.RequiresReplace = err == nil && heldErr == nil && !wanted.Contains(held)
}

func privateIPSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "An address of the account's private block, kept for one use. GoGrid has no call to reserve an address: the provider keeps count, " +
			"and no two resources of one apply get the same one; an address that any server has is never given out. " +
			"An address that no server has taken yet is known to the apply that made it only: claim it together with its server, and give other workspaces and provider aliases a `range` of their own. " +
			"With the provider's `cloud_storage` block, a lease on Cloud Storage keeps other states from the address.\n\n" +
			"With `deployment` set as well, a claim takes over the lease that an interrupted apply of the deployment has left for the same `label`, if no server has the address. " +
			"Give each `gogrid_private_ip` of a deployment a label of its own: a plan with `-target` does not show the provider all claims, and claims of one label could then get one address.",
		Attributes: map[string]schema.Attribute{
			"id": tf.ComputedText("Id of the address."),
			"datacenter": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "Datacenter, by name or id. Defaults to that of `address`, else the provider's `datacenter`, else that of the lowest free address. " +
					"A change replaces the address.",
				PlanModifiers: tf.KeepString(),
			},
			"address": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The address. Set it to claim this one; when not set, the lowest free one is chosen while applying. A change replaces it.",
				PlanModifiers:       tf.ReplaceString(),
				Validators:          []validator.String{tf.IPv4()},
			},
			"range": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Range to choose the address from, in CIDR notation. " + rangeRule,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplaceIf(outsideRange, rangeRule, rangeRule)},
				Validators:          []validator.String{tf.CIDRRange()},
			},
			"label": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "What the address is for. Kept in the state, and in the lease if there is one; messages about the address name it. " +
					"Make it the name of the server that gets the address: with `deployment` set in the provider block, an apply that follows one whose state was lost then finds the address again together with its server.",
			},
			"subnet":  tf.ComputedText("Block that the address is in, in CIDR notation."),
			"netmask": tf.ComputedText("Mask of the block, for example `255.255.255.0`."),
			"assigned": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether a server has the address.",
			},
			"deployment": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Deployment that owns the lease of the address on Cloud Storage; null without a lease or without `deployment` in the provider block. " +
					"Updated in place when the deployment is renamed.",
			},
		},
	}
}

func privateIPIdentity() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"address": identityschema.StringAttribute{RequiredForImport: true, Description: "The private address."},
		},
	}
}
