// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// TestCounters_apply checks that planning and applying many servers at once
// makes fewer than two calls per server. Relative to the speed of this fast
// grid, the poll interval is as long as the default on the real service.
func TestCounters_apply(t *testing.T) {
	t.Parallel()
	const servers = 20
	grid := acctest.NewGrid(t, func(o *simulator.Options) { o.PublicBlockSize = 32 })
	slowPolling := acctest.Attributes{"poll_interval": "2s"}
	config := func(i int) acctest.Attributes {
		return providertest.Web1().With(acctest.Attributes{"name": fmt.Sprintf("web%d", i)})
	}
	planning := grid.Session(t, slowPolling)
	for i := range servers {
		planning.Plan(planning.Absent("gogrid_server"), config(i)).Diagnostics.WantNone(t)
	}
	applying := grid.Session(t, slowPolling)
	var group sync.WaitGroup
	for i := range servers {
		group.Go(func() {
			_, diagnostics := applying.Apply(t.Context(), applying.Plan(applying.Absent("gogrid_server"), config(i)))
			diagnostics.WantNone(t)
		})
	}
	group.Wait()
	if total := grid.TotalCalls(); total >= 2*servers {
		t.Errorf("%d servers took %d calls, want fewer than 2 each: %v", servers, total, grid.Counters())
	}
}

// TestCounters_plan checks that a plan for many servers makes as few calls as a
// plan for one.
func TestCounters_plan(t *testing.T) {
	t.Parallel()
	const servers = 100
	grid := acctest.NewGrid(t, func(o *simulator.Options) { o.PublicBlockSize = 256 })
	for i := range servers {
		grid.Outside(t, "grid.server.add", "name", fmt.Sprintf("web%d", i), "image", "12834", "server.ram", "1GB", "ip", grid.Address(t, true, "US-West-1", i))
	}
	grid.OutsideDone(t, "grid.ip.list")
	s := grid.Session(t)
	var known []acctest.Object
	for _, server := range grid.Inspect().Servers {
		object, diagnostics := s.Import("gogrid_server", fmt.Sprint(server.ID))
		diagnostics.WantNone(t)
		known = append(known, object)
	}

	grid.ResetCounters()
	s = grid.Session(t)
	for _, object := range known {
		read, diagnostics := s.Read(object)
		diagnostics.WantNone(t)
		plan := s.Plan(read, acctest.Attributes{"name": read.Get("name"), "image": "centos6.2_64_base", "ram": "1gb"})
		plan.Diagnostics.WantNone(t)
		if plan.Action() != "no-op" {
			t.Fatalf("the plan of %v is %s, want no-op", read.Get("name"), plan.Action())
		}
	}
	for i := range servers {
		s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"name": fmt.Sprintf("new%d", i)})).Diagnostics.WantNone(t)
	}
	if total := grid.TotalCalls(); total >= 20 {
		t.Errorf("planning %d existing and as many new servers made %d calls, want fewer than 20: %v", servers, total, grid.Counters())
	}
}
