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

// wantLeased requires that err is a *LeasedError with the given Expired.
func wantLeased(t *testing.T, err error, expired bool) *allocation.LeasedError {
	t.Helper()
	var leased *allocation.LeasedError
	if !errors.As(err, &leased) || leased.Expired != expired {
		t.Fatalf("got %v, want a LeasedError with Expired %t", err, expired)
	}
	return leased
}

// TestExpiredLease checks that a process with an expiry may take over an
// expired lease, and that the earlier holder cannot release the lease of the
// new holder.
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
		t.Error("a lease that has not expired was taken over")
	}
	wantTaken(t, next, address)

	clock.Advance(2 * time.Second)
	_, err = first.Take(t.Context(), address, "mail")
	_ = wantLeased(t, err, false) // no expiry is set
	_, err = next.Take(t.Context(), address, "mail")
	left := wantLeased(t, err, true)
	wantTaken(t, next)
	lease, err := next.TakeOver(t.Context(), left, "mail")
	if err != nil || lease.Label != "mail" || !lease.Since.After(old.Since) {
		t.Fatalf("got %+v, %v", lease, err)
	}
	if len(share.files) != 1 {
		t.Errorf("got files %v, want one", share.files)
	}
	_ = wantLeased(t, first.Release(t.Context(), address, old), false)
	if err := next.Release(t.Context(), address, lease); err != nil || len(share.files) > 0 {
		t.Errorf("got %v and files %v, want no files", err, share.files)
	}
}

func wantTaken(t *testing.T, leases *allocation.Leases, want ...string) {
	t.Helper()
	got, err := leases.Taken(t.Context())
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got taken addresses %v and error %v, want %v", got, err, want)
	}
}

// TestLeaseWithoutText checks a lease whose owner was killed before it wrote
// the content. The age of such a lease is the age of its file.
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
	share.times[left.Path] = clock.Now() // another process created it again
	if lease, err := leases.TakeOver(t.Context(), left, ""); err == nil {
		t.Errorf("got %+v: a lease whose time had changed was taken over", lease)
	}
	clock.Advance(2 * expiry)
	if _, err := leases.TakeOver(t.Context(), left, ""); err != nil {
		t.Error(err)
	}
}

// TestTakeOverIsWonByOne checks that exactly one caller succeeds, although all
// callers have read the same old lease and others try to take the lease at the
// same time.
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
		t.Errorf("%d callers have the lease, want one", won.Load())
	}
	// A lock keeps other processes from taking over the lease until the lock is
	// old enough to count as abandoned.
	clock.Advance(2 * expiry)
	_, err = leases.Take(t.Context(), address, "")
	left = wantLeased(t, err, true)
	share.files[left.Path+".takeover"] = ""
	_, err = leases.TakeOver(t.Context(), left, "")
	_ = wantLeased(t, err, true)
	share.times[left.Path+".takeover"] = clock.Now().Add(-11 * time.Minute)
	if _, err := leases.TakeOver(t.Context(), left, ""); err != nil {
		t.Errorf("the lock of a killed process prevents the takeover: %v", err)
	}
	if len(share.files) != 1 {
		t.Errorf("got files %v, want one", share.files)
	}
}

// TestLeaseOfAnEarlierProcess checks that exactly one claim takes over a lease
// at once if an earlier process of the deployment took the lease for the same
// label.
func TestLeaseOfAnEarlierProcess(t *testing.T) {
	t.Parallel()
	const address = "10.110.0.5"
	for name, c := range map[string]struct {
		owner, label string
		begun        time.Duration // after the lease was taken
		left         bool
	}{
		"own":                    {"shop", "web", time.Second, true},
		"own, at the same time":  {"shop", "web", 0, true},
		"another label":          {"shop", "db", time.Second, false},
		"another owner":          {"blog", "web", time.Second, false},
		"no owner":               {"", "web", time.Second, false},
		"a process beside this":  {"shop", "web", -time.Second, false},
		"nothing known of begin": {"shop", "web", -1 << 62, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			share, clock := newShare()
			if _, err := (&allocation.Leases{Files: share, Owner: c.owner, Clock: clock}).Take(t.Context(), address, c.label); err != nil {
				t.Fatal(err)
			}
			next := &allocation.Leases{Files: share, Owner: "shop", Clock: clock}
			if c.begun != -1<<62 {
				next.ProcessStart = clock.Now().Add(c.begun)
			}
			clock.Advance(time.Minute)
			_, err := next.Take(t.Context(), address, "web")
			found := wantLeased(t, err, false)
			if found.LeftFor("web") != c.left {
				t.Fatalf("got LeftFor %t", found.LeftFor("web"))
			}
			var won atomic.Int64
			var group sync.WaitGroup
			for range 20 {
				group.Go(func() {
					if _, err := next.TakeOver(t.Context(), found, "web"); err == nil {
						won.Add(1)
					}
				})
			}
			group.Wait()
			if want := map[bool]int64{true: 1}[c.left]; won.Load() != want {
				t.Errorf("%d callers took the lease over, want %d", won.Load(), want)
			}
			if len(share.files) != 1 {
				t.Errorf("got files %v, want one", share.files)
			}
		})
	}
}

