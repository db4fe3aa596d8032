// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation

import (
	"net/netip"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// Find returns the address that a request names. The address must have the
// requested kind and be in the requested datacenter and range. Find does not check
// whether the address is free.
//
// Errors: *UnknownAddressError, *WrongKindError, *OutsideError, *ReservedError.
func Find(ips []client.IP, request Request) (client.IP, error) {
	for _, ip := range ips {
		if ip.Address != request.Address {
			continue
		}
		if ip.Public != request.Public {
			return client.IP{}, &WrongKindError{Address: ip.Address, Public: ip.Public}
		}
		if request.Datacenter != "" && !ip.Datacenter.Matches(request.Datacenter) {
			return client.IP{}, &OutsideError{Address: ip.Address, Place: "datacenter " + request.Datacenter, Where: ip.Datacenter.Name}
		}
		if role := ip.Reserved(); role != "" {
			return client.IP{}, &ReservedError{Address: ip.Address, Role: role, Block: ip.Subnet}
		}
		if _, ok := fits(ip, request); !ok {
			return client.IP{}, &OutsideError{Address: ip.Address, Place: "range " + request.Range.String()}
		}
		return ip, nil
	}
	return client.IP{}, &UnknownAddressError{Address: request.Address, Public: request.Public, Blocks: Blocks(ips, request.Public)}
}

// Fitting returns the addresses that fit a request, whether or not they are
// free.
func Fitting(ips []client.IP, request Request) []client.IP {
	var fitting []client.IP
	for _, ip := range ips {
		if _, ok := fits(ip, request); ok {
			fitting = append(fitting, ip)
		}
	}
	return fitting
}

// fits returns the parsed address and reports whether the address fits a
// request. It does not check whether the address is free.
func fits(ip client.IP, request Request) (netip.Addr, bool) {
	if ip.Public != request.Public || ip.Reserved() != "" {
		return netip.Addr{}, false
	}
	if request.Datacenter != "" && !ip.Datacenter.Matches(request.Datacenter) {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(ip.Address)
	if err != nil {
		return netip.Addr{}, false
	}
	if request.Range.IsValid() && !request.Range.Contains(addr) {
		return netip.Addr{}, false
	}
	return addr, true
}
