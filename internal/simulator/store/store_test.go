// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

type record struct{ ID int64 }

// ids returns the ids of all servers in a store, in the order of their keys.
func ids(t *testing.T, s *Store) (found []int64) {
	t.Helper()
	if err := Each(s, Servers, func(r *record) { found = append(found, r.ID) }); err != nil {
		t.Fatal(err)
	}
	return found
}

// A file holds all published changes, in the order of their ids, and no staged
// change.
func TestSyncWritesPublishedChanges(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "grid.db")
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []int64{300, 2, 1} {
		s.Put(Servers, IDKey(id), record{id})
	}
	s.Remove(Servers, IDKey(2))
	s.Publish()
	s.Put(Servers, IDKey(4), record{4})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Sync(); !errors.Is(err, ErrClosed) {
		t.Errorf("Sync after Close returned %v, want ErrClosed", err)
	}
	err = Read(path, func(s *Store) error {
		if got := ids(t, s); len(got) != 2 || got[0] != 1 || got[1] != 300 {
			t.Errorf("the file contains the ids %v, want 1 and 300", got)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAnOpenFileIsInUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "grid.db")
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	_, openErr := Open(path)
	for name, err := range map[string]error{"Open": openErr, "Read": Read(path, func(*Store) error { return nil })} {
		var held *InUseError
		if !errors.As(err, &held) || held.Path != path || held.PID != os.Getpid() {
			t.Errorf("%s returned %v, want an InUseError with this process", name, err)
		}
	}
}
