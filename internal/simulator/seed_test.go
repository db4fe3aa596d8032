// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
)

// storagePasswordOf returns the password of Cloud Storage, as an example of a
// value that the grid draws when it is created.
func (r *rig) storagePasswordOf() string {
	r.t.Helper()
	password, found := r.grid.storagePassword(DefaultAccount)
	if !found {
		r.t.Fatal("the default account is missing")
	}
	return password
}

func randomly(o *Options) { o.Seed, o.RandomSeed = 0, true }

func TestRandomSeedsDiffer(t *testing.T) {
	t.Parallel()
	one, other := newRig(t, randomly), newRig(t, randomly)
	if one.grid.Seed() == other.grid.Seed() || one.storagePasswordOf() == other.storagePasswordOf() {
		t.Errorf("two grids share the seed %d or the password %q", one.grid.Seed(), one.storagePasswordOf())
	}
}

func TestGivenSeedFixesPasswords(t *testing.T) {
	t.Parallel()
	seeded := func(seed uint64) *rig { return newRig(t, func(o *Options) { o.Seed = seed }) }
	want(t, "password with the same seed", seeded(5).storagePasswordOf(), seeded(5).storagePasswordOf())
	if password := seeded(5).storagePasswordOf(); password == seeded(6).storagePasswordOf() {
		t.Errorf("two seeds give the password %q", password)
	}
}

func TestStateFileKeepsARandomSeed(t *testing.T) {
	t.Parallel()
	_, file := stateFile(t)
	r := newRig(t, file, randomly)
	want(t, "seed of the opened grid", r.killed(randomly).grid.Seed(), r.grid.Seed())
	want(t, "seed that is given later", r.killed(func(o *Options) { o.Seed = 3 }).grid.Seed(), uint64(3))
}

func TestStateFileWithoutASeedStillOpens(t *testing.T) {
	t.Parallel()
	path, file := stateFile(t)
	first := newRig(t, file)
	password := first.storagePasswordOf()
	if err := first.grid.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error { return tx.Bucket([]byte(store.Meta)).Delete([]byte("seed")) })
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again := newRig(t, file, randomly)
	want(t, "password", again.storagePasswordOf(), password)
	if again.grid.Seed() == 0 {
		t.Error("the grid did not draw a seed")
	}
}

func TestRandomSeedExcludesAGivenOne(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{Seed: 1, RandomSeed: true}); err == nil {
		t.Error("New accepted both options")
	}
}
