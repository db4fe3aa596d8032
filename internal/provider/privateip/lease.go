// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package privateip

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// claim is an address, and its lease where there is Cloud Storage for one.
type claim struct {
	ip    client.IP
	lease allocation.Lease
}

// orZero is the claim, or the zero claim if there is none.
func (c *claim) orZero() claim {
	if c == nil {
		return claim{}
	}
	return *c
}

// addressKind is the key registry's name for private addresses.
const addressKind = "private_ip"

// claimLeased claims an address from the pool and takes its lease. An address that
// is leased is not free, although the grid shows it as free, unless the lease was
// left: it has expired, or an earlier apply of this deployment took it for the same
// label.
func claimLeased(ctx context.Context, s *session.Session, plan privateIPModel, diags *diag.Diagnostics) (claim, error) {
	leases, err := s.Leases(ctx)
	if err != nil {
		return claim{}, err
	}
	if leases != nil && !tf.IsSet(plan.Address) {
		claimed, err := claimReclaimable(ctx, s, leases, plan, diags)
		if claimed != nil || err != nil {
			return claimed.orZero(), err
		}
	}
	for passed := false; ; passed = true {
		ip, err := s.Pool.Claim(ctx, privateRequest(s, plan))
		if err != nil && passed {
			err = fmt.Errorf("%w, or leased: gogrid_storage_objects with prefix = %q lists the leases", err, allocation.LeaseFolder)
		}
		if err != nil || leases == nil {
			return claim{ip: ip}, err
		}
		lease, err := takeLease(ctx, s, leases, ip.Address, plan.Label.ValueString(), diags)
		if err == nil {
			return claim{ip, lease}, nil
		}
		s.Pool.Release(ip.Address)
		var leased *allocation.LeasedError
		if !errors.As(err, &leased) {
			return claim{}, err
		}
		s.Pool.Hold(ip.Address, leased.Holder())
		if tf.IsSet(plan.Address) {
			return claim{}, leased
		}
		if err := skipLeased(ctx, s, leases); err != nil {
			return claim{}, err
		}
	}
}

// reclaimableLeases lists the leases that earlier processes of the deployment have left.
func reclaimableLeases(ctx context.Context, s *session.Session, leases *allocation.Leases) ([]*allocation.LeasedError, error) {
	left := &s.Storage.Left
	left.Mu.Lock()
	defer left.Mu.Unlock()
	if left.Listed || s.Deployment == "" {
		return left.Found, nil
	}
	ips, err := s.Client.Snapshot.IPs(ctx)
	if err != nil {
		return nil, err
	}
	free := map[string]bool{}
	for _, ip := range ips {
		free[ip.Address] = !ip.Public && !ip.Assigned()
	}
	found, err := leases.LeftBehind(ctx, func(address string) bool { return free[address] })
	if err != nil {
		return nil, err
	}
	left.Found, left.Listed = found, true
	return found, nil
}

// onlyAt narrows the range of a request to one address, and reports whether the
// address is in the range.
func onlyAt(request allocation.Request, address string) (allocation.Request, bool) {
	parsed, err := netip.ParseAddr(address)
	if err != nil || request.Range.IsValid() && !request.Range.Contains(parsed) {
		return request, false
	}
	request.Range = netip.PrefixFrom(parsed, parsed.BitLen())
	return request, true
}

