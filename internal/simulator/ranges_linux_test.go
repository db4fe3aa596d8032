// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// alone returns an option that sets OwnAddresses, the port of guests and a
// folder for claims. A grid with this option can conflict only with grids that
// use the same option.
func alone(t *testing.T, port int) func(*Options) {
	t.Helper()
	dir := t.TempDir()
	return func(o *Options) { o.Guests = &GuestOptions{SSHPort: port, OwnAddresses: true, claims: dir} }
}

func TestGridsWithGuestsHaveBlocksOfTheirOwn(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	own := alone(t, port)
	holders := map[string]int{}
	for number := range 4 {
		r := newRig(t, own, func(o *Options) {
			if number%2 == 1 {
				o.PublicBlockSize = largestBlockSize
			}
		})
		for _, block := range r.grid.PublicBlocks() {
			a := block.Addr().As4()
			network := fmt.Sprint(a[0], ".", a[1])
			if other, taken := holders[network]; taken {
				t.Errorf("grids %d and %d both have addresses in %s", other, number, network)
			}
			holders[network] = number
		}
		at := r.grid.GuestPlace()
		want(t, "SSH port", at.SSHPort, port)
		if number > 0 && (!at.Moved || at.Holder == nil) {
			t.Errorf("grid %d does not report which grid has the default addresses: %+v", number, at)
		}
	}
	want(t, "networks", len(holders), 4*datacenterCount)
}

func TestAStoredGridKeepsItsBlocks(t *testing.T) {
	t.Parallel()
	own := alone(t, freePort(t))
	newRig(t, own)
	path, file := stateFile(t)
	stored := newRig(t, file, own)
	blocks := stored.grid.PublicBlocks()

	copied := stored.grid.options
	copied.State = copyOf(t, path)
	_, err := New(copied)
	for _, part := range []string{fmt.Sprint("pid ", os.Getpid()), path, "stop that grid", blocks[0].Masked().Addr().String()} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("a second grid with the same blocks: %v, want %q", err, part)
		}
	}
	if err := stored.grid.Close(); err != nil {
		t.Fatal(err)
	}
	again := newRig(t, func(o *Options) { o.State = copied.State }, own)
	if diff := cmp.Diff(blocks, again.grid.PublicBlocks(), cmpopts.EquateComparable(blocks[0])); diff != "" {
		t.Errorf("blocks after a restart (-before +after):\n%s", diff)
	}
	if at := again.grid.GuestPlace(); at.Moved {
		t.Errorf("the grid reports addresses other than the defaults: %+v", at)
	}
}

// An account that is added later gets blocks in the range of the first account.
func TestALaterAccountJoinsTheRange(t *testing.T) {
	t.Parallel()
	own := alone(t, freePort(t))
	newRig(t, own)
	_, file := stateFile(t)
	first := newRig(t, file, own)
	start := first.grid.PublicBlocks()[0].Addr()
	if err := first.grid.Close(); err != nil {
		t.Fatal(err)
	}
	second := Key{APIKey: "fedcba9876543210", SharedSecret: "s3cret-canary-2", Account: 7}
	again := newRig(t, file, own, func(o *Options) { o.Keys = append(o.Keys, second) })
	networks := map[[2]byte]bool{}
	for _, block := range again.grid.PublicBlocks() {
		a := block.Addr().As4()
		networks[[2]byte(a[:2])] = true
	}
	if a := start.As4(); len(networks) != datacenterCount || !networks[[2]byte(a[:2])] {
		t.Errorf("the public blocks are in the networks %v, want the range that contains %s", networks, start)
	}
}

func copyOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name := t.TempDir() + "/copy.db"
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// busyPort returns a port on which another program listens on all addresses.
func busyPort(t *testing.T) int {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

func TestGuestsTakeThePortThatIsFree(t *testing.T) {
	t.Parallel()
	busy, free := busyPort(t), freePort(t)
	r := newRig(t)
	if err := r.grid.choosePlace(t.TempDir(), nil, []int{3, 4}, []int{busy, free}); err != nil {
		t.Fatal(err)
	}
	at := r.grid.GuestPlace()
	if at.SSHPort != free || !at.Moved || at.Holder != nil || r.grid.place.first != 3 {
		t.Errorf("place = %+v, want port %d in the first range", r.grid.place, free)
	}
}

func TestAGivenPortThatIsTakenIsRefused(t *testing.T) {
	t.Parallel()
	busy := busyPort(t)
	_, file := stateFile(t)
	stored := newRig(t, file, alone(t, freePort(t)))
	if err := stored.grid.Close(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Options){"new": func(*Options) {}, "stored": file} {
		options := stored.grid.options
		options.State, options.Guests = "", &GuestOptions{SSHPort: busy, OwnAddresses: true, claims: t.TempDir()}
		change(&options)
		_, err := New(options)
		for _, part := range []string{fmt.Sprint(":", busy), "another program listens", "another port"} {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v, want %q", name, err, part)
			}
		}
	}
}

func TestPublicRangesDoNotOverlap(t *testing.T) {
	t.Parallel()
	seen := map[address]bool{}
	for number := range rangeCount {
		start, found := publicRange(number)
		if !found {
			t.Fatalf("range %d does not exist", number)
		}
		for datacenter := range datacenterCount {
			network := start + address(datacenter)<<16
			if seen[network] || network>>24 != 127 || network&(largestBlockSize-1) != 0 {
				t.Errorf("range %d begins at %s", number, network)
			}
			seen[network] = true
		}
	}
	if _, found := publicRange(rangeCount); found {
		t.Error("publicRange returned a range after the last range")
	}
}
