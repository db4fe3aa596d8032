// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	bolt "go.etcd.io/bbolt"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
)

func stateFile(t *testing.T) (string, func(*Options)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "grid.db")
	return path, func(o *Options) { o.State = path }
}

// killed opens a grid on the state that a kill would leave: a copy of the state
// file, made while the first grid has the file open.
func (r *rig) killed(change ...func(*Options)) *rig {
	r.t.Helper()
	content, err := os.ReadFile(r.grid.options.State)
	if err != nil {
		r.t.Fatal(err)
	}
	path := filepath.Join(r.t.TempDir(), "copy.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		r.t.Fatal(err)
	}
	return newRig(r.t, append([]func(*Options){func(o *Options) { o.State = path }}, change...)...)
}

// TestKillLosesNothing compares, after each step, a grid with the grid that
// opens after a kill.
func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	_, file := stateFile(t)
	r := newRig(t, file)
	check := func(step string) {
		t.Helper()
		seen := r.grid.Inspect()
		again := r.killed()
		if diff := cmp.Diff(seen, again.grid.Inspect(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", step, diff)
		}
		for _, method := range []string{"grid.server.list", "support.password.list", "grid.job.list", "grid.loadbalancer.list"} {
			if diff := cmp.Diff(r.ok(method).List, again.ok(method).List); diff != "" {
				t.Errorf("%s, %s: %s", step, method, diff)
			}
		}
	}
	r.add("web", 0, "privateip=10.110.0.3", "description=d")
	r.ok("grid.server.add", "name=box", "image=9929", "isSandbox=true", "ip="+publicIP(1))
	r.addBalancer("realiplist.0.ip="+publicIP(0), "realiplist.0.port=80")
	check("after add")
	r.grid.Advance(time20)
	check("ready")
	image := number64(r.ok("grid.image.save", "server=box", "friendlyName=mine").one()["id"])
	r.ok("grid.server.edit", "name=web", "server.ram=2GB", "description=")
	r.ok("grid.loadbalancer.edit", "name=lb", "realiplist.0.ip="+publicIP(2), "realiplist.0.port=81")
	r.grid.Advance(5 * time.Second)
	check("saving and editing")
	r.grid.Advance(time20)
	r.ok("grid.image.edit", "id="+image, "friendlyName=renamed")
	r.ok("grid.image.delete", "id="+image)
	r.ok("grid.server.delete", "name=web")
	r.ok("grid.loadbalancer.delete", "name=lb")
	r.ok("grid.server.power", "name=box", "power=start")
	check("deleting")
	r.grid.Advance(time20)
	check("deleted")
	again := r.killed()
	ids := map[any]bool{}
	for _, j := range again.ok("grid.job.list").List {
		ids[j["id"]] = true
	}
	again.add("new", 5)
	if ids[again.ok("grid.job.list").List[0]["id"]] {
		t.Error("the grid assigned an id twice after a restart")
	}
}

// TestFoldingIsTheSameAfterAKill compares a grid that ends its jobs with a grid that ends the same jobs after a kill.
func TestFoldingIsTheSameAfterAKill(t *testing.T) {
	t.Parallel()
	_, file := stateFile(t)
	r := newRig(t, file, func(o *Options) { o.Jitter = 0.5 })
	for i := range 8 {
		r.add("s"+strconv.Itoa(i), i)
	}
	r.grid.Advance(time20)
	for i := range 4 {
		r.ok("grid.server.edit", "name=s"+strconv.Itoa(i), "server.ram=2GB")
		r.ok("grid.server.delete", "name=s"+strconv.Itoa(i+4))
	}
	again := r.killed(func(o *Options) { o.Jitter = 0.5 })
	r.grid.Advance(time20)
	again.grid.Advance(time20)
	if diff := cmp.Diff(r.grid.Inspect(), again.grid.Inspect()); diff != "" {
		t.Error(diff)
	}
}

func TestClockGoesOnOverRestarts(t *testing.T) {
	t.Parallel()
	path, file := stateFile(t)
	running := func(o *Options) { o.HandDriven = false; o.Speed = 60 }
	r := newRig(t, file, running)
	r.add("web", 0)
	r.clock.Advance(5 * time.Second)
	r.grid.Advance(time.Hour)
	before := r.grid.Now()
	if err := r.grid.Close(); err != nil {
		t.Fatal(err)
	}
	clock := r.clock
	clock.Advance(10 * time.Second)
	grid, err := New(Options{State: path, Clock: clock, Speed: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = grid.Close() })
	want(t, "time that passed while closed", grid.Now().Sub(before), 10*time.Minute)
	clock.Advance(10 * time.Second)
	want(t, "time that passed at the new speed", grid.Now().Sub(before), 10*time.Minute+20*time.Second)
	want(t, "keys", len(grid.Keys()), 1)
	want(t, "stored key", grid.Keys()[0], r.key)
	want(t, "server", grid.Inspect().Servers[0].State, "On")
}

func TestAdvanceIsStored(t *testing.T) {
	t.Parallel()
	_, file := stateFile(t)
	r := newRig(t, file)
	r.grid.Advance(90 * time.Minute)
	r.clock.Advance(time.Hour)
	again := r.killed()
	want(t, "time", again.grid.Now(), r.grid.Now())
	want(t, "time", again.grid.Now().Sub(time.Date(2012, 8, 25, 12, 0, 0, 0, time.UTC)), 90*time.Minute)
}