// claimReclaimable claims an address whose lease an earlier apply of this deployment has
// left for the label of a claim, so that killed applies do not use up the block;
// nil if there is none.
func claimReclaimable(ctx context.Context, s *session.Session, leases *allocation.Leases, plan privateIPModel, diags *diag.Diagnostics) (*claim, error) {
	left, err := reclaimableLeases(ctx, s, leases)
	if err != nil {
		return nil, err
	}
	for _, found := range left {
		request, fits := onlyAt(privateRequest(s, plan), found.Lease.Address)
		if !fits || !found.LeftFor(plan.Label.ValueString()) {
			continue
		}
		// A range of one address leaves out what the pool keeps for its owner.
		ip, err := s.Pool.Claim(ctx, request)
		var exhausted *allocation.ExhaustedError
		if errors.As(err, &exhausted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		lease, err := takeReclaimableLease(ctx, s, leases, found, diags)
		if err == nil {
			return &claim{ip, lease}, nil
		}
		s.Pool.Release(ip.Address)
		var leased *allocation.LeasedError
		if !errors.As(err, &leased) {
			return nil, err
		}
		s.Pool.Hold(ip.Address, leased.Holder())
	}
	return nil, nil
}

// skipLeased keeps addresses from being tried that are leased. Where one is
// others are: one list saves as many tries.
func skipLeased(ctx context.Context, s *session.Session, leases *allocation.Leases) error {
	others, err := leases.Taken(ctx)
	for _, address := range others {
		s.Pool.Adopt(address, "another state")
	}
	return err
}

// takeLease takes the lease of an address, also one that was left. A delete of
// another claim of the address, in this process, then leaves the lease alone. If
// such a delete waits for its turn, and the address is leased, the delete goes
// first.
func takeLease(ctx context.Context, s *session.Session, leases *allocation.Leases, address, label string, diags *diag.Diagnostics) (allocation.Lease, error) {
	for {
		lease, leaving, err := withAddressLock(ctx, s, address, func() (allocation.Lease, error) {
			return takeLeaseLocked(ctx, s, leases, address, label, diags)
		})
		var leased *allocation.LeasedError
		if !leaving || !errors.As(err, &leased) {
			return lease, err
		}
	}
}

// takeReclaimableLease is takeLease for a lease that is known to be left.
func takeReclaimableLease(ctx context.Context, s *session.Session, leases *allocation.Leases, left *allocation.LeasedError, diags *diag.Diagnostics) (allocation.Lease, error) {
	lease, _, err := withAddressLock(ctx, s, left.Lease.Address, func() (allocation.Lease, error) {
		return takeOverLease(ctx, s, leases, left, left.Lease.Label, diags)
	})
	return lease, err
}

// withAddressLock takes a lease as the only operation of this process on an address.
// It reports whether a delete of another claim of the address waits for its turn.
func withAddressLock(ctx context.Context, s *session.Session, address string, take func() (allocation.Lease, error)) (lease allocation.Lease, leaving bool, err error) {
	turn, err := s.Keys.Hold(ctx, addressKind, address)
	if err != nil {
		return allocation.Lease{}, false, err
	}
	defer turn.End()
	if lease, err = take(); err == nil {
		turn.Keep(address)
	}
	return lease, s.Keys.Leaving(addressKind, address), err
}

func takeLeaseLocked(ctx context.Context, s *session.Session, leases *allocation.Leases, address, label string, diags *diag.Diagnostics) (allocation.Lease, error) {
	lease, err := leases.Take(ctx, address, label)
	var leased *allocation.LeasedError
	if errors.As(err, &leased) && (leased.Expired || leased.LeftFor(label)) {
		return takeOverLease(ctx, s, leases, leased, label, diags)
	}
	return lease, err
}

// takeOverLease takes over a lease that was left, unless a server has the
// address by now: the pool's list may be some seconds old.
func takeOverLease(ctx context.Context, s *session.Session, leases *allocation.Leases, leased *allocation.LeasedError, label string, diags *diag.Diagnostics) (allocation.Lease, error) {
	s.Client.Snapshot.Refresh(client.KindIPs)
	ip, err := s.Client.Snapshot.IPAt(ctx, leased.Lease.Address)
	if err != nil {
		return allocation.Lease{}, err
	}
	if ip == nil || ip.Assigned() {
		return allocation.Lease{}, leased
	}
	lease, err := leases.TakeOver(ctx, leased, label)
	if err == nil && leased.LeftFor(label) {
		diags.AddWarning("Took over the lease of "+leased.Lease.Address,
			fmt.Sprintf("It was leased to %s by an apply that was interrupted, and no server has the address. "+
				"If a state still has a gogrid_private_ip for it, give each gogrid_private_ip of this deployment a label of its own, and replace that one with -replace.", leased.Holder()))
	} else if err == nil {
		diags.AddWarning("Took over the lease of "+leased.Lease.Address,
			fmt.Sprintf("It was leased to %s, which is longer than leases_expire_after allows, and no server has the address. "+
				"If a state still has a gogrid_private_ip for it, that one has lost the address: replace it there with -replace.", leased.Holder()))
	}
	return lease, err
}

// keepLease takes the lease of an address that this deployment already has. A
// deletion of another claim of the address, in this process, then leaves the
// lease alone.
func keepLease(ctx context.Context, s *session.Session, address, label string) (allocation.Lease, error) {
	leases, err := s.Leases(ctx)
	if err != nil || leases == nil {
		return allocation.Lease{}, err
	}
	lease, _, err := withAddressLock(ctx, s, address, func() (allocation.Lease, error) {
		lease, err := leases.Take(ctx, address, label)
		var leased *allocation.LeasedError
		if errors.As(err, &leased) && leased.Lease.Owner == s.Deployment {
			return leased.Lease, nil
		}
		return lease, err
	})
	return lease, err
}

// releaseLease releases the lease of a claim that is destroyed. A lease that this
// process has taken for another claim stays. If another holder has the lease, two
// claims have had the address, which is worth a warning.
func releaseLease(ctx context.Context, s *session.Session, address string, held allocation.Lease) diag.Diagnostics {
	var diags diag.Diagnostics
	turn, err := s.Keys.Leave(ctx, addressKind, address)
	if err != nil {
		diags.Append(tf.Failure("release the lease of "+address, err))
		return diags
	}
	defer turn.End()
	if len(turn.Holders()) > 0 {
		return diags
	}
	leases, err := s.Leases(ctx)
	if err == nil && leases != nil {
		err = leases.Release(ctx, address, held)
	}
	var leased *allocation.LeasedError
	switch {
	case errors.As(err, &leased):
		diags.Append(foreignLease(leased))
	case err != nil:
		diags.Append(tf.Failure("release the lease of "+address, err))
	}
	return diags
}

func foreignLease(leased *allocation.LeasedError) diag.Diagnostic {
	return diag.NewWarningDiagnostic("The lease of "+leased.Lease.Address+" is not ours", tf.Sentence(leased.Error())+" It was left as it is.")
}

// updateLease gives the lease of a claim the current deployment and label, after
// one of them was renamed. A lease that keeps its old label is no error: it is
// still released with its claim.
func updateLease(ctx context.Context, s *session.Session, plan, prior privateIPModel, private tf.PrivateReader, to tf.PrivateWriter) diag.Diagnostics {
	renamed := !plan.Deployment.Equal(prior.Deployment)
	held, diags := recordedLease(ctx, private)
	if held.Owner == "" {
		held.Owner = prior.Deployment.ValueString()
	}
	held.Label = prior.Label.ValueString()
	if !renamed && (plan.Label.Equal(prior.Label) || held.Since.IsZero()) {
		return diags
	}
	address := prior.Address.ValueString()
	leases, err := s.Leases(ctx)
	if err == nil && leases == nil {
		return diags
	}
	var lease allocation.Lease
	if err == nil {
		lease, err = leases.Rewrite(ctx, address, held, plan.Label.ValueString())
	}
	var leased *allocation.LeasedError
	switch {
	case err == nil:
		diags.Append(recordLease(ctx, to, lease)...)
	case errors.As(err, &leased):
		diags.Append(foreignLease(leased))
	case renamed:
		diags.Append(tf.Failure("give the lease of "+address+" to deployment \""+s.Deployment+"\"", err))
	default:
		diags.AddWarning("The lease of "+address+" keeps its old label", tf.Sentence(err.Error()))
	}
	return diags
}

// plannedOwner is the owner that a plan shows for the lease of a claim. A claim
// without an owner, such as a claim of an earlier release, stays without an
// owner.
func plannedOwner(s *session.Session, prior types.String) types.String {
	if prior.IsNull() || !s.Known() || !s.Storage.Set || len(s.Storage.Unknown) > 0 {
		return prior
	}
	return tf.NullIfEmpty(s.Deployment)
}

// newOwner is the owner that a plan shows for the lease of a new claim.
func newOwner(s *session.Session) types.String {
	switch {
	case !s.Known() || s.Storage.Set && len(s.Storage.Unknown) > 0:
		return types.StringUnknown()
	case !s.Storage.Set:
		return types.StringNull()
	}
	return tf.NullIfEmpty(s.Deployment)
}

// importedOwner is the owner of the lease of an address that is imported, if that
// is this deployment. An import does not fail for the lease.
func importedOwner(ctx context.Context, s *session.Session, address string) types.String {
	leases, err := s.Leases(ctx)
	if err != nil || leases == nil || s.Deployment == "" {
		return types.StringNull()
	}
	owner, err := leases.OwnerOf(ctx, address)
	if err != nil || owner != s.Deployment {
		return types.StringNull()
	}
	return types.StringValue(owner)
}

// leaseKey is the key in private state under which a claim notes the time and
// owner of its lease. With them the claim recognizes its lease, even after the
// deployment was renamed.
const leaseKey = "lease"

// leaseRecord is the note in private state. Earlier releases noted only the time,
// as a text.
type leaseRecord struct {
	Since time.Time `json:"since"`
	Owner string    `json:"owner,omitempty"`
}

// recordLease notes a lease that was taken.
func recordLease(ctx context.Context, private tf.PrivateWriter, lease allocation.Lease) diag.Diagnostics {
	if lease.Since.IsZero() {
		return nil
	}
	text, err := json.Marshal(leaseRecord{lease.Since, lease.Owner})
	if err != nil {
		return diag.Diagnostics{tf.Failure("note the lease of "+lease.Address, err)}
	}
	return private.SetKey(ctx, leaseKey, text)
}

// recordedLease returns what a claim has noted of its lease; the zero lease if
// nothing is noted, as after an import.
func recordedLease(ctx context.Context, private tf.PrivateReader) (allocation.Lease, diag.Diagnostics) {
	text, diags := private.GetKey(ctx, leaseKey)
	if len(text) == 0 {
		return allocation.Lease{}, diags
	}
	var note leaseRecord
	if json.Unmarshal(text, &note) != nil && json.Unmarshal(text, &note.Since) != nil {
		return allocation.Lease{}, diags
	}
	return allocation.Lease{Since: note.Since, Owner: note.Owner}, diags
}
