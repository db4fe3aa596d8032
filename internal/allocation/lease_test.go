// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
)

// memoryShare keeps files in memory.
type memoryShare struct {
	mu    sync.Mutex
	files map[string]string
	times map[string]time.Time // overrides now as the modification time of a file
	now   func() time.Time
	err   error
}

func (s *memoryShare) CreateExclusive(_ context.Context, path string, content []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.files[path]; ok {
		return fs.ErrExist
	}
	if s.err == nil {
		s.files[path] = string(content)
	}
	return s.err
}

func (s *memoryShare) Replace(_ context.Context, path string, content []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.files[path] = string(content)
		delete(s.times, path)
	}
	return s.err
}

func (s *memoryShare) Read(_ context.Context, path string, _ int64) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, ok := s.files[path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(content), s.err
}

func (s *memoryShare) Times(_ context.Context, prefix string) (map[string]time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	times := map[string]time.Time{}
	for path := range s.files {
		if !strings.HasPrefix(path, prefix) {
			continue
		}
		times[path] = s.now()
		if at, ok := s.times[path]; ok {
			times[path] = at
		}
	}
	return times, s.err
}

func (s *memoryShare) Remove(_ context.Context, path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, path)
	return s.err
}

func newShare() (*memoryShare, *clockwork.FakeClock) {
	clock := clockwork.NewFakeClock()
	return &memoryShare{files: map[string]string{}, times: map[string]time.Time{}, now: clock.Now}, clock
}

func TestLeases(t *testing.T) {
	t.Parallel()
	share, clock := newShare()
	shop := &allocation.Leases{Files: share, Owner: "shop", Clock: clock}
	blog := &allocation.Leases{Files: share, Owner: "blog", Clock: clock}
	const address = "10.110.0.5"
	lease, err := shop.Take(t.Context(), address, "web")
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(26 * time.Hour)
	for name, leases := range map[string]*allocation.Leases{"another": blog, "the same, again": shop} {
		_, err := leases.Take(t.Context(), address, "mail")
		var leased *allocation.LeasedError
		if !errors.As(err, &leased) || leased.Age.Truncate(time.Minute) != 26*time.Hour || leased.Lease.Label != "web" || leased.Expired {
			t.Fatalf("%s: %v", name, err)
		}
		for _, says := range []string{address, `deployment "shop"`, `"web"`, "26h0m", "leases/private-ip/10.110.0.5.json"} {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%q does not say %s", err, says)
			}
		}
	}
	share.files["leases/private-ip/note.txt"] = "no lease"
	if all, err := blog.Taken(t.Context()); err != nil || len(all) != 1 || all[0] != address {
		t.Errorf("got leased addresses %v and error %v", all, err)
	}
	var leased *allocation.LeasedError
	if err := blog.Release(t.Context(), address, allocation.Lease{}); !errors.As(err, &leased) {
		t.Errorf("the lease of another deployment was released: %v", err)
	}
	if err := shop.Release(t.Context(), address, allocation.Lease{Since: lease.Since.Add(-time.Hour)}); !errors.As(err, &leased) {
		t.Errorf("a later lease of the same owner was released: %v", err)
	}
	for range 2 {
		if err := shop.Release(t.Context(), address, lease); err != nil {
			t.Error(err)
		}
	}
	if _, err := blog.Take(t.Context(), address, ""); err != nil {
		t.Errorf("a released lease cannot be taken: %v", err)
	}
	// An unreadable lease still counts as a lease. A claim that has the address
	// in its state may release the lease.
	share.files[allocation.LeasePath(address)] = "{"
	if _, err := shop.Take(t.Context(), address, ""); !errors.As(err, &leased) || !strings.Contains(err.Error(), "another state") {
		t.Errorf("take an unreadable lease: %v", err)
	}
	if err := shop.Release(t.Context(), address, allocation.Lease{}); err != nil {
		t.Error(err)
	}
	share.err = errors.New("unreachable")
	_, err = shop.Take(t.Context(), address, "")
	for _, err := range []error{err, shop.Release(t.Context(), address, allocation.Lease{})} {
		if err == nil || errors.As(err, &leased) {
			t.Errorf("an unreachable share: %v", err)
		}
	}
}
