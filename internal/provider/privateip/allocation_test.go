// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package privateip_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// TestPrivateIPsAtOnce claims all addresses of a block at the same time, and
// checks that each claim gets a different address.
func TestPrivateIPsAtOnce(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PrivateBlockSize = 64 })
	const count = 61 // all usable addresses of the block
	s := grid.Session(t)
	var (
		group  sync.WaitGroup
		mu     sync.Mutex
		claims = map[any]int{} // number of claims by address
	)
	for range count {
		plan := s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"datacenter": "US-West-1"})
		plan.Diagnostics.WantNone(t)
		group.Go(func() {
			object, diagnostics := s.Apply(t.Context(), plan)
			mu.Lock()
			defer mu.Unlock()
			diagnostics.WantNone(t)
			claims[object.Get("address")]++
		})
	}
	group.Wait()
	if len(claims) != count {
		t.Errorf("%d resources got %d different addresses: %v", count, len(claims), claims)
	}
	_, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"datacenter": "US-West-1"}))
	diagnostics.WantError(t, "address", "No free private address", "All 61 private addresses in US-West-1 are in use")
	_, diagnostics = s.Apply(t.Context(), s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"datacenter": "US-East-1"}))
	diagnostics.WantNone(t)
}

func TestPrivateIPChoice(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		provider, config acctest.Attributes
		want             string
	}{
		"the lowest":                {nil, nil, "10.110.0.2"},
		"in a datacenter":           {nil, acctest.Attributes{"datacenter": "eu-west-1"}, "10.112.0.2"},
		"in the provider's":         {acctest.Attributes{"datacenter": "US-East-1"}, nil, "10.111.0.2"},
		"in a range":                {nil, acctest.Attributes{"range": "10.110.0.8/30"}, "10.110.0.8"},
		"in a range elsewhere":      {nil, acctest.Attributes{"range": "10.112.0.0/16"}, "10.112.0.2"},
		"this one":                  {nil, acctest.Attributes{"address": "10.110.0.7"}, "10.110.0.7"},
		"this one, elsewhere":       {acctest.Attributes{"datacenter": "US-East-1"}, acctest.Attributes{"address": "10.110.0.7"}, "10.110.0.7"},
		"this one, of a range":      {nil, acctest.Attributes{"address": "10.110.0.9", "range": "10.110.0.8/29"}, "10.110.0.9"},
		"this one, of a datacenter": {nil, acctest.Attributes{"address": "10.111.0.9", "datacenter": "2"}, "10.111.0.9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			object := providertest.Create(t, grid.Session(t, tc.provider), "gogrid_private_ip", tc.config.With(nil))
			if got := object.Get("address"); got != tc.want {
				t.Errorf("got %v, want %s", got, tc.want)
			}
			s := grid.Session(t, tc.provider)
			object, diagnostics := s.Read(object)
			diagnostics.WantNone(t)
			if plan := s.Plan(object, tc.config.With(nil)); plan.Action() != "no-op" {
				t.Errorf("the next plan is %s, want no-op", plan.Action())
			}
		})
	}
}

// TestPrivateIPConflicts checks that the error for a taken address names the resource
// that holds it.
func TestPrivateIPConflicts(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t)
	first := providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{"address": "10.110.0.5", "label": "database"})

	plan := s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"address": "10.110.0.5", "label": "cache"})
	_, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantError(t, "address", "10.110.0.5 is taken", "gogrid_private_ip database")

	// A plan that has refreshed the first resource must also report the
	// conflict.
	s = grid.Session(t)
	first, diagnostics = s.Read(first)
	diagnostics.WantNone(t)
	s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"address": "10.110.0.5", "label": "cache"}).
		Diagnostics.WantError(t, "address", "10.110.0.5 is taken", "gogrid_private_ip database")

	// A released address must be free for another claim.
	providertest.Destroy(t, s, first)
	providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{"address": "10.110.0.5", "label": "cache"})
}

// TestFreedAddressIsWaitedFor checks that, if no address is free, a create
// waits for a delete in the same apply.
func TestFreedAddressIsWaitedFor(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PublicBlockSize = 8 })
	var old []acctest.Object
	s := grid.Session(t)
	for i := range 5 { // all public addresses of the datacenter
		config := providertest.Web1().With(acctest.Attributes{"name": fmt.Sprintf("old%d", i), "datacenter": "US-West-1"})
		old = append(old, providertest.Create(t, s, "gogrid_server", config))
	}
	s = grid.Session(t)
	leaving := make(chan struct{}, 2)
	for range 2 {
		grid.Before("grid.server.delete", func() { leaving <- struct{}{} })
	}
	var group sync.WaitGroup
	for _, object := range old[:2] {
		plan := s.Plan(object, nil)
		group.Go(func() {
			_, diagnostics := s.Apply(t.Context(), plan)
			diagnostics.WantNone(t)
		})
	}
	var mu sync.Mutex
	taken := map[any]bool{}
	for i := range 2 {
		<-leaving
		config := providertest.Web1().With(acctest.Attributes{"name": fmt.Sprintf("new%d", i), "datacenter": "US-West-1"})
		plan := s.Plan(s.Absent("gogrid_server"), config)
		plan.Diagnostics.WantNone(t)
		group.Go(func() {
			object, diagnostics := s.Apply(context.WithoutCancel(t.Context()), plan)
			mu.Lock()
			defer mu.Unlock()
			diagnostics.WantNone(t)
			taken[object.Get("public_ip")] = true
		})
	}
	group.Wait()
	if !taken[old[0].Get("public_ip")] || !taken[old[1].Get("public_ip")] {
		t.Errorf("the new servers have the addresses %v, want the addresses of the deleted servers", taken)
	}
}

