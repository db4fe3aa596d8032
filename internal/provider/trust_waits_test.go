// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// temporaryFailures returns faults that do not change the grid, so that a later
// call can succeed.
func temporaryFailures() map[string]simulator.Fault {
	return map[string]simulator.Fault{
		"forbidden": {Kind: simulator.FaultForbidden},
		"status":    {Kind: simulator.FaultStatus},
		"html":      {Kind: simulator.FaultHTML},
		"empty":     {Kind: simulator.FaultEmpty},
		"bare":      {Kind: simulator.FaultBare},
	}
}

// TestRefusedLookIsNoEnd injects one failed call while the provider waits for
// three servers. All waits must continue.
func TestRefusedLookIsNoEnd(t *testing.T) {
	t.Parallel()
	for name, fault := range temporaryFailures() {
		for _, method := range []string{"grid.server.list", "grid.job.list"} {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.Speed = 20 })
				s := grid.Session(t)
				fault := fault
				fault.Method = method
				grid.After("grid.server.add", func() {
					grid.After("grid.server.add", func() {
						grid.After("grid.server.add", func() { grid.Spoil(t, fault) })
					})
				})
				var group sync.WaitGroup
				for i := range 3 {
					config := providertest.Web1().With(acctest.Attributes{"name": fmt.Sprint("web", i)})
					plan := s.Plan(s.Absent("gogrid_server"), config)
					plan.Diagnostics.WantNone(t)
					group.Go(func() {
						server, diagnostics := s.Apply(t.Context(), plan)
						if len(diagnostics) > 0 || !server.Exists() || server.HasPrivate("pending") {
							t.Errorf("in the state: %t, pending: %t\n%s", server.Exists(), server.HasPrivate("pending"), diagnostics)
						}
					})
				}
				group.Wait()
				grid.WantCalls(t, "grid.server.add", 3)
				if left := grid.ClearFaults(t); left > 0 {
					t.Error("the fault did not occur")
				}
			})
		}
	}
}

// TestOutageTaintsNothing lets every list fail from the add call until the time
// limit of the create. The object must be pending, and the next apply must
// finish it.
func TestOutageTaintsNothing(t *testing.T) {
	t.Parallel()
	for name, fault := range temporaryFailures() {
		for kind, config := range map[string]acctest.Attributes{
			"gogrid_server":  providertest.Web1(),
			"gogrid_sandbox": {"name": "web1", "image": "centos6.2_64_base"},
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				grid := acctest.NewQuickGrid(t)
				grid.LimitsByCalls(t, 30)
				fault := fault
				fault.Times = -1
				grid.After("grid.server.add", func() {
					for _, method := range []string{"grid.server.list", "grid.server.get", "grid.job.list", "grid.ip.list"} {
						fault.Method = method
						grid.Spoil(t, fault)
					}
				})
				server := grid.Manage(t, kind)
				diagnostics := server.Apply(config)
				diagnostics.WantOK(t)
				if len(diagnostics.Warnings()) != 1 || server.Tainted || !server.Exists() || !server.HasPrivate("pending") {
					t.Errorf("tainted: %t, in the state: %t, pending: %t\n%s", server.Tainted, server.Exists(), server.HasPrivate("pending"), diagnostics)
				}
				grid.ClearFaults(t)
				grid.Advance(time.Hour)
				id := grid.ServerID(t, "web1")
				server.Apply(config).WantOK(t)
				if server.Get("id") != id {
					t.Errorf("the id is %v, want %s", server.Get("id"), id)
				}
				providertest.WantNoOp(t, grid, server.Object, config)
				grid.WantCalls(t, "grid.server.add", 1)
				grid.WantCalls(t, "grid.server.delete", 0)
			})
		}
	}
}

