// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/url"
)

// PasswordService calls support.password.*. Keys with the roles Read Only User
// and Billing User may not call it. The client never logs the answers and never
// quotes them in errors.
type PasswordService struct{ calls *caller }

// List returns the passwords of the account in a datacenter, given by id or
// name. An empty datacenter selects all datacenters.
func (s *PasswordService) List(ctx context.Context, datacenter string) ([]Password, error) {
	form := url.Values{}
	setText(form, "datacenter", datacenter)
	return list(ctx, s.calls, "support.password.list", form, newServerDecoder().password)
}

// Get returns the password with the given id, which is not the id of a server.
// If there is no such password, [IsNotFound] is true for the error.
func (s *PasswordService) Get(ctx context.Context, id int64) (*Password, error) {
	return one(ctx, s.calls, "support.password.get", idForm(id), newServerDecoder().password)
}

// Names of lookups. [LookupService.List] of "lookups" returns all names.
const (
	LookupServerRAM               = "server.ram"
	LookupServerType              = "server.type"
	LookupServerState             = "server.state"
	LookupServerOS                = "server.os"
	LookupImageOS                 = "image.os"
	LookupImageArchitecture       = "image.architecture"
	LookupImageState              = "image.state"
	LookupIPType                  = "ip.type"
	LookupLoadBalancerType        = "loadbalancer.type"
	LookupLoadBalancerPersistence = "loadbalancer.persistence"
	LookupDatacenter              = "datacenter"
)

// LookupService calls common.lookup.*.
type LookupService struct{ calls *caller }

// List returns the options of a lookup such as "server.ram". The options of the
// lookup "lookups" are the lookups themselves. [Snapshot.Lookup] caches its answers.
func (s *LookupService) List(ctx context.Context, lookup string) ([]Option, error) {
	return listLookup(ctx, s.calls, lookup)
}

// errNoOptions reports an empty list of options.
var errNoOptions = errors.New("it contains no options, but every lookup has options")

func listLookup(ctx context.Context, calls *caller, lookup string) ([]Option, error) {
	const method = "common.lookup.list"
	var options []Option
	err := calls.retryRead(ctx, func() (bool, error) {
		found, err := list(ctx, calls, method, url.Values{"lookup": {lookup}}, wireOption.option)
		if err == nil && len(found) == 0 {
			return true, calls.unusableAnswer(method, errNoOptions)
		}
		options = found
		return false, err
	})
	return options, err
}

// BillingService calls myaccount.billing.*.
type BillingService struct{ calls *caller }

// Get returns the usage and charges of the account. The key needs the role Super
// User or Billing User.
func (s *BillingService) Get(ctx context.Context) (*BillingSummary, error) {
	return one(ctx, s.calls, "myaccount.billing.get", url.Values{}, wireBilling.summary)
}
