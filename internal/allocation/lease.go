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

// LeaseFiles stores leases on a share that is used by all processes that
// allocate from the same block. If several processes create the same file at
// the same time, exactly one succeeds and the others get fs.ErrExist.
type LeaseFiles interface {
	// CreateExclusive creates a file with its content atomically. The error is
	// fs.ErrExist if the file exists.
	CreateExclusive(ctx context.Context, path string, content []byte) error
	// Replace replaces the content of a file atomically.
	Replace(ctx context.Context, path string, content []byte) error
	// Read returns at most limit bytes of a file. The error is fs.ErrNotExist only
	// if the file is proven to be absent.
	Read(ctx context.Context, path string, limit int64) ([]byte, error)
	// Remove removes a file; a missing file is not an error. The error is
	// fs.ErrExist if another process has created the file again.
	Remove(ctx context.Context, path string) error
	// Times returns the files whose paths begin with a prefix, each with the time
	// of its last change.
	Times(ctx context.Context, prefix string) (map[string]time.Time, error)
}

// Leases prevent independent processes from handing out the same private address.
// A [Pool] prevents the same only within one process.
type Leases struct {
	// Files stores the leases.
	Files LeaseFiles
	// Owner is the name of the deployment that takes leases. It may be empty.
	Owner string
	// Expiry is the age above which a lease counts as left behind by a killed
	// process. If Expiry is 0, leases do not expire. Only its age distinguishes
	// an abandoned lease from the lease of a claim that is still waiting for
	// its server.
	Expiry time.Duration
	Clock  clockwork.Clock
	// ProcessStart is the start time of this process. A lease that the same
	// owner took at or before this time was left behind by an earlier process.
	// If ProcessStart is zero, no lease counts as left behind.
	ProcessStart time.Time
}

// Lease records that a claim holds a private address.
type Lease struct {
	Address string    `json:"address"`
	Owner   string    `json:"owner,omitempty"`
	Label   string    `json:"label,omitempty"`
	Since   time.Time `json:"since"`
}

// maxLeaseBytes is larger than any lease file.
const maxLeaseBytes = 16 << 10

// The paths of leases.
const (
	// LeaseFolder is the prefix of the paths of all leases.
	LeaseFolder = "leases/private-ip/"
	leaseSuffix = ".json"
)

// LeasePath returns the path of the lease file of an address.
func LeasePath(address string) string { return LeaseFolder + address + leaseSuffix }

// LeasedError reports that an address is leased.
type LeasedError struct {
	Lease Lease
	// Age is the time since the lease was taken.
	Age time.Duration
	// Path is the lease file. A user may remove it once the holder is gone.
	Path string
	// Expired is true if the lease is older than [Leases.Expiry].
	Expired bool
	// Left is true if an earlier process of this owner took the lease.
	Left bool

	content    []byte // content of the file, nil if the file is gone
	unreadable bool   // the content is not a valid lease
}

// LeftFor reports whether an earlier process of this owner left the lease behind
// for the same label. [Leases.TakeOver] may take over such a lease.
func (e *LeasedError) LeftFor(label string) bool { return e.Left && e.Lease.Label == label }

// Error names the holder, the age of the lease, and the file to remove if the
// holder is gone.
func (e *LeasedError) Error() string {
	return fmt.Sprintf("%s is leased to %s; if that claim is gone, remove the file %s on Cloud Storage", e.Lease.Address, e.Holder(), e.Path)
}

// Holder returns the deployment and the label that hold the lease, and its age.
func (e *LeasedError) Holder() string {
	holder := "another state"
	if e.Lease.Owner != "" {
		holder = fmt.Sprintf("deployment %q", e.Lease.Owner)
	}
	if e.Lease.Label != "" {
		holder += fmt.Sprintf(" for %q", e.Lease.Label)
	}
	if e.Lease.Since.IsZero() {
		return holder
	}
	return fmt.Sprintf("%s, for %s", holder, e.Age.Round(time.Second))
}

// Take takes the lease of an address for a claim with a label. The error is a
// *LeasedError if the address is leased.
func (l *Leases) Take(ctx context.Context, address, label string) (Lease, error) {
	lease := Lease{Address: address, Owner: l.Owner, Label: label, Since: l.Clock.Now().UTC()}
	err := l.Files.CreateExclusive(ctx, LeasePath(address), lease.encode())
	if errors.Is(err, fs.ErrExist) {
		err = l.describe(ctx, address)
	}
	if err != nil {
		return Lease{}, err
	}
	return lease, nil
}

func (l Lease) encode() []byte {
	content, err := json.Marshal(l)
	if err != nil {
		panic(err) // strings and times can always be encoded
	}
	return append(content, '\n')
}