// TestKeptAddressIsNotGivenAway replaces a server. After the delete and before
// the create, no server has the private address. The address must still belong
// to the gogrid_private_ip that claimed it, although the apply does not read
// that resource.
func TestKeptAddressIsNotGivenAway(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t)
	kept := providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{})
	old := providertest.Create(t, s, "gogrid_server", providertest.Web1().With(acctest.Attributes{"private_ip": kept.Get("address")}))

	s = grid.Session(t) // a process that applies a saved plan
	providertest.Destroy(t, s, old)
	other := providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{})
	if other.Get("address") == kept.Get("address") {
		t.Errorf("%v was claimed twice", kept.Get("address"))
	}
	providertest.Create(t, s, "gogrid_server", providertest.Web1().With(acctest.Attributes{"name": "web2", "private_ip": kept.Get("address")}))

	s = grid.Session(t)
	web2, diagnostics := s.Import("gogrid_server", grid.ServerID(t, "web2"))
	diagnostics.WantNone(t)
	providertest.Destroy(t, s, web2)
	providertest.Destroy(t, s, kept)
	if next := providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{}); next.Get("address") != kept.Get("address") {
		t.Errorf("a released address cannot be claimed again: got %v", next.Get("address"))
	}
}

// TestIdleAddress checks that a plan fails if a new claim chooses its address
// while the plan keeps a claimed address that no server uses. The apply does
// not read the unused claim, so it could choose the same address.
func TestIdleAddress(t *testing.T) {
	t.Parallel()
	const refusal = "An address might be given out twice"
	prepared := func(t *testing.T) (*acctest.Session, acctest.Object, acctest.Object) {
		grid := acctest.NewQuickGrid(t)
		idle := providertest.Create(t, grid.Session(t), "gogrid_private_ip", acctest.Attributes{})
		s := grid.Session(t)
		idle, diagnostics := s.Read(idle)
		diagnostics.WantNone(t)
		return s, idle, s.Absent("gogrid_private_ip")
	}
	t.Run("planned first", func(t *testing.T) {
		t.Parallel()
		s, idle, absent := prepared(t)
		s.Plan(idle, acctest.Attributes{}).Diagnostics.WantNone(t)
		s.Plan(absent, acctest.Attributes{}).Diagnostics.WantError(t, "address", refusal, "keeps 10.110.0.2", "set address")
		s.Plan(absent, acctest.Attributes{}).Diagnostics.WantNone(t) // the error is reported once
	})
	t.Run("planned last", func(t *testing.T) {
		t.Parallel()
		s, idle, absent := prepared(t)
		s.Plan(absent, acctest.Attributes{}).Diagnostics.WantNone(t)
		s.Plan(idle, acctest.Attributes{}).Diagnostics.WantError(t, "address", refusal, "keeps 10.110.0.2")
	})
	t.Run("going", func(t *testing.T) {
		t.Parallel()
		s, idle, absent := prepared(t)
		s.Plan(idle, nil).Diagnostics.WantNone(t)
		s.Plan(absent, acctest.Attributes{}).Diagnostics.WantNone(t)
	})
	for name, config := range map[string]acctest.Attributes{
		"another address":    {"address": "10.110.0.9"},
		"another range":      {"range": "10.110.0.8/29"},
		"another datacenter": {"datacenter": "US-East-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, idle, absent := prepared(t)
			s.Plan(idle, acctest.Attributes{}).Diagnostics.WantNone(t)
			s.Plan(absent, config).Diagnostics.WantNone(t)
		})
	}
}

// TestPrivateAddressClash checks that create_before_destroy fails for a server with a
// fixed private address, and that the error names create_before_destroy.
func TestPrivateAddressClash(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config := providertest.Web1().With(acctest.Attributes{"private_ip": "10.110.0.5"})
	providertest.Create(t, grid.Session(t), "gogrid_server", config)
	s := grid.Session(t)
	plan := s.Plan(s.Absent("gogrid_server"), config.With(acctest.Attributes{"ram": "2GB"}))
	plan.Diagnostics.WantOK(t) // the provider cannot distinguish this create from a replacement
	object, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantError(t, "private_ip", "10.110.0.5 is taken", `server "web1" \(id \d+\)`, "create_before_destroy")
	if object.Exists() {
		t.Error("the state has a server that was never created")
	}
	if holder := grid.Holder(t, "127.20.0.3"); holder != "" {
		t.Errorf("the holder of the public address is %s, want none", holder)
	}
}
