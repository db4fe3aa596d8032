// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"

func ipMethods() []method {
	return []method{
		{"grid.ip.list", allRoles(), []string{"num_items", "page", "ip.state", "ip.type", "datacenter"}, listIPs},
	}
}

func listIPs(c *call) (result, error) {
	p, lookups := c.params, c.grid.catalog
	state := p.option(lookups.ipState, "ip.state")
	kind := p.option(lookups.ipType, "ip.type")
	datacenters := p.options(lookups.datacenter, "datacenter")
	var found []address
	for _, b := range c.account.Blocks {
		if !matchesOption(b.ipType(), kind) || !matchesAny(b.Datacenter, datacenters) {
			continue
		}
		for _, ip := range b.addresses() {
			if matchesOption(c.account.ipState(ip), state) {
				found = append(found, ip)
			}
		}
	}
	return paged(p, 0, found, func(ip address) *wire.Object { return c.grid.ipView(c.account, ip) })
}

func (b block) ipType() int {
	if b.Public {
		return ipPublic
	}
	return ipPrivate
}

func (a *account) ipState(ip address) int {
	if a.holder(ip) != "" {
		return ipAssigned
	}
	return ipUnassigned
}
