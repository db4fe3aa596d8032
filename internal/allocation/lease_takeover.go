// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

const (
	// lockSuffix is appended to the path of a lease to form the path of its
	// lock. A process holds the lock while it takes over the lease.
	lockSuffix = ".takeover"
	// probeSuffix is appended to the path of a lock to form the path of a
	// probe. The modification time of a new probe shows the current time of the
	// file server.
	probeSuffix = ".probe"
	// lockTimeout is the age at which a lock counts as abandoned by a killed
	// process. A process holds a lock for a few operations on small files.
	lockTimeout = 10 * time.Minute
	// maxLocks limits how many abandoned locks one lease may have.
	maxLocks = 16
)

// TakeOver takes over a lease that was left behind: one that has expired, or
// one that an earlier process of this owner took for the same label. If several
// processes try at the same time, exactly one succeeds. The error is a
// *LeasedError if the lease has changed, or if another process is taking it
// over.
//
// A takeover for the same owner and label never gives one address to two
// claims. The earlier process has ended: one deployment is one state, and
// Terraform locks the state during an apply. Leases of a concurrent process for
// another provider alias are younger than this process. So the claim that took
// the lease is either lost, which makes its address free, or recorded in the
// state.
//
// During an apply the provider does not see unchanged claims, so it checks them
// during the plan. The plan rejects a new claim that requests the address of
// another claim. It also rejects a new claim that could choose an address that
// another claim keeps and no server uses. The label of a claim without a label
// is the empty string. The user must give claims different labels in two cases:
// for plans with -target, which do not visit all claims, and for a provider
// alias that starts after another alias of the deployment has taken leases.
func (l *Leases) TakeOver(ctx context.Context, left *LeasedError, label string) (Lease, error) {
	unlock, err := l.lock(ctx, left)
	if err != nil {
		return Lease{}, err
	}
	defer unlock()
	return l.replace(ctx, left, label)
}

// replace replaces a lease unless it has changed since it was read.
func (l *Leases) replace(ctx context.Context, left *LeasedError, label string) (Lease, error) {
	var found *LeasedError
	if err := l.describe(ctx, left.Lease.Address); !errors.As(err, &found) {
		return Lease{}, err
	}
	if !found.Expired && !found.LeftFor(label) || !bytes.Equal(found.content, left.content) {
		return Lease{}, found
	}
	return l.write(ctx, found, Lease{Address: left.Lease.Address, Owner: l.Owner, Label: label, Since: l.Clock.Now().UTC()})
}

// write replaces the file of a lease, or takes the lease if the file was
// missing.
func (l *Leases) write(ctx context.Context, found *LeasedError, next Lease) (Lease, error) {
	if found.content == nil {
		return l.Take(ctx, next.Address, next.Label)
	}
	if err := l.Files.Replace(ctx, found.Path, next.encode()); err != nil {
		return Lease{}, err
	}
	return next, nil
}

// Rewrite writes a new owner and label into the lease that a claim holds, after
// one of them was renamed. If the lease is gone, Rewrite takes it again. The error
// is a *LeasedError if another claim holds the lease.
func (l *Leases) Rewrite(ctx context.Context, address string, held Lease, label string) (Lease, error) {
	err := l.describe(ctx, address)
	var found *LeasedError
	if !errors.As(err, &found) {
		return Lease{}, err
	}
	if found.content != nil && !found.unreadable && !l.holds(found.Lease, held) {
		return Lease{}, found
	}
	unlock, err := l.lock(ctx, found)
	if err != nil {
		return Lease{}, err
	}
	defer unlock()
	var current *LeasedError
	if err := l.describe(ctx, address); !errors.As(err, &current) {
		return Lease{}, err
	}
	if !bytes.Equal(current.content, found.content) {
		return Lease{}, current
	}
	next := Lease{Address: address, Owner: l.Owner, Label: label, Since: current.Lease.Since}
	if next.Since.IsZero() || current.unreadable {
		next.Since = l.Clock.Now().UTC()
	}
	return l.write(ctx, current, next)
}

// lockNote is the content of a lock file. It identifies the process that holds
// the lock.
type lockNote struct {
	Owner string    `json:"owner,omitempty"`
	Since time.Time `json:"since"`
}

// lock tries once to lock a lease for a takeover. The error is a *LeasedError
// if another process holds the lock.
//
// Two processes that have both read a lease must not replace it one after the
// other, and a share has no compare-and-swap. So a process first creates a
// second file, the lock, and then reads the lease again. If the process is
// killed, its lock stays, and the next process creates a lock with the next
// number. The returned unlock removes all locks up to that number, in ascending
// order. So two processes that find the same abandoned lock cannot both get the
// next number.
func (l *Leases) lock(ctx context.Context, lease *LeasedError) (unlock func(), err error) {
	note, err := json.Marshal(lockNote{Owner: l.Owner, Since: l.Clock.Now().UTC()})
	if err != nil {
		return nil, err
	}
	for number := range maxLocks {
		err := l.Files.CreateExclusive(ctx, lockPath(lease.Path, number), note)
		if err == nil {
			return func() {
				ctx := context.WithoutCancel(ctx)
				for i := range number + 1 {
					_ = l.Files.Remove(ctx, lockPath(lease.Path, i)) // a lock that cannot be removed expires after lockTimeout
				}
			}, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		abandoned, err := l.abandoned(ctx, lockPath(lease.Path, number))
		if err != nil {
			return nil, err
		}
		if !abandoned {
			return nil, lease
		}
	}
	return nil, lease
}

func lockPath(leasePath string, number int) string {
	if number == 0 {
		return leasePath + lockSuffix
	}
	return fmt.Sprintf("%s%s-%d", leasePath, lockSuffix, number+1)
}

// abandoned reports whether a killed process left a lock behind. A lock of an
// earlier process of this owner is abandoned. Any other lock is abandoned once
// it is older than lockTimeout according to the clock of the file server.
func (l *Leases) abandoned(ctx context.Context, path string) (bool, error) {
	content, err := l.Files.Read(ctx, path, maxLeaseBytes)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) { // the lock was just released
			err = nil
		}
		return false, err
	}
	var note lockNote
	if json.Unmarshal(content, &note) == nil && l.Owner != "" && note.Owner == l.Owner && !note.Since.IsZero() && note.Since.Before(l.ProcessStart) {
		return true, nil
	}
	probe := path + probeSuffix
	if err := l.Files.Replace(ctx, probe, nil); err != nil {
		return false, err
	}
	defer func() { _ = l.Files.Remove(context.WithoutCancel(ctx), probe) }() // a leftover probe is harmless
	times, err := l.Files.Times(ctx, path)
	if err != nil {
		return false, err
	}
	now, since := times[probe], times[path]
	return !now.IsZero() && !since.IsZero() && now.Sub(since) > lockTimeout, nil
}

// removeLocks removes the locks of a lease that killed processes left behind.
// It ignores errors, because a leftover lock does not affect other leases.
func (l *Leases) removeLocks(ctx context.Context, leasePath string) {
	times, err := l.Files.Times(ctx, leasePath+lockSuffix)
	if err != nil {
		return
	}
	for path := range times {
		if abandoned, err := l.abandoned(ctx, path); abandoned && err == nil {
			_ = l.Files.Remove(ctx, path)
		}
	}
}
