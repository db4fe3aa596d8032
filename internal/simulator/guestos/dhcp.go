// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"net/netip"
	"strings"
)

// lease is the offer of a DHCP service to a client.
type lease struct {
	address netip.Prefix
	routes  []route
}

// bind requests a lease and applies it. Leases are serialized, so that two
// clients never get the same address. ok is false if no service offers a lease.
func (g *guest) bind() (found lease, ok bool, err error) {
	g.host.leaseMu.Lock()
	defer g.host.leaseMu.Unlock()
	if found, ok = g.discover(); ok {
		err = g.applyLease(found)
	}
	return found, ok, err
}

// discover returns the first lease that a DHCP service on the account's private
// network offers.
func (g *guest) discover() (lease, bool) {
	for _, other := range g.host.all() {
		if other == g || other.server().Account != g.server().Account {
			continue
		}
		if found, ok := other.offer(g); ok {
			return found, true
		}
	}
	return lease{}, false
}

// applyLease replaces the client's private address and leased routes.
func (g *guest) applyLease(l lease) error {
	return g.device.change(func(r *deviceRecord) {
		r.dropLease()
		r.Private = adapter{Enabled: true, Mode: modeDHCP, Address: l.address.String()}
		r.Routes = append(r.Routes, l.routes...)
	})
}

// dropLease removes the private address and all leased routes.
func (r *deviceRecord) dropLease() {
	r.Private.Address = ""
	var kept []route
	for _, known := range r.Routes {
		if !known.Leased {
			kept = append(kept, known)
		}
	}
	r.Routes = kept
}

// offer returns the lease that this machine's DHCP service offers to a client.
// ok is false if no service runs, or if the service has no free address.
func (g *guest) offer(client *guest) (lease, bool) {
	sys := g.current()
	if sys == nil {
		return lease{}, false
	}
	sys.mu.Lock()
	config := sys.dhcp
	sys.mu.Unlock()
	own := g.device.privateAddress()
	if config == nil || !own.IsValid() || !config.subnet.Contains(own) {
		return lease{}, false
	}
	address, ok := config.pick(client, own)
	if !ok {
		return lease{}, false
	}
	found := lease{address: netip.PrefixFrom(address, config.subnet.Bits()), routes: config.routes}
	// A client that gets option 121 ignores the router (RFC 3442).
	if len(config.routes) == 0 && !config.noRouter {
		router := config.router
		if !router.IsValid() {
			router = own
		}
		found.routes = []route{{Destination: "0.0.0.0/0", Gateway: router.String(), Adapter: privateAdapter, Leased: true}}
	}
	return found, true
}

// pick returns the address that is reserved for the client's name. If there is
// none, pick returns the first free address of the range.
func (c *dhcpConfig) pick(client *guest, own netip.Addr) (netip.Addr, bool) {
	name, _, _ := strings.Cut(strings.ToLower(client.Hostname()), ".")
	taken := map[netip.Addr]bool{own: true}
	for _, other := range client.host.all() {
		if other != client && other.server().Account == client.server().Account {
			taken[other.device.privateAddress()] = true
		}
	}
	if address, reserved := c.reserved[name]; reserved {
		return address, !taken[address]
	}
	for _, address := range c.reserved {
		taken[address] = true
	}
	if !c.first.IsValid() {
		return netip.Addr{}, false
	}
	for address := c.first; !c.last.Less(address); address = address.Next() {
		if !taken[address] {
			return address, true
		}
	}
	return netip.Addr{}, false
}
