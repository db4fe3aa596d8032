// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// OptionMatches reports whether an option has the id or name that is wanted. A
// value that is null or unknown matches every option.
func OptionMatches(wanted types.String, option client.Option) bool {
	return !tf.IsSet(wanted) || option.Matches(wanted.ValueString())
}

// KeepEquivalent returns the value of an attribute that names an option: the
// current value if that is the option's id or name, else the option's name.
func KeepEquivalent(value types.String, option client.Option) types.String {
	if option.Matches(value.ValueString()) {
		return value
	}
	return types.StringValue(option.Name)
}

// CIDR returns the block of an address in CIDR notation. GoGrid reports the block
// with a netmask. A block that cannot be parsed is returned as reported.
func CIDR(ip client.IP) types.String {
	parsed, err := ip.Prefix()
	if err != nil {
		return types.StringValue(ip.Subnet)
	}
	return types.StringValue(parsed.String())
}

// AvailableIn lists the datacenters where an image can be used, by name.
func AvailableIn(image client.Image) types.List {
	names := []attr.Value{}
	for _, in := range image.Datacenters {
		if in.State.Name == client.ImageAvailable {
			names = append(names, types.StringValue(in.Datacenter.Name))
		}
	}
	return types.ListValueMust(types.StringType, names)
}