func TestStateFileErrors(t *testing.T) {
	t.Parallel()
	path, file := stateFile(t)
	newRig(t, file)
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a state file\n", 4096)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		options Options
		parts   []string
	}{
		"in use":    {Options{State: path}, []string{path, fmt.Sprint("pid ", os.Getpid()), "stop that grid"}},
		"no folder": {Options{State: filepath.Join(t.TempDir(), "no", "file")}, []string{"folder does not exist"}},
		"text":      {Options{State: text}, []string{text, "not a state file"}},
		"newer":     {Options{State: bolted(t, store.Meta, "layout", "2")}, []string{"layout 2", "layout 1"}},
		"foreign":   {Options{State: bolted(t, "things", "a", "b")}, []string{"belongs to another program"}},
	} {
		_, err := New(tc.options)
		for _, part := range tc.parts {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: error is %v, want %q", name, err, part)
			}
		}
	}
}

func TestDamagedStateFile(t *testing.T) {
	t.Parallel()
	path, file := stateFile(t)
	newRig(t, file).ready("web", 0)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	scrambled := slices.Clone(whole)
	for i := 2 * os.Getpagesize(); i < len(scrambled); i += 7 {
		scrambled[i] ^= 0x5a
	}
	for name, content := range map[string][]byte{"cut off": whole[:2*os.Getpagesize()+100], "scrambled": scrambled} {
		damaged := filepath.Join(t.TempDir(), "damaged.db")
		if err := os.WriteFile(damaged, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Options{State: damaged}); err == nil || !strings.Contains(err.Error(), "the state file is damaged") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func bolted(t *testing.T, bucket store.Bucket, key, value string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bolt.db")
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket([]byte(bucket))
		if err != nil {
			return err
		}
		return b.Put([]byte(key), []byte(value))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBlockSizesOfAStateFile(t *testing.T) {
	t.Parallel()
	path, file := stateFile(t)
	r := newRig(t, file, func(o *Options) { o.PublicBlockSize = 64 })
	if err := r.grid.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{State: path, PublicBlockSize: 16}); err == nil || !strings.Contains(err.Error(), "public blocks of 64 addresses, not 16") {
		t.Errorf("error is %v", err)
	}
	grid, err := New(Options{State: path, Keys: []Key{{APIKey: "other", SharedSecret: "s", Account: 9}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = grid.Close() })
	count, nets := 0, map[string]bool{}
	for _, ip := range grid.Inspect().IPs {
		if ip.Public && ip.Datacenter == "US-West-1" {
			count++
			nets[ip.Subnet] = true
		}
	}
	want(t, "addresses of both accounts", count, 2*64)
	want(t, "the second network", nets["127.20.0.64/255.255.255.192"], true)
	want(t, "keys", len(grid.Keys()), 1)
}

// In older state files only usable addresses have ids. A grid gives new ids to
// all addresses of their blocks.
func TestBlocksOfAnEarlierStateFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "grid.db")
	r := newRig(t, func(o *Options) { o.State = path })
	if err := r.grid.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		accounts := tx.Bucket([]byte(store.Accounts))
		return accounts.ForEach(func(key, text []byte) error {
			return accounts.Put(bytes.Clone(key), bytes.ReplaceAll(text, []byte(`"NetworkID"`), []byte(`"FirstID"`)))
		})
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	var last []fields
	for range 2 {
		r := newRig(t, func(o *Options) { o.State = path })
		list := r.ok("grid.ip.list").List
		for i, ip := range list {
			want(t, fmt.Sprintf("id of %v", ip["ip"]), ip["id"], list[0]["id"].(float64)+float64(i))
		}
		if last != nil && last[0]["id"] != list[0]["id"] {
			t.Errorf("ids begin at %v after the second start, and at %v after the first", list[0]["id"], last[0]["id"])
		}
		last = list
		if err := r.grid.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClosedGridRefuses(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*Options){func(*Options) {}, func(o *Options) { o.State = filepath.Join(t.TempDir(), "grid.db") }} {
		r := newRig(t, change)
		if err := r.grid.Close(); err != nil {
			t.Fatal(err)
		}
		r.refused(500, "the grid is closed", "grid.server.list")
	}
}

// TestWriteFailureIsNotAnswered closes the database file. No response may show
// a change that the grid could not store, neither immediately nor later.
func TestWriteFailureIsNotAnswered(t *testing.T) {
	t.Parallel()
	path, file := stateFile(t)
	clock := newRig(t).clock
	options := Options{Clock: clock, HandDriven: true, Keys: []Key{{APIKey: testKey, SharedSecret: testSecret}}}
	file(&options)
	grid, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := grid.store.CloseFile(); err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, grid: grid, clock: clock, key: grid.Keys()[0]}
	order := []string{"name=web", "image=12834", "ram=1GB", "ip=" + publicIP(0)}
	r.refused(500, "write the state file "+path, "grid.server.add", order...)
	r.refused(500, "write the state file", "grid.server.list")
	if err := grid.Close(); err == nil || !strings.Contains(err.Error(), "write the state file") {
		t.Errorf("Close returned %v", err)
	}
}
