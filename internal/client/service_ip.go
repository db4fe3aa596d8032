// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/url"
)

// IPService is grid.ip.*.
type IPService struct{ calls *caller }

// IPFilter narrows a list of addresses; all are ids or names of options. The
// zero value lists all.
type IPFilter struct {
	// State is [IPAssigned] or [IPUnassigned].
	State string
	// Type is a name of the lookup "ip.type", such as "Public" or "Private".
	Type       string
	Datacenter string
}

// List returns the addresses of the account.
func (s *IPService) List(ctx context.Context, filter IPFilter) ([]IP, error) {
	form := url.Values{}
	setText(form, "ip.state", filter.State)
	setText(form, "ip.type", filter.Type)
	setText(form, "datacenter", filter.Datacenter)
	return listIPs(ctx, s.calls, form)
}

func listIPs(ctx context.Context, calls *caller, form url.Values) ([]IP, error) {
	return list(ctx, calls, "grid.ip.list", form, wireIP.ip)
}
