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
	// turnSuffix is added to the path of a lease while a process takes it over.
	turnSuffix = ".takeover"
	// probeSuffix is added to the path of a turn for a file that shows the time of
	// the server.
	probeSuffix = ".probe"
	// turnLimit is the age at which a turn counts as abandoned by a killed
	// process. A turn is a few operations on small files.
	turnLimit = 10 * time.Minute
	// mostTurns bounds how many turns of one lease may have been left.
	mostTurns = 16
)

// TakeOver takes a lease that was left: one that has expired, or one that an
// earlier process of this owner took for the same label. If several processes try
// at the same time, one succeeds. The error is a *LeasedError if the lease has
// changed, or if another process is taking it over.
//
// Taking over a lease of the own owner and label never gives an address to two
// claims. The earlier process has ended: one deployment is one state, and the
// state is locked during an apply. A process that runs at the same time for
// another provider alias has younger leases. So the claim that took the lease
// is either lost, and its address is free, or it is in the state. An apply does
// not show the provider a claim that stays unchanged, but the plan does. The
// plan refuses a new claim that may choose an address that another claim keeps
// and no server has, and a new claim with the fixed address of another claim. A
// claim without a label has the empty text as its label. In two cases the user
// must give claims different labels: plans with -target, which do not visit all
// claims, and provider aliases of one deployment that are configured late.
func (l *Leases) TakeOver(ctx context.Context, left *LeasedError, label string) (Lease, error) {
	end, err := l.turn(ctx, left)
	if err != nil {
		return Lease{}, err
	}
	defer end()
	return l.replace(ctx, left, label)
}

// replace replaces a lease that has not changed since it was read.
func (l *Leases) replace(ctx context.Context, left *LeasedError, label string) (Lease, error) {
	var found *LeasedError
	if err := l.taken(ctx, left.Lease.Address); !errors.As(err, &found) {
		return Lease{}, err
	}
	if !found.Expired && !found.LeftFor(label) || !bytes.Equal(found.text, left.text) {
		return Lease{}, found
	}
	return l.write(ctx, found, Lease{Address: left.Lease.Address, Owner: l.Owner, Label: label, Since: l.Clock.Now().UTC()})
}

// write replaces the file of a lease; the file may be missing.
func (l *Leases) write(ctx context.Context, found *LeasedError, next Lease) (Lease, error) {
	if found.text == nil {
		return l.Take(ctx, next.Address, next.Label)
	}
	if err := l.Files.Replace(ctx, found.Path, next.encode()); err != nil {
		return Lease{}, err
	}
	return next, nil
}

// Rewrite gives the lease that a claim holds to this owner and to a label, after
// one of them was renamed. A lease that is gone is taken again. The error is a
// *LeasedError if another claim has the lease.
func (l *Leases) Rewrite(ctx context.Context, address string, held Lease, label string) (Lease, error) {
	err := l.taken(ctx, address)
	var found *LeasedError
	if !errors.As(err, &found) {
		return Lease{}, err
	}
	if found.text != nil && !found.dark && !l.holds(found.Lease, held) {
		return Lease{}, found
	}
	end, err := l.turn(ctx, found)
	if err != nil {
		return Lease{}, err
	}
	defer end()
	var now *LeasedError
	if err := l.taken(ctx, address); !errors.As(err, &now) {
		return Lease{}, err
	}
	if !bytes.Equal(now.text, found.text) {
		return Lease{}, now
	}
	next := Lease{Address: address, Owner: l.Owner, Label: label, Since: now.Lease.Since}
	if next.Since.IsZero() || now.dark {
		next.Since = l.Clock.Now().UTC()
	}
	return l.write(ctx, now, next)
}

// turnNote is the content of the file that names the process whose turn it is.
type turnNote struct {
	Owner string    `json:"owner,omitempty"`
	Since time.Time `json:"since"`
}

// turn does not wait: it returns a function that ends the turn, or a
// *LeasedError if another process has the turn.
//
// Two processes that have both read a lease must not replace it one after the
// other, and a share can neither compare nor swap. So a second file says whose
// turn it is, and the lease is read again in turn. A process that was killed in
// its turn leaves that file. The next process then takes a turn of the next
// number, and removes the files of both at its end, its own last: two processes
// that find the same file left cannot get the same next turn.
func (l *Leases) turn(ctx context.Context, lease *LeasedError) (end func(), err error) {
	note, err := json.Marshal(turnNote{Owner: l.Owner, Since: l.Clock.Now().UTC()})
	if err != nil {
		return nil, err
	}
	for number := range mostTurns {
		err := l.Files.CreateExclusive(ctx, turnPath(lease.Path, number), note)
		if err == nil {
			return func() {
				ctx := context.WithoutCancel(ctx)
				for i := range number + 1 {
					_ = l.Files.Remove(ctx, turnPath(lease.Path, i)) // the next turn goes by its age
				}
			}, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		abandoned, err := l.abandoned(ctx, turnPath(lease.Path, number))
		if err != nil {
			return nil, err
		}
		if !abandoned {
			return nil, lease
		}
	}
	return nil, lease
}

func turnPath(lease string, number int) string {
	if number == 0 {
		return lease + turnSuffix
	}
	return fmt.Sprintf("%s%s-%d", lease, turnSuffix, number+1)
}

// abandoned reports whether a turn was left by a process that was killed: an
// earlier one of this owner, or any if the turn is old by the server's clock.
func (l *Leases) abandoned(ctx context.Context, turn string) (bool, error) {
	text, err := l.Files.Read(ctx, turn, largestLease)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) { // it has just ended
			err = nil
		}
		return false, err
	}
	var note turnNote
	if json.Unmarshal(text, &note) == nil && l.Owner != "" && note.Owner == l.Owner && !note.Since.IsZero() && note.Since.Before(l.Begun) {
		return true, nil
	}
	probe := turn + probeSuffix
	if err := l.Files.Replace(ctx, probe, nil); err != nil {
		return false, err
	}
	defer func() { _ = l.Files.Remove(context.WithoutCancel(ctx), probe) }() // a probe that stays does no harm
	times, err := l.Files.Times(ctx, turn)
	if err != nil {
		return false, err
	}
	now, begun := times[probe], times[turn]
	return !now.IsZero() && !begun.IsZero() && now.Sub(begun) > turnLimit, nil
}

// removeTurns removes the turn files that killed processes left for a lease. A
// file that cannot be removed blocks no other lease.
func (l *Leases) removeTurns(ctx context.Context, lease string) {
	times, err := l.Files.Times(ctx, lease+turnSuffix)
	if err != nil {
		return
	}
	for turn := range times {
		if abandoned, err := l.abandoned(ctx, turn); abandoned && err == nil {
			_ = l.Files.Remove(ctx, turn) // see above
		}
	}
}
