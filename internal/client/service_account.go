// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/url"
)

// PasswordService is support.password.*. Keys with the roles Read Only User and
// Billing User may not call it. Its answers are never logged or quoted.
type PasswordService struct{ calls *caller }

// List returns the passwords of the account in a datacenter (id or name), or in
// all if it is empty.
func (s *PasswordService) List(ctx context.Context, datacenter string) ([]Password, error) {
	form := url.Values{}
	setText(form, "datacenter", datacenter)
	return list(ctx, s.calls, "support.password.list", form, newServerDecoder().password)
}

// Get returns the password with the id (its own, not a server's). If there is
// none the error is one of [IsNotFound].
func (s *PasswordService) Get(ctx context.Context, id int64) (*Password, error) {
	return one(ctx, s.calls, "support.password.get", idForm(id), newServerDecoder().password)
}

// Names of lookups. [LookupService.List] with "lookups" lists them all.
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

// LookupService is common.lookup.*.
type LookupService struct{ calls *caller }

// List returns the options of a lookup such as "server.ram"; the lookup
// "lookups" lists the lookups themselves. [Snapshot.Lookup] keeps what it read.
func (s *LookupService) List(ctx context.Context, lookup string) ([]Option, error) {
	return listLookup(ctx, s.calls, lookup)
}

// errNoOptions rejects an empty answer: every lookup has options.
var errNoOptions = errors.New("it holds no option, and every lookup has some")

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

// BillingService is myaccount.billing.*.
type BillingService struct{ calls *caller }

// Get returns what the account owes. The key needs the role Super User or
// Billing User.
func (s *BillingService) Get(ctx context.Context) (*BillingSummary, error) {
	return one(ctx, s.calls, "myaccount.billing.get", url.Values{}, wireBilling.summary)
}