// TestLateListLosesNothing delays the data that reading methods return after a
// create. The provider must keep waiting, and the object must be in the state
// at the end.
func TestLateListLosesNothing(t *testing.T) {
	t.Parallel()
	all := []string{"grid.server.list", "grid.server.get", "grid.job.list", "grid.ip.list", "grid.image.list", "grid.image.get"}
	for name, tc := range map[string]struct {
		late []string
		age  time.Duration
	}{
		"list":                       {[]string{"grid.server.list", "grid.image.list"}, 90 * time.Second},
		"everything":                 {all, 90 * time.Second},
		"list, longer than creation": {[]string{"grid.server.list"}, 8 * time.Minute},
		"jobs":                       {[]string{"grid.job.list"}, 90 * time.Second},
	} {
		for kind, config := range map[string]acctest.Attributes{
			"gogrid_server":        providertest.Web1(),
			"gogrid_sandbox":       {"name": "web1", "image": "centos6.2_64_base"},
			providertest.ImageType: {"friendly_name": "golden 1"},
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.Speed = 4 })
				change := "grid.server.add"
				if kind == providertest.ImageType {
					change = "grid.image.save"
					grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "12834", "isSandbox", "true", "ip", "127.20.0.9")
					config = config.With(acctest.Attributes{"sandbox_id": grid.ServerID(t, "golden")})
				}
				grid.Advance(time.Hour)
				grid.Before(change, func() {
					for _, method := range tc.late {
						grid.Spoil(t, simulator.Fault{Method: method, Kind: simulator.FaultStale, Age: simulator.Duration(tc.age), Times: -1})
					}
				})
				object := grid.Manage(t, kind)
				object.Apply(config).WantOK(t)
				grid.ClearFaults(t)
				grid.Advance(time.Hour)
				object.Apply(config).WantOK(t)
				if !object.Exists() || object.Get("id") == nil {
					t.Fatalf("in the state: %t, id: %v", object.Exists(), object.Get("id"))
				}
				providertest.WantNoOp(t, grid, object.Object, config)
				grid.WantCalls(t, change, 1)
			})
		}
	}
}

// TestFrozenWaitTakesALastLook lets the grid finish the server, and lets the
// time limit expire, between two polls of a wait. The provider must poll once
// more and succeed.
func TestFrozenWaitTakesALastLook(t *testing.T) {
	t.Parallel()
	readyURL := providertest.StatusPage(t, func() int { return 200 })
	sandbox := acctest.Attributes{"name": "web1", "image": "centos6.2_64_base"}
	for name, tc := range map[string]struct {
		kind   string
		config acctest.Attributes
	}{
		"server":             {"gogrid_server", providertest.Web1()},
		"server, ready":      {"gogrid_server", providertest.Web1().With(acctest.Attributes{"ready": acctest.Attributes{"http": readyURL}})},
		"server, described":  {"gogrid_server", providertest.Web1().With(acctest.Attributes{"description": "first"})},
		"sandbox":            {"gogrid_sandbox", sandbox},
		"sandbox, described": {"gogrid_sandbox", sandbox.With(acctest.Attributes{"description": "first"})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := pausedGrid(t)
			expire := grid.LimitsByHand()
			grid.After("grid.server.add", func() {
				lists := 0
				providertest.OnceTrue(grid, func() bool { lists++; return lists == 3 }, func() {
					grid.Advance(time.Hour)
					expire()
				})
			})
			server := grid.Manage(t, tc.kind)
			server.Apply(tc.config).WantNone(t)
			if server.Tainted || server.Get("id") != grid.ServerID(t, "web1") {
				t.Errorf("tainted: %t, id: %v", server.Tainted, server.Get("id"))
			}
			providertest.WantNoOp(t, grid, server.Object, tc.config)
			grid.WantCalls(t, "grid.server.add", 1)
		})
	}
}

// TestFrozenImageWaitTakesALastLook is TestFrozenWaitTakesALastLook for an image.
func TestFrozenImageWaitTakesALastLook(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	expire := grid.LimitsByHand()
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "12834", "isSandbox", "true", "ip", "127.20.0.2")
	grid.After("grid.image.save", func() {
		grid.Before("grid.image.list", func() {
			grid.Advance(time.Hour)
			expire()
		})
	})
	image := grid.Manage(t, providertest.ImageType)
	config := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")}
	image.Apply(config).WantNone(t)
	if image.Tainted || image.Get("state") != "Available" {
		t.Errorf("tainted: %t, state: %v", image.Tainted, image.Get("state"))
	}
	providertest.WantNoOp(t, grid, image.Object, config)
}

// TestFrozenChangeTakesALastLook is TestFrozenWaitTakesALastLook for updates and
// deletes.
func TestFrozenChangeTakesALastLook(t *testing.T) {
	t.Parallel()
	for method, change := range map[string]acctest.Attributes{
		"grid.server.edit": {"ram": "2GB"}, "grid.server.power": {"power_state": "off"}, "grid.server.delete": nil,
	} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			grid := pausedGrid(t)
			expire := grid.LimitsByHand()
			grid.OutsideDone(t, "grid.server.add", "name", "web1", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.2")
			server, diagnostics := grid.Session(t).Import("gogrid_server", grid.ServerID(t, "web1"))
			diagnostics.WantOK(t)
			grid.After(method, func() {
				grid.Before("grid.server.list", func() {
					grid.Advance(time.Hour)
					expire()
				})
			})
			s := grid.Session(t)
			var config acctest.Attributes
			if change != nil {
				config = providertest.Web1().With(change)
			}
			server, diagnostics = s.Apply(t.Context(), s.Plan(server, config))
			diagnostics.WantNone(t)
			if server.Exists() != (change != nil) {
				t.Errorf("in the state: %t, want %t", server.Exists(), change != nil)
			}
		})
	}
}

