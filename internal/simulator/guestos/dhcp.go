// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"net/netip"
	"strings"
)

// lease is what a DHCP service gives to a client.
type lease struct {
	address netip.Prefix
	routes  []route
}

// bind takes a lease. Of two who ask at once, each gets an address of its own.
func (g *guest) bind() (found lease, ok bool, err error) {
	g.host.leaseMu.Lock()
	defer g.host.leaseMu.Unlock()
	if found, ok = g.discover(); ok {
		err = g.applyLease(found)
	}
	return found, ok, err
}

// discover asks the private network for a lease, which has one only while a
// machine on it runs a DHCP service.
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

// applyLease makes a lease the client's address and routes.
func (g *guest) applyLease(l lease) error {
	return g.device.change(func(r *deviceRecord) {
		r.dropLease()
		r.Private = adapter{Enabled: true, Mode: modeDHCP, Address: l.address.String()}
		r.Routes = append(r.Routes, l.routes...)
	})
}

// dropLease forgets what came by DHCP.
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

// offer is what the DHCP service of this machine has for a client.
func (g *guest) offer(client *guest) (lease, bool) {
	l := g.current()
	if l == nil {
		return lease{}, false
	}
	l.mu.Lock()
	config := l.dhcp
	l.mu.Unlock()
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

// pick is the address for a client: the one that is reserved for its name, or
// the first of the range that nobody has.
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
