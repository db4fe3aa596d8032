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

// TestPrivateIPsAtOnce claims all addresses of a block at the same time.
func TestPrivateIPsAtOnce(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PrivateBlockSize = 64 })
	const count = 61 // all of them
	s := grid.Session(t)
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		given = map[any]int{}
	)
	for range count {
		plan := s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"datacenter": "US-West-1"})
		plan.Diagnostics.WantNone(t)
		group.Go(func() {
			object, diagnostics := s.Apply(t.Context(), plan)
			mu.Lock()
			defer mu.Unlock()
			diagnostics.WantNone(t)
			given[object.Get("address")]++
		})
	}
	group.Wait()
	if len(given) != count {
		t.Errorf("%d resources got %d different addresses: %v", count, len(given), given)
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
				t.Errorf("the next plan is %s", plan.Action())
			}
		})
	}
}

// TestPrivateIPConflicts: who has an address is said by name.
func TestPrivateIPConflicts(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t)
	first := providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{"address": "10.110.0.5", "label": "database"})

	plan := s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"address": "10.110.0.5", "label": "cache"})
	_, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantError(t, "address", "10.110.0.5 is taken", "gogrid_private_ip database")

	// In a plan, too, where the first one is refreshed.
	s = grid.Session(t)
	first, diagnostics = s.Read(first)
	diagnostics.WantNone(t)
	s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"address": "10.110.0.5", "label": "cache"}).
		Diagnostics.WantError(t, "address", "10.110.0.5 is taken", "gogrid_private_ip database")

	// What was given back can be claimed.
	providertest.Destroy(t, s, first)
	providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{"address": "10.110.0.5", "label": "cache"})
}

// TestFreedAddressIsWaitedFor: with no address left, a creation waits for a
// deletion of the same apply.
func TestFreedAddressIsWaitedFor(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PublicBlockSize = 8 })
	var old []acctest.Object
	s := grid.Session(t)
	for i := range 5 { // all there are
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
	given := map[any]bool{}
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
			given[object.Get("public_ip")] = true
		})
	}
	group.Wait()
	if !given[old[0].Get("public_ip")] || !given[old[1].Get("public_ip")] {
		t.Errorf("the new servers have %v, want those of the old", given)
	}
}

// TestKeptAddressIsNotGivenAway: while a server is replaced, its private
// address has no server for a while, and still belongs to its
// gogrid_private_ip, which the apply does not see.
func TestKeptAddressIsNotGivenAway(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t)
	kept := providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{})
	old := providertest.Create(t, s, "gogrid_server", providertest.Web1().With(acctest.Attributes{"private_ip": kept.Get("address")}))

	s = grid.Session(t) // the apply walk
	providertest.Destroy(t, s, old)
	other := providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{})
	if other.Get("address") == kept.Get("address") {
		t.Errorf("%v was given out twice", kept.Get("address"))
	}
	providertest.Create(t, s, "gogrid_server", providertest.Web1().With(acctest.Attributes{"name": "web2", "private_ip": kept.Get("address")}))

	s = grid.Session(t)
	web2, diagnostics := s.Import("gogrid_server", grid.ServerID(t, "web2"))
	diagnostics.WantNone(t)
	providertest.Destroy(t, s, web2)
	providertest.Destroy(t, s, kept)
	if next := providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{}); next.Get("address") != kept.Get("address") {
		t.Errorf("an address that was given back is not given out again: got %v", next.Get("address"))
	}
}

// TestIdleAddress: an apply is not shown an address that is kept and not used,
// so a plan that would choose beside it is refused.
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
		s.Plan(absent, acctest.Attributes{}).Diagnostics.WantNone(t) // said once
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

// TestPrivateAddressClash: create_before_destroy with a fixed private address
// cannot work, and the error of the clash says so.
func TestPrivateAddressClash(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config := providertest.Web1().With(acctest.Attributes{"private_ip": "10.110.0.5"})
	providertest.Create(t, grid.Session(t), "gogrid_server", config)
	s := grid.Session(t)
	plan := s.Plan(s.Absent("gogrid_server"), config.With(acctest.Attributes{"ram": "2GB"}))
	plan.Diagnostics.WantOK(t) // it might be the apply of a replacement
	object, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantError(t, "private_ip", "10.110.0.5 is taken", `server "web1" \(id \d+\)`, "create_before_destroy")
	if object.Exists() {
		t.Error("the state has a server that was never made")
	}
	if holder := grid.Holder(t, "127.20.0.3"); holder != "" {
		t.Errorf("the public address is held by %s", holder)
	}
}