// describe returns a *LeasedError that describes the lease of an address, or the
// error of a failed read. The file may be gone by now. It may also be empty:
// earlier releases left an empty file if they were killed while they took a
// lease. In both cases the address counts as leased.
func (l *Leases) describe(ctx context.Context, address string) error {
	found := &LeasedError{Lease: Lease{Address: address}, Path: LeasePath(address)}
	content, err := l.Files.Read(ctx, found.Path, maxLeaseBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return found
	}
	if err != nil {
		return err
	}
	found.content = append([]byte{}, content...)
	if found.unreadable = json.Unmarshal(content, &found.Lease) != nil || found.Lease.Since.IsZero(); found.unreadable {
		times, err := l.Files.Times(ctx, found.Path)
		if err != nil {
			return err
		}
		found.Lease = Lease{Since: times[found.Path]}
	}
	found.Lease.Address = address
	if !found.Lease.Since.IsZero() {
		found.Age = l.Clock.Since(found.Lease.Since)
		found.Expired = l.isExpired(found.Lease.Since)
	}
	found.Left = l.isLeftBehind(found.Lease)
	return found
}

// isLeftBehind reports whether an earlier process of this owner took a lease. A
// lease taken after this process started belongs to a process that is still
// running, for example the process of another provider alias.
func (l *Leases) isLeftBehind(lease Lease) bool {
	return l.Owner != "" && lease.Owner == l.Owner && !l.ProcessStart.IsZero() && !lease.Since.IsZero() && !lease.Since.After(l.ProcessStart)
}

func (l *Leases) isExpired(since time.Time) bool {
	return l.Expiry > 0 && l.Clock.Since(since) > l.Expiry
}

// OwnerOf returns the owner of the lease of an address. The owner is empty if
// the address is not leased or the lease names no owner.
func (l *Leases) OwnerOf(ctx context.Context, address string) (string, error) {
	err := l.describe(ctx, address)
	var found *LeasedError
	if errors.As(err, &found) {
		return found.Lease.Owner, nil
	}
	return "", err
}

// Taken returns the leased addresses. It leaves out leases whose files are
// older than l.Expiry. An incomplete result is harmless: a caller that tries to
// take a lease missing from it gets a *LeasedError.
func (l *Leases) Taken(ctx context.Context) ([]string, error) {
	times, err := l.Files.Times(ctx, LeaseFolder)
	if err != nil {
		return nil, err
	}
	var addresses []string
	for path, since := range times {
		if address, ok := leasedAddress(path); ok && !l.isExpired(since) {
			addresses = append(addresses, address)
		}
	}
	return addresses, nil
}

// leasedAddress returns the address of a lease file. It reports false for a path
// that is not a lease file.
func leasedAddress(path string) (string, bool) {
	return strings.CutSuffix(strings.TrimPrefix(path, LeaseFolder), leaseSuffix)
}

// maxReaders limits how many leases are read concurrently.
const maxReaders = 8

// LeftBehind returns the leases that earlier processes of this owner left
// behind, sorted by address. It reads only leases of addresses that wanted
// accepts. It returns nil if l.Owner is empty.
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
	tasks.SetLimit(maxReaders)
	for path := range times {
		address, ok := leasedAddress(path)
		if !ok || !wanted(address) {
			continue
		}
		tasks.Go(func() error {
			err := l.describe(ctx, address)
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

// compareAddresses orders addresses by number. Strings that are not addresses
// come first.
func compareAddresses(a, b string) int {
	first, _ := netip.ParseAddr(a)
	second, _ := netip.ParseAddr(b)
	return first.Compare(second)
}

// Release removes the lease that a claim holds. held is the lease as the claim
// recorded it; its Since and Owner may be empty. If another claim holds the
// lease, Release keeps the lease and returns a *LeasedError. A missing lease
// counts as released.
func (l *Leases) Release(ctx context.Context, address string, held Lease) error {
	err := l.describe(ctx, address)
	var found *LeasedError
	if !errors.As(err, &found) {
		return err
	}
	if found.content != nil && !found.unreadable && !l.holds(found.Lease, held) {
		return found
	}
	err = l.Files.Remove(ctx, found.Path)
	if errors.Is(err, fs.ErrExist) {
		// This process removed the lease, but another process has already taken
		// the address again.
		var next *LeasedError
		if err = l.describe(ctx, address); errors.As(err, &next) && !bytes.Equal(next.content, found.content) {
			return nil
		}
	}
	if err == nil {
		l.removeLocks(ctx, found.Path)
	}
	return err
}

// holds reports whether found is the lease that a claim recorded as held. The
// owner may have been renamed in the meantime. If the claim recorded a time,
// the times must be equal.
func (l *Leases) holds(found, held Lease) bool {
	owner := found.Owner == l.Owner || held.Owner != "" && found.Owner == held.Owner
	if held.Since.IsZero() {
		return owner
	}
	return found.Since.Equal(held.Since) && (owner || held.Owner == "" && found.Label == held.Label)
}
