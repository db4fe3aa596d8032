// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// TestAdoptOrDelete: if an adoption and a deletion of the same object run at
// the same time, exactly one of them is allowed.
func TestAdoptOrDelete(t *testing.T) {
	t.Parallel()
	for range 200 {
		var (
			k       known
			allowed atomic.Int64
			group   sync.WaitGroup
		)
		for _, try := range []func(kind, key string) bool{k.TryAdopt, k.TryDelete} {
			group.Go(func() {
				if try("server", "10.0.0.1") {
					allowed.Add(1)
				}
			})
		}
		group.Wait()
		if allowed.Load() != 1 {
			t.Fatalf("%d of the two calls (adopt and delete) succeeded, want 1", allowed.Load())
		}
	}
}

// TestDoomed: a server is doomed until its deletion begins.
func TestDoomed(t *testing.T) {
	t.Parallel()
	var k known
	k.Doom("10.0.0.1", "10.0.0.2")
	if !k.IsDoomed("server", "10.0.0.1") || k.IsDoomed("server", "10.0.0.3") {
		t.Error("IsDoomed does not report exactly the addresses of the doomed server")
	}
	if !k.TryDelete("server", "10.0.0.1") || k.IsDoomed("server", "10.0.0.1") || k.TryAdopt("server", "10.0.0.1") {
		t.Error("a server whose deletion has begun can still be adopted")
	}
}

// TestPlannedNeeds: a creation that replaces a kept server of the same name
// needs no additional address, and the addresses needed in different blocks are
// counted separately.
func TestPlannedNeeds(t *testing.T) {
	t.Parallel()
	var p planned
	need := Need{At: path.Root("public_ip"), Request: allocation.Request{Public: true}}
	build := Need{At: path.Root("build").AtName("public_ip"), Request: need.Request}
	p.KeepServer("server", "kept", "10.0.0.1")
	if count := p.AddNeed(need, "server", "kept"); count != 0 {
		t.Errorf("a replacement counts %d times, want 0", count)
	}
	p.AddNeed(need, "server", "new")
	if count := p.AddNeed(need, "server", "other"); count != 2 {
		t.Errorf("got %d creations, want 2", count)
	}
	if count := p.AddNeed(build, "sandbox", "build"); count != 1 {
		t.Errorf("got %d creations in the build block, want 1", count)
	}
	if needs := p.Needs(); len(needs) != 2 {
		t.Errorf("got %d needs, want 2", len(needs))
	}
}

// TestKeptAddresses: an idle address counts as kept, but not as the address of
// a kept server. If leases are used, a request matches an idle address only if
// it has the same label.
func TestKeptAddresses(t *testing.T) {
	t.Parallel()
	var s Session
	s.Planned.KeepServer("server", "web", "10.0.0.1")
	s.Planned.KeepIdleAddress("10.0.0.2", "db")
	s.Known.See("10.0.0.1", "10.0.0.3")
	for address, want := range map[string][3]bool{"10.0.0.1": {true, true, false}, "10.0.0.2": {true, false, false}, "10.0.0.3": {false, false, true}} {
		if got := [3]bool{s.Planned.KeepsAddress(address), s.Planned.KeepsServerAt(address), s.FreesAddress(address)}; got != want {
			t.Errorf("%s: address kept, server kept, address freed: got %v, want %v", address, got, want)
		}
	}
	ips := []client.IP{{Address: "10.0.0.2"}}
	s.Planned.AddRequest(allocation.Request{}, "web")
	if got := s.Planned.FirstIdleMatch(ips, true); got != "" {
		t.Errorf("a request with another label matches the leased address %s", got)
	}
	if got := s.Planned.FirstIdleMatch(ips, false); got != "10.0.0.2" {
		t.Errorf("without leases got %q, want 10.0.0.2", got)
	}
	s.Planned.AddRequest(allocation.Request{}, "db")
	if got := s.Planned.FirstIdleMatch(ips, true); got != "10.0.0.2" {
		t.Errorf("under the label got %q, want 10.0.0.2", got)
	}
}

// TestPhase: a process that has only refreshed does not count as an apply, and
// FirstTime returns true once for each subject.
func TestPhase(t *testing.T) {
	t.Parallel()
	var s Session
	s.Refreshed("10.0.0.1")
	if !s.Phase.HasRefreshed() || !s.Known.HasSeen("10.0.0.1") || s.Phase.IsApply() {
		t.Error("a refresh must be recorded, and must not count as an apply")
	}
	s.Phase.BeginApply()
	if !s.Phase.IsApply() {
		t.Error("the apply is not recorded")
	}
	if !s.Phase.FirstTime("a") || s.Phase.FirstTime("a") || !s.Phase.FirstTime("b") {
		t.Error("FirstTime must be true once for each subject")
	}
}