// TestLostImageDeleteIsAnError loses the call that deletes an image, and all
// retries. The delete must fail within 60 calls, and the image must stay
// unchanged.
func TestLostImageDeleteIsAnError(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"reset":    {Kind: simulator.FaultReset},
		"status":   {Kind: simulator.FaultStatus},
		"truncate": {Kind: simulator.FaultTruncate},
		"html":     {Kind: simulator.FaultHTML},
	} {
		for _, times := range []int{5, -1} {
			t.Run(fmt.Sprint(name, "/", times), func(t *testing.T) {
				t.Parallel()
				grid := acctest.NewQuickGrid(t)
				grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "12834", "isSandbox", "true", "ip", "127.20.0.2")
				image := grid.Manage(t, providertest.ImageType)
				config := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")}
				image.Apply(config).WantNone(t)
				fault := fault
				fault.Method, fault.Times = "grid.image.delete", times
				grid.Spoil(t, fault)
				grid.ResetCounters()
				image.Destroy().WantError(t, "-", "golden 1", "(?i)run the same command again|try again")
				if calls := grid.TotalCalls(); calls > 60 {
					t.Errorf("the delete took %d calls, want at most 60", calls)
				}
				if !image.Exists() || len(grid.Images()) != 1 {
					t.Errorf("in the state: %t, on the grid: %+v", image.Exists(), grid.Images())
				}
				grid.ClearFaults(t)
				providertest.WantNoOp(t, grid, image.Object, config)
				image.Destroy().WantNone(t)
			})
		}
	}
}

// TestLostAnswerOfASlowChange loses the answer to a change that takes minutes.
// The provider must read the object to find out whether the change succeeded.
func TestLostAnswerOfASlowChange(t *testing.T) {
	t.Parallel()
	slow := func(o *simulator.Options) {
		o.Speed = 20
		o.Timings.ServerDelete, o.Timings.ImageTrash = 3*time.Minute, 3*time.Minute
		o.Timings.ServerEdit, o.Timings.ServerPower = 3*time.Minute, 3*time.Minute
	}
	for _, kind := range []simulator.FaultKind{simulator.FaultReset, simulator.FaultStatus, simulator.FaultTruncate, simulator.FaultHTML} {
		for name, tc := range map[string]struct {
			method, typeName string
			change           acctest.Attributes // nil deletes
		}{
			"delete a server":  {"grid.server.delete", "gogrid_server", nil},
			"delete a sandbox": {"grid.server.delete", "gogrid_sandbox", nil},
			"delete an image":  {"grid.image.delete", providertest.ImageType, nil},
			"resize":           {"grid.server.edit", "gogrid_server", acctest.Attributes{"ram": "2GB"}},
			"stop":             {"grid.server.power", "gogrid_server", acctest.Attributes{"power_state": "off"}},
			"restart":          {"grid.server.power", "gogrid_server", acctest.Attributes{"restart_triggers": acctest.Attributes{"release": "2"}}},
		} {
			t.Run(fmt.Sprint(name, "/", kind), func(t *testing.T) {
				t.Parallel()
				grid := acctest.NewQuickGrid(t, slow)
				grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "12834", "isSandbox", "true", "ip", "127.20.0.9")
				config := map[string]acctest.Attributes{
					"gogrid_server":        providertest.Web1().With(acctest.Attributes{"restart_triggers": acctest.Attributes{"release": "1"}}),
					"gogrid_sandbox":       {"name": "web1", "image": "centos6.2_64_base"},
					providertest.ImageType: {"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")},
				}[tc.typeName]
				object := grid.Manage(t, tc.typeName)
				object.Apply(config).WantNone(t)
				grid.Spoil(t, simulator.Fault{Method: tc.method, Kind: kind, When: simulator.FaultAfter})
				if tc.change == nil {
					object.Destroy().WantNone(t)
					if images, servers := grid.Images(), grid.Inspect().Servers; object.Exists() || len(images)+len(servers) != 1 {
						t.Errorf("in the state: %t, on the grid: %+v %+v", object.Exists(), servers, images)
					}
					return
				}
				config = config.With(tc.change)
				object.Apply(config).WantNone(t)
				providertest.WantNoOp(t, grid, object.Object, config)
			})
		}
	}
}
