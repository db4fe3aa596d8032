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

// claim is a claimed address and its lease. The lease is zero without Cloud Storage.
type claim struct {
	ip    client.IP
	lease allocation.Lease
}

// orZero returns the claim, or the zero claim if c is nil.
func (c *claim) orZero() claim {
	if c == nil {
		return claim{}
	}
	return *c
}

// addressKind is the kind of private addresses in the key registry.
const addressKind = "private_ip"

// claimLeased claims an address from the pool and takes its lease. A leased
// address is not free, although the grid shows it as free. claimLeased may take
// over a lease that has expired, or that an earlier apply of this deployment
// took for the same label.
func claimLeased(ctx context.Context, s *session.Session, plan privateIPModel, diags *diag.Diagnostics) (claim, error) {
	leases, err := s.Leases(ctx)
	if err != nil {
		return claim{}, err
	}
	// Prefer an address whose lease was left by an earlier apply of this
	// deployment.
	if leases != nil && !tf.IsSet(plan.Address) {
		claimed, err := claimReclaimable(ctx, s, leases, plan, diags)
		if claimed != nil || err != nil {
			return claimed.orZero(), err
		}
	}

	// Otherwise try free addresses until one of them is not leased.
	for skipped := false; ; skipped = true {
		ip, err := s.Pool.Claim(ctx, privateRequest(s, plan))
		if err != nil && skipped {
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

// reclaimableLeases returns the leases that earlier processes of this
// deployment left for addresses without a server. It lists them once per
// session.
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

// claimReclaimable claims an address whose lease was left by an earlier apply
// of this deployment for the same label. Killed applies therefore do not use up
// the block. It returns nil if there is no such lease.
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
		// Request a range of one address: a request by address would also
		// succeed for an address that Pool.Vacate keeps for a claim in another
		// Terraform state.
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

// skipLeased marks all leased addresses as taken. If one address is leased,
// others probably are too, and one listing avoids a failed attempt for each.
func skipLeased(ctx context.Context, s *session.Session, leases *allocation.Leases) error {
	others, err := leases.Taken(ctx)
	for _, address := range others {
		s.Pool.Adopt(address, "another state")
	}
	return err
}

// takeLease takes the lease of an address, or takes over a lease that an
// earlier apply left. Afterwards, a delete of another claim of the address in
// this process keeps the lease. If the address is leased and such a delete is
// waiting, takeLease lets the delete release the lease first.
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

// takeReclaimableLease takes over a lease returned by reclaimableLeases.
func takeReclaimableLease(ctx context.Context, s *session.Session, leases *allocation.Leases, left *allocation.LeasedError, diags *diag.Diagnostics) (allocation.Lease, error) {
	lease, _, err := withAddressLock(ctx, s, left.Lease.Address, func() (allocation.Lease, error) {
		return takeOverLease(ctx, s, leases, left, left.Lease.Label, diags)
	})
	return lease, err
}

// withAddressLock calls take while it holds the lock of an address in this
// process. leaving is true if a delete of another claim of the address waits
// for the lock.
func withAddressLock(ctx context.Context, s *session.Session, address string, take func() (allocation.Lease, error)) (lease allocation.Lease, leaving bool, err error) {
	lock, err := s.Keys.Hold(ctx, addressKind, address)
	if err != nil {
		return allocation.Lease{}, false, err
	}
	defer lock.End()
	if lease, err = take(); err == nil {
		lock.Keep(address)
	}
	return lease, s.Keys.Leaving(addressKind, address), err
}

// takeLeaseLocked must be called with the lock of the address held. It returns an
// [*allocation.LeasedError] if another holder has the lease.
func takeLeaseLocked(ctx context.Context, s *session.Session, leases *allocation.Leases, address, label string, diags *diag.Diagnostics) (allocation.Lease, error) {
	lease, err := leases.Take(ctx, address, label)
	var leased *allocation.LeasedError
	if errors.As(err, &leased) && (leased.Expired || leased.LeftFor(label)) {
		return takeOverLease(ctx, s, leases, leased, label, diags)
	}
	return lease, err
}

// takeOverLease takes over a lease that an earlier apply left, and warns about
// it. It refreshes the list of addresses first, because the pool's list may be
// seconds old. If a server now has the address, takeOverLease returns leased as
// the error.
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
				"If a state still has a gogrid_private_ip with this address, give each gogrid_private_ip of this deployment a different label, and replace that gogrid_private_ip with -replace.", leased.Holder()))
	} else if err == nil {
		diags.AddWarning("Took over the lease of "+leased.Lease.Address,
			fmt.Sprintf("It was leased to %s, which is longer than leases_expire_after allows, and no server has the address. "+
				"If a state still has a gogrid_private_ip with this address, that gogrid_private_ip has lost the address: replace the resource in that state with -replace.", leased.Holder()))
	}
	return lease, err
}

