// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"net/netip"
	"strings"
)

// Names of address states, from the lookup "ip.state".
const (
	IPUnassigned = "Unassigned"
	IPAssigned   = "Assigned"
)

// IP is an address of the account. Accounts own blocks of addresses; the API
// can neither request nor release a block.
type IP struct {
	ID      int64
	Address string
	// Subnet is the block as the service writes it: "203.0.113.32/255.255.255.240".
	Subnet     string
	Public     bool
	State      Option
	Datacenter Option
}

// Assigned reports whether the address is in use. The service assigns an address
// as soon as a server is added with it, long before the server exists.
func (ip *IP) Assigned() bool { return ip.State.Matches(IPAssigned) }

// Reserved returns the role of an address that no server can have: "network
// address", "gateway" (the address after the network address) or "broadcast
// address". It returns "" for all other addresses. GoGrid lists reserved
// addresses as assigned.
func (ip *IP) Reserved() string {
	block, err := ip.Prefix()
	address, parseErr := netip.ParseAddr(ip.Address)
	if err != nil || parseErr != nil || !address.Is4() || block.Bits() >= 31 {
		return ""
	}
	first := block.Addr()
	switch {
	case address == first:
		return "network address"
	case address == first.Next():
		return "gateway"
	case block.Contains(address) && !block.Contains(address.Next()):
		return "broadcast address"
	default:
		return ""
	}
}

// Prefix returns the block of the address. It returns an error unless Subnet
// has the form "network/mask", where mask is a netmask or a prefix length.
func (ip *IP) Prefix() (netip.Prefix, error) {
	network, mask, found := strings.Cut(ip.Subnet, "/")
	if !found {
		return netip.Prefix{}, fmt.Errorf("address %s: subnet %q must be of the form network/mask", ip.Address, ip.Subnet)
	}
	if !strings.Contains(mask, ".") {
		prefix, err := netip.ParsePrefix(ip.Subnet)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("address %s: subnet %q: %w", ip.Address, ip.Subnet, err)
		}
		return prefix.Masked(), nil
	}
	base, err := netip.ParseAddr(network)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("address %s: subnet %q: %w", ip.Address, ip.Subnet, err)
	}
	bits, err := maskBits(mask)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("address %s: subnet %q: %w", ip.Address, ip.Subnet, err)
	}
	prefix, err := base.Prefix(bits)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("address %s: subnet %q: %w", ip.Address, ip.Subnet, err)
	}
	return prefix, nil
}

// maskBits returns the prefix length of a dotted netmask.
func maskBits(mask string) (int, error) {
	address, err := netip.ParseAddr(mask)
	if err != nil || !address.Is4() {
		return 0, fmt.Errorf("%q is not a netmask", mask)
	}
	bits, ended := 0, false
	for _, octet := range address.As4() {
		for bit := 7; bit >= 0; bit-- {
			switch set := octet>>bit&1 == 1; {
			case set && ended:
				return 0, fmt.Errorf("netmask %q has a gap", mask)
			case set:
				bits++
			default:
				ended = true
			}
		}
	}
	return bits, nil
}
