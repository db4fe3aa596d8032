// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// leaseFiles is the share as leases need it.
type leaseFiles struct{ *storage.Store }

// Times are when the files below a prefix were last changed.
func (f leaseFiles) Times(ctx context.Context, prefix string) (map[string]time.Time, error) {
	found, err := f.List(ctx, prefix)
	times := make(map[string]time.Time, len(found))
	for _, object := range found {
		times[object.Path] = object.Modified
	}
	return times, err
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
	return &allocation.Leases{Files: leaseFiles{store}, Owner: s.deployment, Expiry: s.storage.leaseExpiry, Clock: s.clock}, nil
}

// claim is an address, and its lease where there is Cloud Storage for one.
type claim struct {
	ip    client.IP
	lease allocation.Lease
}

// claimLeased claims an address from the pool and takes its lease. An address
// whose lease somebody has is not free, although the grid shows it as free,
// unless the lease has expired.
func (s *session) claimLeased(ctx context.Context, plan privateIPModel, diags *diag.Diagnostics) (claim, error) {
	leases, err := s.leases(ctx)
	if err != nil {
		return claim{}, err
	}
	for passed := false; ; passed = true {
		ip, err := s.pool.Claim(ctx, s.privateRequest(plan))
		if err != nil && passed {
			err = fmt.Errorf("%w, or leased: gogrid_storage_objects with prefix = %q lists the leases", err, allocation.LeaseFolder)
		}
		if err != nil || leases == nil {
			return claim{ip: ip}, err
		}
		lease, err := s.takeLease(ctx, leases, ip.Address, plan.Label.ValueString(), diags)
		if err == nil {
			return claim{ip, lease}, nil
		}
		s.pool.Release(ip.Address)
		var leased *allocation.LeasedError
		if !errors.As(err, &leased) {
			return claim{}, err
		}
		s.pool.Hold(ip.Address, leased.Holder())
		if isSet(plan.Address) {
			return claim{}, leased
		}
		if err := s.passLeased(ctx, leases); err != nil {
			return claim{}, err
		}
	}
}

// passLeased keeps addresses from being tried that are leased. Where one is
// others are: one list saves as many tries.
func (s *session) passLeased(ctx context.Context, leases *allocation.Leases) error {
	others, err := leases.Taken(ctx)
	for _, address := range others {
		s.pool.Adopt(address, "another state")
	}
	return err
}

// takeLease takes the lease of an address, also an expired one.
func (s *session) takeLease(ctx context.Context, leases *allocation.Leases, address, label string, diags *diag.Diagnostics) (allocation.Lease, error) {
	lease, err := leases.Take(ctx, address, label)
	var leased *allocation.LeasedError
	if errors.As(err, &leased) && leased.Expired {
		return s.takeOverLease(ctx, leases, leased, label, diags)
	}
	return lease, err
}

// takeOverLease takes an expired lease over, unless a server has the address by
// now: what the pool goes by may be some seconds old.
func (s *session) takeOverLease(ctx context.Context, leases *allocation.Leases, leased *allocation.LeasedError, label string, diags *diag.Diagnostics) (allocation.Lease, error) {
	s.client.Snapshot.Refresh(client.KindIPs)
	ip, err := s.client.Snapshot.IPAt(ctx, leased.Lease.Address)
	if err != nil {
		return allocation.Lease{}, err
	}
	if ip == nil || ip.Assigned() {
		return allocation.Lease{}, leased
	}
	lease, err := leases.TakeOver(ctx, leased, label)
	if err == nil {
		diags.AddWarning("Took over the lease of "+leased.Lease.Address,
			fmt.Sprintf("It was leased to %s, which is longer than leases_expire_after allows, and no server has the address. "+
				"If a state still has a gogrid_private_ip for it, that one has lost the address: replace it there with -replace.", leased.Holder()))
	}
	return lease, err
}

// keepLease takes the lease of an address that is this deployment's already.
func (s *session) keepLease(ctx context.Context, address, label string) (allocation.Lease, error) {
	leases, err := s.leases(ctx)
	if err != nil || leases == nil {
		return allocation.Lease{}, err
	}
	lease, err := leases.Take(ctx, address, label)
	var leased *allocation.LeasedError
	if errors.As(err, &leased) && leased.Lease.Owner == s.deployment {
		return leased.Lease, nil
	}
	return lease, err
}

// releaseLease gives a lease back. That somebody else has it is worth a
// warning: two have had the address. One that this process has taken for
// another claim stays.
func (s *session) releaseLease(ctx context.Context, address string, since time.Time) diag.Diagnostics {
	var diags diag.Diagnostics
	if s.pool.Gave(address) {
		return diags
	}
	leases, err := s.leases(ctx)
	if err == nil && leases != nil {
		err = leases.Release(ctx, address, since)
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
func (s *session) leasedDiagnostic(leased *allocation.LeasedError) diag.Diagnostic {
	text := sentence(leased.Error())
	if s.storage.leaseExpiry == 0 {
		text += " Or set leases_expire_after in the provider's cloud_storage block: a lease that is older is taken over once no server has the address."
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("address"), "Address "+leased.Lease.Address+" is leased", text)
}

// leaseKey is the key in private state under which a claim notes since when it
// has its lease: by that it knows the lease from one that somebody of the same
// name has taken since.
const leaseKey = "lease"

// noteLease notes a lease that was taken.
func noteLease(ctx context.Context, private privateWriter, lease allocation.Lease) diag.Diagnostics {
	if lease.Since.IsZero() {
		return nil
	}
	return private.SetKey(ctx, leaseKey, []byte(strconv.Quote(lease.Since.Format(time.RFC3339))))
}

// notedLease is since when a claim has its lease; the zero time where that is not
// known, as after an import.
func notedLease(ctx context.Context, private privateReader) (time.Time, diag.Diagnostics) {
	text, diags := private.GetKey(ctx, leaseKey)
	var since time.Time
	if len(text) > 0 && json.Unmarshal(text, &since) != nil {
		return time.Time{}, diags
	}
	return since, diags
}