// TestLockOfAnEarlierProcess checks that a process gets a lease even if an
// earlier process of the deployment was killed during a takeover.
func TestLockOfAnEarlierProcess(t *testing.T) {
	t.Parallel()
	share, clock := newShare()
	const address = "10.110.0.5"
	if _, err := (&allocation.Leases{Files: share, Owner: "shop", Clock: clock}).Take(t.Context(), address, ""); err != nil {
		t.Fatal(err)
	}
	lock := allocation.LeasePath(address) + ".takeover"
	share.files[lock] = `{"owner":"shop","since":"` + clock.Now().UTC().Format(time.RFC3339) + `"}`
	next := &allocation.Leases{Files: share, Owner: "shop", Clock: clock, ProcessStart: clock.Now().Add(2 * time.Second)}
	clock.Advance(time.Minute)
	_, err := next.Take(t.Context(), address, "")
	lease, err := next.TakeOver(t.Context(), wantLeased(t, err, false), "")
	if err != nil || len(share.files) != 1 {
		t.Errorf("got %v and files %v, want one file", err, share.files)
	}
	// If a process was killed at the end of its takeover, the state records the
	// lease but the lock remains. Release removes both files.
	share.files[lock] = `{"owner":"shop","since":"` + lease.Since.Add(-time.Hour).Format(time.RFC3339) + `"}`
	if err := next.Release(t.Context(), address, lease); err != nil || len(share.files) > 0 {
		t.Errorf("got %v and files %v, want no files", err, share.files)
	}
}

// TestLeftBehind checks that LeftBehind returns the leases of the deployment's
// earlier processes, sorted by address.
func TestLeftBehind(t *testing.T) {
	t.Parallel()
	share, clock := newShare()
	for _, c := range []struct{ address, owner string }{{"10.0.0.10", "shop"}, {"10.0.0.9", "shop"}, {"10.0.0.8", "blog"}, {"10.0.0.7", "shop"}} {
		if _, err := (&allocation.Leases{Files: share, Owner: c.owner, Clock: clock}).Take(t.Context(), c.address, ""); err != nil {
			t.Fatal(err)
		}
	}
	share.files[allocation.LeasePath("10.0.0.11")] = ""
	next := &allocation.Leases{Files: share, Owner: "shop", Clock: clock, ProcessStart: clock.Now()}
	left, err := next.LeftBehind(t.Context(), func(address string) bool { return address != "10.0.0.7" })
	if err != nil || len(left) != 2 || left[0].Lease.Address != "10.0.0.9" || left[1].Lease.Address != "10.0.0.10" {
		t.Errorf("got %v, %v", left, err)
	}
}

// TestRenamedOwner checks that a claim recognizes its lease after its
// deployment was renamed, and writes the new name into the lease.
func TestRenamedOwner(t *testing.T) {
	t.Parallel()
	share, clock := newShare()
	const address = "10.110.0.5"
	old := &allocation.Leases{Files: share, Owner: "shop", Clock: clock}
	held, err := old.Take(t.Context(), address, "web")
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	renamed := &allocation.Leases{Files: share, Owner: "store", Clock: clock}
	lease, err := renamed.Rewrite(t.Context(), address, held, "db")
	if err != nil || lease.Owner != "store" || lease.Label != "db" || !lease.Since.Equal(held.Since) {
		t.Errorf("got %+v, %v, want owner store and label db", lease, err)
	}
	_, err = old.Rewrite(t.Context(), address, allocation.Lease{Owner: "shop", Since: held.Since}, "web")
	_ = wantLeased(t, err, false) // another claim holds the lease now
	for _, known := range []allocation.Lease{{Since: held.Since.Add(time.Second), Owner: "store"}, {Since: held.Since, Label: "web"}, {}} {
		_ = wantLeased(t, old.Release(t.Context(), address, known), false)
	}
	if err := old.Release(t.Context(), address, lease); err != nil || len(share.files) > 0 {
		t.Errorf("got %v and files %v, want no files", err, share.files)
	}
	if _, err := renamed.Rewrite(t.Context(), address, lease, "db"); err != nil || len(share.files) != 1 {
		t.Errorf("rewrite a missing lease: got %v and files %v, want one file", err, share.files)
	}
}
