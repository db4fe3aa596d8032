// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// storagePort is the SFTP port of Cloud Storage on the private networks.
const storagePort = 22

// unreachable is the error for an address outside the private network that
// packets cannot reach.
type unreachable struct{ why string }

func (u unreachable) Error() string { return "No route to host: " + u.why }

// gatewayFor returns the gateway on the private network through which packets to
// an address leave. Like a kernel, it uses the most specific usable route.
func (r deviceRecord) gatewayFor(to netip.Addr) (gateway netip.Addr, err error) {
	own, err := netip.ParsePrefix(r.Private.Address)
	switch {
	case !r.Private.Enabled:
		return netip.Addr{}, unreachable{"the private adapter " + privateAdapter + " is down"}
	case err != nil:
		return netip.Addr{}, unreachable{"the private adapter " + privateAdapter + " has no address"}
	}
	bits := -1
	if own.Contains(to) {
		bits = own.Bits()
	}
	for _, known := range r.Routes {
		via, usable := known.usable(own)
		prefix, err := netip.ParsePrefix(known.Destination)
		if err == nil && usable && prefix.Contains(to) && prefix.Bits() > bits {
			bits, gateway = prefix.Bits(), via
		}
	}
	switch {
	case bits < 0:
		return netip.Addr{}, unreachable{fmt.Sprintf("no route by %s leads to %s", privateAdapter, to)}
	case !gateway.IsValid():
		return netip.Addr{}, unreachable{fmt.Sprintf("%s is taken for an address of the private network, but no machine on that network has this address", to)}
	}
	return gateway, nil
}

// usable reports whether a route can be used on the private adapter, and returns
// the gateway of the route. A route without a gateway returns an address that is
// not valid.
func (r route) usable(own netip.Prefix) (gateway netip.Addr, usable bool) {
	if r.Adapter != privateAdapter {
		return netip.Addr{}, false
	}
	if r.Gateway == "" {
		return netip.Addr{}, true
	}
	gateway, err := netip.ParseAddr(r.Gateway)
	return gateway, err == nil && own.Contains(gateway) && gateway != own.Addr()
}

// checkRoute returns the error that a kernel reports for a new route. The adapter
// must be up, and the gateway must be on the adapter's network.
func (r deviceRecord) checkRoute(next route) error {
	if next.Adapter != privateAdapter {
		return nil
	}
	if !r.Private.Enabled {
		return errors.New("Network is down") //nolint:staticcheck // text of the operating system
	}
	own, err := netip.ParsePrefix(r.Private.Address)
	if _, usable := next.usable(own); err != nil && next.Gateway != "" || err == nil && !usable {
		return errors.New("Network is unreachable") //nolint:staticcheck // text of the operating system
	}
	return nil
}

// checkStorageRoute returns an error unless the machine can reach Cloud Storage.
// The machine needs an address on the private network and a route through the
// storage gateway.
func (g *guest) checkStorageRoute() error {
	to, by := g.host.options.Storage.options.Address, g.server().StorageGateway
	gateway, err := g.device.read().gatewayFor(to)
	switch {
	case err != nil:
		return err
	case gateway != by:
		return unreachable{fmt.Sprintf("the route to %s leads to %s, and the gateway to Cloud Storage is %s", to, gateway, by)}
	}
	return nil
}

// dialStorage connects to Cloud Storage. Only the SFTP port answers.
func (g *guest) dialStorage(ctx context.Context, port int) (net.Conn, error) {
	if err := g.checkStorageRoute(); err != nil {
		return nil, err
	}
	at := g.host.options.Storage.Address()
	if port != storagePort || !at.IsValid() {
		return nil, errors.New("Connection refused") //nolint:staticcheck // text of the operating system
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, "tcp", at.String())
}
