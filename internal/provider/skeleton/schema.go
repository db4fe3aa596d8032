// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package skeleton

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// httpPort is the port of the virtual address and of all servers. A real
// resource has an attribute for the port.
const httpPort = 80

// model holds the attributes of one load balancer.
type model struct {
	ID        types.String   `tfsdk:"id"`
	Name      types.String   `tfsdk:"name"`
	VirtualIP types.String   `tfsdk:"virtual_ip"`
	RealIPs   []types.String `tfsdk:"real_ips"`
}

// fill sets all attributes to the values that GoGrid shows.
func (m *model) fill(b client.LoadBalancer) {
	m.ID = tf.IDText(b.ID)
	m.Name = types.StringValue(b.Name)
	m.VirtualIP = types.StringValue(b.VirtualIP.IP.Address)
	m.RealIPs = []types.String{}
	for _, real := range b.RealIPs {
		m.RealIPs = append(m.RealIPs, types.StringValue(real.IP.Address))
	}
}

// endpoint returns an address of the model with httpPort.
func endpoint(address types.String) client.IPPort {
	return client.IPPort{IP: client.IP{Address: address.ValueString()}, Port: httpPort}
}

// realIPs returns the configured addresses with httpPort.
func (m *model) realIPs() []client.IPPort {
	found := make([]client.IPPort, 0, len(m.RealIPs))
	for _, address := range m.RealIPs {
		found = append(found, endpoint(address))
	}
	return found
}

func resourceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A load balancer of the account.",
		Attributes: map[string]schema.Attribute{
			"id": tf.ComputedText("Id of the load balancer."),
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name, 1 to 20 characters. Changing this replaces the load balancer.",
				PlanModifiers:       tf.ReplaceString(),
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 20)},
			},
			"virtual_ip": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Free public address of the account. Changing this replaces the load balancer.",
				PlanModifiers:       tf.ReplaceString(),
				Validators:          []validator.String{tf.IPv4()},
			},
			"real_ips": schema.ListAttribute{
				ElementType:         types.StringType,
				Required:            true,
				MarkdownDescription: "Addresses of the servers, in the same datacenter. Updated in place.",
			},
		},
	}
}

// identity uses the address, which is known before the load balancer has an id
// and belongs to only one object of the account.
func identity() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"virtual_ip": identityschema.StringAttribute{RequiredForImport: true, Description: "Virtual address of the load balancer."},
		},
	}
}
