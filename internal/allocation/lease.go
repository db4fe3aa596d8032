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
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/sync/errgroup"
)

// LeaseFiles is where leases are kept: a share that all who allocate from one
// block have in common. Of several that create a file at the same time one
// succeeds, and the others get fs.ErrExist.
type LeaseFiles interface {
	// CreateExclusive creates a file whole or not at all.
	CreateExclusive(ctx context.Context, path string, content []byte) error
	// Replace replaces the content of a file in one step.
	Replace(ctx context.Context, path string, content []byte) error
	// Read returns fs.ErrNotExist only if the file is proven to be absent.
	Read(ctx context.Context, path string, limit int64) ([]byte, error)
	// Remove removes a file that may be gone. The error is fs.ErrExist if the file
	// is there again after it was removed.
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
	// Begun is when this process began. A lease of the same owner that is not
	// younger was left by an earlier process. With the zero time, no lease
	// counts as left.
	Begun time.Time
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
	// Expired reports that the lease is older than leases may be.
	Expired bool
	// Left reports that an earlier process of this owner has taken the lease.
	Left bool

	text []byte // content of the file, nil if it is gone
	dark bool   // the content is not a lease
}

// LeftFor reports whether a lease is left by an earlier process of this owner,
// for the same label. Such a lease may be taken over: see [Leases.TakeOver].
func (e *LeasedError) LeftFor(label string) bool { return e.Left && e.Lease.Label == label }

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

// Take takes the lease of an address. The error is a *LeasedError if the address
// is leased.
func (l *Leases) Take(ctx context.Context, address, label string) (Lease, error) {
	lease := Lease{Address: address, Owner: l.Owner, Label: label, Since: l.Clock.Now().UTC()}
	err := l.Files.CreateExclusive(ctx, LeasePath(address), lease.encode())
	if errors.Is(err, fs.ErrExist) {
		err = l.taken(ctx, address)
	}
	if err != nil {
		return Lease{}, err
	}
	return lease, nil
}

func (l Lease) encode() []byte {
	text, err := json.Marshal(l)
	if err != nil {
		panic(err) // texts and times can always be written
	}
	return append(text, '\n')
}

// taken describes the lease of an address. The file may be gone by now, or
// empty: earlier releases left an empty file if they were killed while they
// took a lease. In both cases little is known about the lease, but the address
// counts as leased.
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
	found.Left = l.left(found.Lease)
	return found
}

// left reports whether an earlier process of this owner has taken a lease. A lease
// that is younger than this process belongs to another process of the owner that
// runs now, for example for another provider alias.
func (l *Leases) left(lease Lease) bool {
	return l.Owner != "" && lease.Owner == l.Owner && !l.Begun.IsZero() && !lease.Since.IsZero() && !lease.Since.After(l.Begun)
}

func (l *Leases) expired(since time.Time) bool {
	return l.Expiry > 0 && l.Clock.Since(since) > l.Expiry
}

// OwnerOf returns the owner of the lease of an address; empty if it is not leased
// or the owner has no name.
func (l *Leases) OwnerOf(ctx context.Context, address string) (string, error) {
	err := l.taken(ctx, address)
	var found *LeasedError
	if errors.As(err, &found) {
		return found.Lease.Owner, nil
	}
	return "", err
}

// Taken returns the leased addresses, except those whose lease has expired
// according to the time of its file. An incomplete listing only costs tries,
// since only one process can create a lease.
func (l *Leases) Taken(ctx context.Context) ([]string, error) {
	times, err := l.Files.Times(ctx, LeaseFolder)
	if err != nil {
		return nil, err
	}
	var addresses []string
	for path, since := range times {
		if address, ok := leasedAddress(path); ok && !l.expired(since) {
			addresses = append(addresses, address)
		}
	}
	return addresses, nil
}

// leasedAddress returns the address that a lease file is for.
func leasedAddress(path string) (string, bool) {
	return strings.CutSuffix(strings.TrimPrefix(path, LeaseFolder), leaseSuffix)
}

// readers is how many leases are read at a time.
const readers = 8

// LeftBehind returns the leases that earlier processes of this owner have taken,
// of the addresses that wanted accepts, sorted by address.
func (l *Leases) LeftBehind(ctx context.Context, wanted func(address string) bool) ([]*LeasedError, error) {
	if l.Owner == "" {
		return nil, nil
	}
	times, err := l.Files.Times(ctx, LeaseFolder)
	if err != nil {
		return nil, err
	}
	var (
		mu   sync.Mutex
		left []*LeasedError
	)
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.SetLimit(readers)
	for path := range times {
		address, ok := leasedAddress(path)
		if !ok || !wanted(address) {
			continue
		}
		tasks.Go(func() error {
			err := l.taken(ctx, address)
			var found *LeasedError
			if !errors.As(err, &found) {
				return err
			}
			if found.Left {
				mu.Lock()
				defer mu.Unlock()
				left = append(left, found)
			}
			return nil
		})
	}
	if err := tasks.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(left, func(a, b *LeasedError) int { return compareAddresses(a.Lease.Address, b.Lease.Address) })
	return left, nil
}

// compareAddresses orders addresses by number. Texts that are no addresses come
// first.
func compareAddresses(a, b string) int {
	first, _ := netip.ParseAddr(a)
	second, _ := netip.ParseAddr(b)
	return first.Compare(second)
}

// Release removes the lease that a claim holds. held describes the lease as the
// claim recorded it; Since and Owner may be missing. If another holder has the
// lease, Release keeps the lease and returns a *LeasedError. A missing lease
// counts as released.
func (l *Leases) Release(ctx context.Context, address string, held Lease) error {
	err := l.taken(ctx, address)
	var found *LeasedError
	if !errors.As(err, &found) {
		return err
	}
	if found.text != nil && !found.dark && !l.holds(found.Lease, held) {
		return found
	}
	err = l.Files.Remove(ctx, found.Path)
	if errors.Is(err, fs.ErrExist) {
		// It was removed, and another process has taken the address at once.
		var next *LeasedError
		if err = l.taken(ctx, address); errors.As(err, &next) && !bytes.Equal(next.text, found.text) {
			return nil
		}
	}
	if err == nil {
		l.removeTurns(ctx, found.Path)
	}
	return err
}

// holds reports whether a claim holds a lease. The owner may have been renamed
// since, so the time decides if the claim has recorded a time.
func (l *Leases) holds(found, held Lease) bool {
	owner := found.Owner == l.Owner || held.Owner != "" && found.Owner == held.Owner
	if held.Since.IsZero() {
		return owner
	}
	return found.Since.Equal(held.Since) && (owner || held.Owner == "" && found.Label == held.Label)
}