// keepLease takes or keeps the lease of an address whose server belongs to this
// deployment. It returns the existing lease if this deployment holds it.
// Afterwards, a delete of another claim of the address in this process keeps
// the lease.
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

// releaseLease releases the lease of a destroyed claim. It keeps a lease that
// this process has taken for another claim. If another holder has the lease,
// releaseLease warns, because two claims had the address.
func releaseLease(ctx context.Context, s *session.Session, address string, held allocation.Lease) diag.Diagnostics {
	var diags diag.Diagnostics
	lock, err := s.Keys.Leave(ctx, addressKind, address)
	if err != nil {
		diags.Append(tf.Failure("release the lease of "+address, err))
		return diags
	}
	defer lock.End()
	if len(lock.Holders()) > 0 {
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

// foreignLease returns the warning that another holder has the lease of a claim.
func foreignLease(leased *allocation.LeasedError) diag.Diagnostic {
	return diag.NewWarningDiagnostic("The lease of "+leased.Lease.Address+" is not ours", tf.Sentence(leased.Error())+" The lease was not changed.")
}

// updateLease writes a renamed deployment or label into the lease of a claim.
// If only the label has changed and cannot be written, updateLease warns,
// because a destroy of the claim still releases the lease.
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

// plannedOwner returns the planned owner of the lease of an existing claim. The
// owner stays null if prior is null, as in a state of an earlier provider
// release.
func plannedOwner(s *session.Session, prior types.String) types.String {
	if prior.IsNull() || !s.Configured() || !s.Storage.Set || len(s.Storage.Unknown) > 0 {
		return prior
	}
	return tf.NullIfEmpty(s.Deployment)
}

// newOwner returns the planned owner of the lease of a new claim.
func newOwner(s *session.Session) types.String {
	switch {
	case !s.Configured() || s.Storage.Set && len(s.Storage.Unknown) > 0:
		return types.StringUnknown()
	case !s.Storage.Set:
		return types.StringNull()
	}
	return tf.NullIfEmpty(s.Deployment)
}

// importedOwner returns this deployment if it owns the lease of an imported
// address, and null otherwise. It ignores errors, because a lease must not make
// an import fail.
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

// leaseKey is the key in private state that holds the time and owner of a
// claim's lease. Time and owner identify the lease even after the deployment
// has been renamed.
const leaseKey = "lease"

// leaseRecord is the value of leaseKey in private state. Earlier provider releases
// stored only the time, as a JSON string.
type leaseRecord struct {
	Since time.Time `json:"since"`
	Owner string    `json:"owner,omitempty"`
}

// recordLease stores the time and owner of a lease in private state. It stores
// nothing for the zero lease.
func recordLease(ctx context.Context, private tf.PrivateWriter, lease allocation.Lease) diag.Diagnostics {
	if lease.Since.IsZero() {
		return nil
	}
	text, err := json.Marshal(leaseRecord{lease.Since, lease.Owner})
	if err != nil {
		return diag.Diagnostics{tf.Failure("record the lease of "+lease.Address, err)}
	}
	return private.SetKey(ctx, leaseKey, text)
}

// recordedLease returns the time and owner that private state holds for a claim's
// lease. It returns the zero lease if private state holds no valid record, as after
// an import.
func recordedLease(ctx context.Context, private tf.PrivateReader) (allocation.Lease, diag.Diagnostics) {
	text, diags := private.GetKey(ctx, leaseKey)
	if len(text) == 0 {
		return allocation.Lease{}, diags
	}
	var record leaseRecord
	if json.Unmarshal(text, &record) != nil && json.Unmarshal(text, &record.Since) != nil {
		return allocation.Lease{}, diags
	}
	return allocation.Lease{Since: record.Since, Owner: record.Owner}, diags
}
