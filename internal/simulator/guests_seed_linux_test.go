// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "testing"

// identity holds the host keys of a server and of Cloud Storage, and the
// server's password.
type identity struct{ guest, storage, password string }

func identityOf(t *testing.T, change func(*Options)) identity {
	t.Helper()
	w := newWorld(t, change)
	m := w.boot("web", 0)
	storage, err := w.grid.CloudStorage(DefaultAccount)
	if err != nil {
		t.Fatal(err)
	}
	return identity{w.hostKey(m), storage.HostKey, m.password}
}

func TestSeedFixesHostKeys(t *testing.T) {
	t.Parallel()
	seeded := func(o *Options) { o.Seed = 11 }
	want(t, "identity with the same seed", identityOf(t, seeded), identityOf(t, seeded))
}

func TestRandomSeedsGiveOtherHostKeys(t *testing.T) {
	t.Parallel()
	one, other := identityOf(t, randomly), identityOf(t, randomly)
	if one.guest == other.guest || one.storage == other.storage || one.password == other.password {
		t.Errorf("two grids share a host key or a password: %+v and %+v", one, other)
	}
	if one.guest == one.storage {
		t.Error("the guest and Cloud Storage have the same host key")
	}
}

func TestServersOfAGridHaveHostKeysOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, other := w.boot("one", 0), w.boot("other", 1)
	if key := w.hostKey(one); key == w.hostKey(other) {
		t.Errorf("two servers have the host key %s", key)
	}
}
