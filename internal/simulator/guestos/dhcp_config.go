// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// dhcpConfig is the DHCP part of a dnsmasq configuration.
type dhcpConfig struct {
	subnet netip.Prefix
	// first and last are the bounds of the address range for all clients. Both
	// are not valid if the configuration has only reservations.
	first, last netip.Addr
	reserved    map[string]netip.Addr // by host name
	routes      []route               // options 121 and 249
	// router is option 3, the default gateway of clients. If noRouter is set,
	// clients get no gateway. If router is not valid and noRouter is false,
	// dnsmasq sends the address of its own machine.
	router   netip.Addr
	noRouter bool
}

// ignoredOptions are dnsmasq options that have no effect in the simulation.
var ignoredOptions = []string{
	"port", "bind-interfaces", "bind-dynamic", "dhcp-authoritative", "except-interface", "listen-address", "no-resolv", "no-hosts", "no-poll",
	"log-dhcp", "log-facility", "dhcp-leasefile", "dhcp-no-override", "domain", "user", "group", "pid-file", "dhcp-lease-max", "domain-needed", "bogus-priv",
	"server", "local", "address", "cache-size", "expand-hosts", "strict-order", "resolv-file", "addn-hosts", "filterwin2k", "localise-queries", "log-queries",
}

func (c *dhcpConfig) set(key string, words []string) error {
	for i := range words {
		words[i] = strings.TrimSpace(words[i])
	}
	switch key {
	case "interface":
		if words[0] != privateAdapter {
			return fmt.Errorf("unknown interface %s", words[0])
		}
	case "dhcp-range":
		return c.setRange(words)
	case "dhcp-host":
		return c.reserve(words)
	case "dhcp-option":
		return c.option(words[0], words[1:])
	default:
		for _, known := range ignoredOptions {
			if key == known {
				return nil
			}
		}
		return errors.New("bad option")
	}
	return nil
}

// setRange reads FIRST,LAST[,MASK[,LEASE]], or NETWORK,static[,MASK[,LEASE]].
func (c *dhcpConfig) setRange(words []string) error {
	bad := errors.New("bad dhcp-range")
	if len(words) < 2 {
		return bad
	}
	first, err := netip.ParseAddr(words[0])
	if err != nil {
		return bad
	}
	bits := 24
	if len(words) > 2 {
		if mask, err := netip.ParseAddr(words[2]); err == nil {
			bits = prefixLength(mask)
		}
	}
	if c.subnet, err = first.Prefix(bits); err != nil {
		return bad
	}
	if words[1] == "static" {
		return nil
	}
	last, err := netip.ParseAddr(words[1])
	if err != nil || !c.subnet.Contains(last) || last.Less(first) {
		return bad
	}
	c.first, c.last = first, last
	return nil
}

// reserve reads [MAC,]NAME,ADDRESS[,LEASE]. The simulator matches clients by
// name, because guests have no MAC address.
func (c *dhcpConfig) reserve(words []string) error {
	name := ""
	for _, word := range words {
		address, err := netip.ParseAddr(word)
		switch {
		case err == nil:
			if name == "" {
				return nil // a reservation by MAC alone matches no guest
			}
			c.reserved[name] = address
			return nil
		case strings.Count(word, ":") != 5: // not a MAC address
			name = strings.ToLower(word)
		}
	}
	return errors.New("bad dhcp-host")
}

// option reads an option for clients. Only the router and classless static
// routes have an effect.
func (c *dhcpConfig) option(which string, values []string) error {
	switch which {
	case "3", "option:router":
		c.noRouter = len(values) == 0 || values[0] == ""
		if c.noRouter {
			return nil
		}
		router, err := netip.ParseAddr(values[0])
		if err != nil {
			return errors.New("bad dhcp-option")
		}
		c.router = router
	case "121", "option:classless-static-route":
		c.routes = nil
		for i := 0; i+1 < len(values); i += 2 {
			destination, err := netip.ParsePrefix(values[i])
			gateway, gatewayErr := netip.ParseAddr(values[i+1])
			if err := errors.Join(err, gatewayErr); err != nil {
				return errors.New("bad dhcp-option")
			}
			c.routes = append(c.routes, route{Destination: destination.String(), Gateway: gateway.String(), Adapter: privateAdapter, Leased: true})
		}
	}
	return nil
}
