// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// population is a set of managed objects on a grid: objects of each kind, and
// several running servers.
type population struct {
	grid    *acctest.Grid
	objects []acctest.Object
	configs []acctest.Attributes
}

// populate creates four servers, a sandbox, an image of the sandbox, two servers of
// that image, and a private address.
func populate(t *testing.T, grid *acctest.Grid) *population {
	t.Helper()
	p := &population{grid: grid}
	s := grid.Session(t)
	add := func(typeName string, config acctest.Attributes) acctest.Object {
		object := providertest.Create(t, s, typeName, config)
		p.objects, p.configs = append(p.objects, object), append(p.configs, config)
		return object
	}
	for i := range 4 {
		add("gogrid_server", providertest.Web1().With(acctest.Attributes{"name": fmt.Sprint("web", i), "description": "first"}))
	}
	sandbox := add("gogrid_sandbox", acctest.Attributes{"name": "golden", "image": "centos6.2_64_base"})
	image := add(providertest.ImageType, acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": sandbox.Get("id")})
	for i := range 2 {
		add("gogrid_server", providertest.Web1().With(acctest.Attributes{"name": fmt.Sprint("app", i), "image": image.Get("id")}))
	}
	add("gogrid_private_ip", acctest.Attributes{"datacenter": "US-West-1"})
	return p
}

// refresh reads all objects in one process. A broken answer must neither fail
// the refresh nor remove an object from the state.
func (p *population) refresh(t *testing.T, s *acctest.Session) []acctest.Object {
	t.Helper()
	var all []acctest.Object
	for _, object := range p.objects {
		read, diagnostics := s.Read(object)
		diagnostics.WantOK(t)
		if !read.Exists() {
			t.Errorf("the refresh removed %s %v from the state, but the grid still has it", object.TypeName, object.Get("id"))
		}
		all = append(all, read)
	}
	return all
}

// wantUnchanged checks that a refresh and plan in one process find no changes.
func (p *population) wantUnchanged(t *testing.T) {
	t.Helper()
	s := p.grid.Session(t)
	for i, read := range p.refresh(t, s) {
		if !read.Exists() {
			continue
		}
		plan := s.Plan(read, p.configs[i])
		plan.Diagnostics.WantOK(t)
		if plan.Action() != "no-op" {
			t.Errorf("%s %v: the plan is %s because of %v, want no-op", read.TypeName, read.Get("id"), plan.Action(), plan.RequiresReplace)
		}
	}
}

// emptyLists returns faults that make a list look empty.
func emptyLists() map[string]simulator.Fault {
	return map[string]simulator.Fault{
		"empty":       {Kind: simulator.FaultEmpty},
		"empty twice": {Kind: simulator.FaultEmpty, Times: 2},
		"bare":        {Kind: simulator.FaultBare},
		"null list":   {Kind: simulator.FaultNullList},
		"stale":       {Kind: simulator.FaultStale, Age: simulator.Duration(1000 * time.Hour)},
	}
}

// TestListWithoutRowsDestroysNothing injects a single list without rows into
// the refresh or the apply of a destroy. The provider must not conclude that
// the servers are gone: it must remove an object from the state only after the
// grid has deleted the object.
func TestListWithoutRowsDestroysNothing(t *testing.T) {
	t.Parallel()
	for name, fault := range emptyLists() {
		for _, phase := range []string{"refresh", "apply", "both"} {
			t.Run(name+"/"+phase, func(t *testing.T) {
				t.Parallel()
				grid := acctest.NewQuickGrid(t)
				s := grid.Session(t)
				var objects []acctest.Object
				for i := range 4 {
					objects = append(objects, providertest.Create(t, s, "gogrid_server", providertest.Web1().With(acctest.Attributes{"name": fmt.Sprint("web", i)})))
				}
				objects = append(objects, providertest.Create(t, s, "gogrid_sandbox", acctest.Attributes{"name": "golden", "image": "12834"}))
				fault := fault
				fault.Method = "grid.server.list"
				if phase != "apply" {
					grid.Spoil(t, fault)
				}
				s = grid.Session(t)
				for i, object := range objects {
					read, diagnostics := s.Read(object)
					diagnostics.WantOK(t)
					if objects[i] = read; !read.Exists() {
						t.Errorf("the refresh removed %s %v from the state", object.TypeName, object.Get("name"))
					}
				}
				grid.ClearFaults(t)
				if phase != "refresh" {
					grid.Spoil(t, fault)
				}
				s = grid.Session(t)
				for _, object := range objects {
					if !object.Exists() {
						continue
					}
					plan := s.Plan(object, nil)
					plan.Diagnostics.WantOK(t)
					gone, diagnostics := s.Apply(t.Context(), plan)
					if len(diagnostics.Errors()) == 0 && gone.Exists() {
						t.Errorf("the delete of %v reports no error, but the state still has the object", object.Get("name"))
					}
				}
				if left := grid.Inspect().Servers; len(left) > 0 {
					t.Errorf("the destroy succeeded, but the grid still has %+v", left)
				}
			})
		}
	}
}

// TestListThatStaysEmptyDestroysNothing lets the grid return lists without rows
// during a whole delete. The delete must not report success while its server
// exists.
func TestListThatStaysEmptyDestroysNothing(t *testing.T) {
	t.Parallel()
	for name, fault := range emptyLists() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			grid.LimitsByCalls(t, 60)
			server := grid.Manage(t, "gogrid_server")
			server.Apply(providertest.Web1()).WantOK(t)
			fault := fault
			fault.Method, fault.Times = "grid.server.list", -1
			grid.Spoil(t, fault)
			server.Remove()
			if servers := grid.Inspect().Servers; !server.Exists() && len(servers) > 0 {
				t.Errorf("the delete removed the server from the state, but the grid still has %+v", servers)
			}
			grid.ClearFaults(t)
			server.Destroy().WantOK(t)
			if servers := grid.Inspect().Servers; server.Exists() || len(servers) > 0 {
				t.Errorf("after the next destroy: in the state: %t, on the grid: %+v", server.Exists(), servers)
			}
		})
	}
}

