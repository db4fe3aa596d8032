// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
)

// turnSuffix is added to the path of a lease while somebody takes it over.
const turnSuffix = ".takeover"

// TakeOver takes a lease from who has left it. Of several that try at the same
// time one succeeds. The error is a *LeasedError when the lease is not what it
// was, or another one is at it.
//
// Two that have both read the old lease must not replace it one after the other,
// and a share can neither compare nor swap. So a second file says whose turn it
// is, and the lease is looked at again in turn. A process that is killed meanwhile
// leaves that file, which keeps this lease from being taken over, and nothing
// else: the lease can still be removed by hand.
func (l *Leases) TakeOver(ctx context.Context, left *LeasedError, label string) (Lease, error) {
	turn := left.Path + turnSuffix
	err := l.Files.CreateExclusive(ctx, turn, nil)
	if errors.Is(err, fs.ErrExist) {
		return Lease{}, left
	}
	if err != nil {
		return Lease{}, err
	}
	defer func() { _ = l.Files.Remove(context.WithoutCancel(ctx), turn) }() // see above
	return l.replace(ctx, left, label)
}

// replace removes a lease that is still what it was and takes a new one. Somebody
// who finds the address without a lease in between gets it.
func (l *Leases) replace(ctx context.Context, left *LeasedError, label string) (Lease, error) {
	address := left.Lease.Address
	var found *LeasedError
	if err := l.taken(ctx, address); !errors.As(err, &found) {
		return Lease{}, err
	}
	if !found.Expired || !bytes.Equal(found.text, left.text) {
		return Lease{}, found
	}
	if err := l.Files.Remove(ctx, found.Path); err != nil {
		return Lease{}, err
	}
	return l.Take(ctx, address, label)
}
