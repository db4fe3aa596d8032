// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// leaseFiles is the share as leases need it.
type leaseFiles struct{ *storage.Store }

// Paths lists the files below a prefix.
func (f leaseFiles) Paths(ctx context.Context, prefix string) ([]string, error) {
	found, err := f.List(ctx, prefix)
	paths := make([]string, 0, len(found))
	for _, object := range found {
		paths = append(paths, object.Path)
	}
	return paths, err
}

// leases keep other states, and other applies of this one, from getting the
// same private addresses; nil where there is no Cloud Storage to keep them on.
func (s *session) leases(ctx context.Context) (*allocation.Leases, error) {
	if !s.storage.set {
		return nil, nil
	}
	store, err := s.openStorage(ctx)
	if err != nil {
		return nil, err
	}
	return &allocation.Leases{Files: leaseFiles{store}, Owner: s.deployment, Clock: s.clock}, nil
}

// claimLeased claims an address from the pool and takes its lease. An address
// whose lease somebody has is not free, although the grid shows it as free.
func (s *session) claimLeased(ctx context.Context, plan privateIPModel) (client.IP, error) {
	leases, err := s.leases(ctx)
	if err != nil {
		return client.IP{}, err
	}
	for {
		ip, err := s.pool.Claim(ctx, s.privateRequest(plan))
		if err != nil || leases == nil {
			return ip, err
		}
		err = leases.Take(ctx, ip.Address, plan.Label.ValueString())
		if err == nil {
			return ip, nil
		}
		s.pool.Release(ip.Address)
		var leased *allocation.LeasedError
		if !errors.As(err, &leased) {
			return client.IP{}, err
		}
		s.pool.Hold(ip.Address, leased.Holder())
		if isSet(plan.Address) {
			return client.IP{}, leased
		}
		// Where one is leased others are: one list saves as many tries.
		others, err := leases.All(ctx)
		if err != nil {
			return client.IP{}, err
		}
		for _, address := range others {
			s.pool.Adopt(address, "another state")
		}
	}
}

// keepLease takes the lease of an address that is this deployment's already.
func (s *session) keepLease(ctx context.Context, address, label string) error {
	leases, err := s.leases(ctx)
	if err != nil || leases == nil {
		return err
	}
	err = leases.Take(ctx, address, label)
	var leased *allocation.LeasedError
	if errors.As(err, &leased) && leased.Lease.Owner == s.deployment {
		return nil
	}
	return err
}

// releaseLease gives a lease back. That somebody else has it is worth a
// warning: two have had the address. One that this process has taken for
// another claim stays.
func (s *session) releaseLease(ctx context.Context, address string) diag.Diagnostics {
	var diags diag.Diagnostics
	if s.pool.Gave(address) {
		return diags
	}
	leases, err := s.leases(ctx)
	if err == nil && leases != nil {
		err = leases.Release(ctx, address)
	}
	var leased *allocation.LeasedError
	switch {
	case errors.As(err, &leased):
		diags.AddWarning("The lease of "+address+" is not ours", sentence(leased.Error())+" It was left as it is.")
	case err != nil:
		diags.Append(failure("release the lease of "+address, err))
	}
	return diags
}

// leasedDiagnostic is the error about an address that was asked for by itself.
func leasedDiagnostic(leased *allocation.LeasedError) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("address"), "Address "+leased.Lease.Address+" is leased", sentence(leased.Error()))
}
