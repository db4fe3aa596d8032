// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// OptionMatches reports whether an option has the wanted id or name. A value
// that is null or unknown matches every option.
func OptionMatches(wanted types.String, option client.Option) bool {
	return !tf.IsSet(wanted) || option.Matches(wanted.ValueString())
}

// KeepEquivalent returns the value of an attribute that names an option. It
// keeps the current value if that is the option's id or name, and otherwise
// returns the option's name.
func KeepEquivalent(value types.String, option client.Option) types.String {
	if option.Matches(value.ValueString()) {
		return value
	}
	return types.StringValue(option.Name)
}

// CIDR returns the block of an address in CIDR notation. GoGrid reports the
// block with a netmask. If the reported block cannot be parsed, CIDR returns it
// unchanged.
func CIDR(ip client.IP) types.String {
	parsed, err := ip.Prefix()
	if err != nil {
		return types.StringValue(ip.Subnet)
	}
	return types.StringValue(parsed.String())
}

// AvailableIn lists the names of the datacenters where an image can be used.
func AvailableIn(image client.Image) types.List {
	names := []attr.Value{}
	for _, in := range image.Datacenters {
		if in.State.Name == client.ImageAvailable {
			names = append(names, types.StringValue(in.Datacenter.Name))
		}
	}
	return types.ListValueMust(types.StringType, names)
}
