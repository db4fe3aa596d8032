// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"
)

// LeaseFiles is where leases are kept: a share that all who allocate from one
// block have in common. Of several that create a file at the same time one
// succeeds, and the others get fs.ErrExist.
type LeaseFiles interface {
	CreateExclusive(ctx context.Context, path string, content []byte) error
	Read(ctx context.Context, path string, limit int64) ([]byte, error)
	Remove(ctx context.Context, path string) error
	// Times lists the files whose paths begin with a prefix, with when each was
	// last changed.
	Times(ctx context.Context, prefix string) (map[string]time.Time, error)
}

// Leases keep processes that know nothing of each other from handing out the
// same private address. A Pool does that for one process only.
type Leases struct {
	// Files keep the leases.
	Files LeaseFiles
	// Owner names who takes them: the deployment. May be empty.
	Owner string
	// Expiry is the age from which on a lease counts as one that a killed process
	// has left. 0: none ever does, since nothing else tells it from that of a claim
	// that waits for its server.
	Expiry time.Duration
	Clock  clockwork.Clock
}

// Lease is a private address that somebody has.
type Lease struct {
	Address string    `json:"address"`
	Owner   string    `json:"owner,omitempty"`
	Label   string    `json:"label,omitempty"`
	Since   time.Time `json:"since"`
}

// largestLease is more than a lease can be, in bytes.
const largestLease = 16 << 10

// Where the leases are.
const (
	// LeaseFolder begins the paths of all leases.
	LeaseFolder = "leases/private-ip/"
	leaseSuffix = ".json"
)

// LeasePath is the file of an address's lease.
func LeasePath(address string) string { return LeaseFolder + address + leaseSuffix }

// LeasedError says that somebody has the lease of an address.
type LeasedError struct {
	Lease Lease
	// Age is how long they have had it, Path the file to remove when they are
	// gone.
	Age  time.Duration
	Path string
	// Expired says that the lease may be taken over.
	Expired bool

	text []byte // what the file holds, nil when it is gone
	dark bool   // the text tells nothing
}

// Error tells who has the lease, since when, and what can be done.
func (e *LeasedError) Error() string {
	return fmt.Sprintf("%s is leased to %s; if that is gone, remove the file %s on Cloud Storage", e.Lease.Address, e.Holder(), e.Path)
}

// Holder names who has the lease and how long.
func (e *LeasedError) Holder() string {
	who := "another state"
	if e.Lease.Owner != "" {
		who = fmt.Sprintf("deployment %q", e.Lease.Owner)
	}
	if e.Lease.Label != "" {
		who += fmt.Sprintf(" for %q", e.Lease.Label)
	}
	if e.Lease.Since.IsZero() {
		return who
	}
	return fmt.Sprintf("%s, for %s", who, e.Age.Round(time.Second))
}

// Take takes the lease of an address. The error is a *LeasedError when somebody
// has it.
func (l *Leases) Take(ctx context.Context, address, label string) (Lease, error) {
	lease := Lease{Address: address, Owner: l.Owner, Label: label, Since: l.Clock.Now().UTC().Truncate(time.Second)}
	text, err := json.Marshal(lease)
	if err != nil {
		return Lease{}, err
	}
	err = l.Files.CreateExclusive(ctx, LeasePath(address), append(text, '\n'))
	if errors.Is(err, fs.ErrExist) {
		err = l.taken(ctx, address)
	}
	if err != nil {
		return Lease{}, err
	}
	return lease, nil
}

// taken describes the lease that somebody has. It may be gone again, or not
// written yet, or never, if that was when its owner was killed: then little is
// known of it, and the address is theirs all the same.
func (l *Leases) taken(ctx context.Context, address string) error {
	found := &LeasedError{Lease: Lease{Address: address}, Path: LeasePath(address)}
	text, err := l.Files.Read(ctx, found.Path, largestLease)
	if errors.Is(err, fs.ErrNotExist) {
		return found
	}
	if err != nil {
		return err
	}
	found.text = append([]byte{}, text...)
	if found.dark = json.Unmarshal(text, &found.Lease) != nil || found.Lease.Since.IsZero(); found.dark {
		times, err := l.Files.Times(ctx, found.Path)
		if err != nil {
			return err
		}
		found.Lease = Lease{Since: times[found.Path]}
	}
	found.Lease.Address = address
	if !found.Lease.Since.IsZero() {
		found.Age = l.Clock.Since(found.Lease.Since)
		found.Expired = l.expired(found.Lease.Since)
	}
	return found
}

func (l *Leases) expired(since time.Time) bool {
	return l.Expiry > 0 && l.Clock.Since(since) > l.Expiry
}

// Taken are the addresses that somebody has a lease of that has not expired, as
// far as the times of the files tell.
func (l *Leases) Taken(ctx context.Context) ([]string, error) {
	times, err := l.Files.Times(ctx, LeaseFolder)
	if err != nil {
		return nil, err
	}
	var addresses []string
	for path, since := range times {
		if address, ok := strings.CutSuffix(strings.TrimPrefix(path, LeaseFolder), leaseSuffix); ok && !l.expired(since) {
			addresses = append(addresses, address)
		}
	}
	return addresses, nil
}

// Release gives a lease back that was taken at some time; the zero time stands
// for one of which that is not known any more. One that somebody else has is left
// alone, which is a *LeasedError; one that is not there is released.
func (l *Leases) Release(ctx context.Context, address string, since time.Time) error {
	err := l.taken(ctx, address)
	var found *LeasedError
	if !errors.As(err, &found) {
		return err
	}
	ours := found.Lease.Owner == l.Owner && (since.IsZero() || since.Equal(found.Lease.Since))
	if readable := found.text != nil && !found.dark; readable && !ours {
		return found
	}
	return l.Files.Remove(ctx, found.Path)
}
