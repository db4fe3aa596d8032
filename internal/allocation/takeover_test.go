// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation_test

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
)

const expiry = 24 * time.Hour

// wantLeased wants an error about a lease that somebody has.
func wantLeased(t *testing.T, err error, expired bool) *allocation.LeasedError {
	t.Helper()
	var leased *allocation.LeasedError
	if !errors.As(err, &leased) || leased.Expired != expired {
		t.Fatalf("got %v, want a lease that is expired: %t", err, expired)
	}
	return leased
}

// TestExpiredLease: once it is old enough, one who says how old that is may take
// it over, and who had it does not give back what is another's now.
func TestExpiredLease(t *testing.T) {
	t.Parallel()
	share, clock := newShare()
	first := &allocation.Leases{Files: share, Owner: "shop", Clock: clock}
	next := &allocation.Leases{Files: share, Owner: "shop", Clock: clock, Expiry: expiry}
	const address = "10.110.0.5"
	old, err := first.Take(t.Context(), address, "web")
	if err != nil {
		t.Fatal(err)
	}
	share.times[allocation.LeasePath(address)] = clock.Now()
	clock.Advance(expiry - time.Second)
	_, err = next.Take(t.Context(), address, "mail")
	young := wantLeased(t, err, false)
	if _, err = next.TakeOver(t.Context(), young, "mail"); err == nil {
		t.Error("a lease was taken over that has not expired")
	}
	wantTaken(t, next, address)

	clock.Advance(2 * time.Second)
	_, err = first.Take(t.Context(), address, "mail")
	_ = wantLeased(t, err, false) // nobody has said that leases expire
	_, err = next.Take(t.Context(), address, "mail")
	left := wantLeased(t, err, true)
	wantTaken(t, next)
	lease, err := next.TakeOver(t.Context(), left, "mail")
	if err != nil || lease.Label != "mail" || !lease.Since.After(old.Since) {
		t.Fatalf("got %+v, %v", lease, err)
	}
	if len(share.files) != 1 {
		t.Errorf("there are %v", share.files)
	}
	_ = wantLeased(t, first.Release(t.Context(), address, old.Since), false)
	if err := next.Release(t.Context(), address, lease.Since); err != nil || len(share.files) > 0 {
		t.Errorf("%v, and there are %v", err, share.files)
	}
}

func wantTaken(t *testing.T, leases *allocation.Leases, want ...string) {
	t.Helper()
	got, err := leases.Taken(t.Context())
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("taken are %v (%v), want %v", got, err, want)
	}
}

// TestLeaseWithoutText: its owner was killed before it had written anything. The
// file's own time is its age.
func TestLeaseWithoutText(t *testing.T) {
	t.Parallel()
	share, clock := newShare()
	leases := &allocation.Leases{Files: share, Clock: clock, Expiry: expiry}
	const address = "10.110.0.5"
	share.files[allocation.LeasePath(address)] = ""
	_, err := leases.Take(t.Context(), address, "")
	_ = wantLeased(t, err, false)
	share.times[allocation.LeasePath(address)] = clock.Now()
	clock.Advance(2 * expiry)
	_, err = leases.Take(t.Context(), address, "")
	left := wantLeased(t, err, true)
	share.times[left.Path] = clock.Now() // somebody has made it anew
	if lease, err := leases.TakeOver(t.Context(), left, ""); err == nil {
		t.Errorf("it was taken over as %+v, and its time has changed", lease)
	}
	clock.Advance(2 * expiry)
	if _, err := leases.TakeOver(t.Context(), left, ""); err != nil {
		t.Error(err)
	}
}

// TestTakeOverIsWonByOne: also when all have read the same old lease, and when
// others take what lies free for a moment.
func TestTakeOverIsWonByOne(t *testing.T) {
	t.Parallel()
	share, clock := newShare()
	leases := &allocation.Leases{Files: share, Clock: clock, Expiry: expiry}
	const address = "10.110.0.5"
	if _, err := leases.Take(t.Context(), address, "dead"); err != nil {
		t.Fatal(err)
	}
	clock.Advance(2 * expiry)
	_, err := leases.Take(t.Context(), address, "")
	left := wantLeased(t, err, true)
	var won atomic.Int64
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			var err error
			if i%5 == 0 {
				_, err = leases.Take(t.Context(), address, "taker")
			} else {
				_, err = leases.TakeOver(t.Context(), left, "heir")
			}
			var leased *allocation.LeasedError
			if err == nil {
				won.Add(1)
			} else if !errors.As(err, &leased) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if won.Load() != 1 {
		t.Errorf("%d have it, want one", won.Load())
	}
	// One that was killed in its turn keeps others from taking over, and no more.
	clock.Advance(2 * expiry)
	_, err = leases.Take(t.Context(), address, "")
	left = wantLeased(t, err, true)
	share.files[left.Path+".takeover"] = ""
	_, err = leases.TakeOver(t.Context(), left, "")
	_ = wantLeased(t, err, true)
	delete(share.files, left.Path)
	if _, err := leases.Take(t.Context(), address, ""); err != nil {
		t.Errorf("what was removed by hand cannot be taken: %v", err)
	}
}