// TestCutListKeepsTheState checks that a refresh removes nothing from the state
// if a list lacks rows, whatever totals the list reports.
func TestCutListKeepsTheState(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"grid.server.list", "grid.image.list", "grid.ip.list"} {
		for _, totals := range []simulator.FaultTotals{simulator.FaultTotalsRight, simulator.FaultTotalsMissing, simulator.FaultTotalsCut} {
			for _, keep := range []int{2, -1} {
				t.Run(fmt.Sprintf("%s/%s/%d", method, totals, keep), func(t *testing.T) {
					t.Parallel()
					p := populate(t, acctest.NewQuickGrid(t))
					p.grid.Spoil(t, simulator.Fault{Method: method, Kind: simulator.FaultPartial, Keep: keep, Totals: totals})
					p.refresh(t, p.grid.Session(t))
					if left := p.grid.ClearFaults(t); left > 0 {
						t.Error("the refresh never called the list")
					}
					p.wantUnchanged(t)
				})
			}
		}
	}
}

// TestListWithoutRowsReplacesNothing injects a single list without rows into a
// refresh. The plan must replace neither an image nor the servers of that image.
func TestListWithoutRowsReplacesNothing(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"grid.image.list", "grid.server.list", "grid.ip.list"} {
		for name, fault := range emptyLists() {
			t.Run(method+"/"+name, func(t *testing.T) {
				t.Parallel()
				p := populate(t, acctest.NewQuickGrid(t))
				fault := fault
				fault.Method = method
				p.grid.Spoil(t, fault)
				s := p.grid.Session(t)
				for i, read := range p.refresh(t, s) {
					if action := s.Plan(read, p.configs[i]).Action(); action == "replace" || action == "create" {
						t.Errorf("%s %v: the plan is %s", read.TypeName, read.Get("id"), action)
					}
				}
				p.grid.ClearFaults(t)
				p.wantUnchanged(t)
			})
		}
	}
}

// TestRowWithoutAMemberReplacesNothing drops, from list rows, a field that the
// rows always have. The provider must not treat the incomplete row as drift.
func TestRowWithoutAMemberReplacesNothing(t *testing.T) {
	t.Parallel()
	for method, fields := range map[string][]string{
		"grid.server.list": {"id", "name", "image", "image.id", "ram", "ip", "ip.ip", "type", "datacenter", "state", "state.name", "isSandbox", "description"},
		"grid.image.list":  {"id", "name", "friendlyName", "state", "state.name", "isPublic"},
	} {
		for _, field := range fields {
			for _, rows := range []int{1, -1} {
				t.Run(fmt.Sprintf("%s/%s/%d", method, field, rows), func(t *testing.T) {
					t.Parallel()
					p := populate(t, acctest.NewQuickGrid(t))
					p.grid.Spoil(t, simulator.Fault{Method: method, Kind: simulator.FaultDropField, Field: field, Rows: rows})
					s := p.grid.Session(t)
					for i, read := range p.refresh(t, s) {
						if action := s.Plan(read, p.configs[i]).Action(); action == "replace" || action == "create" {
							t.Errorf("%s %v: the plan is %s", read.TypeName, read.Get("id"), action)
						}
					}
					if left := p.grid.ClearFaults(t); left > 0 {
						t.Error("the fault did not occur")
					}
					p.wantUnchanged(t)
				})
			}
		}
	}
}

// TestImageListWithoutRowsInAnUpdate checks that an image list without rows
// during an update does not create a second server or a second image.
func TestImageListWithoutRowsInAnUpdate(t *testing.T) {
	t.Parallel()
	for name, fault := range emptyLists() {
		for skip := range 2 {
			t.Run(fmt.Sprintf("%s/skip %d", name, skip), func(t *testing.T) {
				t.Parallel()
				grid := acctest.NewQuickGrid(t)
				grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", grid.Address(t, true, "US-West-1", 9))
				image, server := grid.Manage(t, providertest.ImageType), grid.Manage(t, "gogrid_server")
				saved := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")}
				image.Apply(saved).WantOK(t)
				web := providertest.Web1().With(acctest.Attributes{"image": image.Get("id")})
				server.Apply(web).WantOK(t)
				imageID, serverID := image.Get("id"), server.Get("id")
				grid.ResetCounters()
				saved, web = saved.With(acctest.Attributes{"description": "2026"}), web.With(acctest.Attributes{"ram": "2GB"})
				fault := fault
				fault.Method, fault.Skip = "grid.image.list", skip
				for _, apply := range []func() acctest.Diagnostics{
					func() acctest.Diagnostics { return image.Apply(saved) },
					func() acctest.Diagnostics { return server.Apply(web) },
				} {
					grid.Spoil(t, fault)
					apply()
					grid.ClearFaults(t)
					apply().WantOK(t)
				}
				grid.WantCalls(t, "grid.image.save", 0)
				grid.WantCalls(t, "grid.image.delete", 0)
				grid.WantCalls(t, "grid.server.add", 0)
				grid.WantCalls(t, "grid.server.delete", 0)
				if image.Get("id") != imageID || server.Get("id") != serverID {
					t.Errorf("the ids are %v and %v, want image %v and server %v", image.Get("id"), server.Get("id"), imageID, serverID)
				}
				providertest.WantNoOp(t, grid, image.Object, saved)
				providertest.WantNoOp(t, grid, server.Object, web)
			})
		}
	}
}
