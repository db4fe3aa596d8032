// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/url"
)

// IPService calls grid.ip.*.
type IPService struct{ calls *caller }

// IPFilter restricts a list of addresses. Its values are ids or names of options. The
// zero value lists all addresses.
type IPFilter struct {
	// State is [IPAssigned] or [IPUnassigned].
	State string
	// Type is an option of the lookup "ip.type", such as "Public" or "Private".
	Type       string
	Datacenter string
}

// List returns the addresses of the account.
func (s *IPService) List(ctx context.Context, filter IPFilter) ([]IP, error) {
	form := url.Values{}
	setText(form, "ip.state", filter.State)
	setText(form, "ip.type", filter.Type)
	setText(form, "datacenter", filter.Datacenter)
	return requireComplete(listIPs(ctx, s.calls, form))
}

func listIPs(ctx context.Context, calls *caller, form url.Values) (listing[IP], error) {
	return listObjects(ctx, calls, "grid.ip.list", form, wireIP.ip, func(ip *IP) string { return ip.Address })
}

// errNoAddresses reports an empty list of all addresses. Every account has
// blocks of addresses, and only GoGrid's support adds or removes a block.
var errNoAddresses = errors.New("it contains no addresses, but every account has addresses")

func listAllIPs(ctx context.Context, calls *caller) (listing[IP], error) {
	found, err := listIPs(ctx, calls, url.Values{})
	if err == nil && len(found.items) == 0 && found.incomplete == nil {
		found.incomplete = &IncompleteError{Method: "grid.ip.list", Reason: errNoAddresses}
	}
	return found, err
}
