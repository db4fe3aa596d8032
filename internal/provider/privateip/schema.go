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

// fill sets the attributes to the values that the grid shows.
func (m *privateIPModel) fill(ip client.IP) {
	m.ID = tf.IDText(ip.ID)
	m.Address = types.StringValue(ip.Address)
	m.Datacenter = session.KeepEquivalent(m.Datacenter, ip.Datacenter)
	m.Subnet = session.CIDR(ip)
	m.Netmask = netmask(ip)
	m.Assigned = types.BoolValue(ip.Assigned())
}

// netmask returns the netmask of an address's block in dotted notation; null if
// the block is not a valid IPv4 prefix.
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

// name returns the name of the claim for messages: the label if there is one,
// otherwise the address.
func (m *privateIPModel) name() string {
	if label := m.Label.ValueString(); label != "" {
		return "gogrid_private_ip " + label
	}
	if address := m.Address.ValueString(); address != "" {
		return "gogrid_private_ip " + address
	}
	return "a gogrid_private_ip of this configuration"
}

// prefix returns the configured range; the zero Prefix if no range is set.
func (m *privateIPModel) prefix() netip.Prefix {
	parsed, err := netip.ParsePrefix(m.Range.ValueString())
	if err != nil {
		return netip.Prefix{}
	}
	return parsed
}

const rangeRule = "Changing this replaces the address only if the address lies outside the new range."

// outsideRange requires a replacement if the address of the state lies outside the
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
		MarkdownDescription: "A claim on a private address of the account. GoGrid cannot reserve an address, so the provider keeps track of claims: " +
			"no two resources of one apply get the same address, and an address of a server is never chosen. " +
			"Other applies do not know the claim until a server has the address. Claim an address in the same apply as its server, and give other workspaces and provider aliases a different `range`. " +
			"With the provider's `cloud_storage` block, a lease on Cloud Storage protects the address from other states.\n\n" +
			"If `deployment` is also set, a claim takes over the lease that an interrupted apply left for the same `label`. " +
			"Give each `gogrid_private_ip` of a deployment a different label; otherwise two claims could get the same address. See the guide [Private addresses](../guides/private-addresses).",
		Attributes: map[string]schema.Attribute{
			"id": tf.ComputedText("Id of the address."),
			"datacenter": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "Datacenter, by name or id. Defaults to the datacenter of `address`, then to `datacenter` of the provider block, then to the datacenter of the lowest free address. " +
					"Changing this replaces the address.",
				PlanModifiers: tf.KeepString(),
			},
			"address": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Private address to claim. Defaults to the lowest free address, which the apply chooses. Changing this replaces the address.",
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
				MarkdownDescription: "Purpose of the address, usually the name of its server. The state, the lease and messages about the address contain the label. " +
					"If `deployment` is set in the provider block and the label is the server's name, an apply after the state was lost recovers the address together with the server. " +
					"Updated in place.",
			},
			"subnet":  tf.ComputedText("Block of the address, in CIDR notation."),
			"netmask": tf.ComputedText("Netmask of the block, for example `255.255.255.0`."),
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
