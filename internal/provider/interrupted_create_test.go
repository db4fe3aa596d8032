// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// pausedGrid returns a grid whose clock stands still: no job finishes until the
// test advances the clock.
func pausedGrid(t *testing.T) *acctest.Grid {
	t.Helper()
	return acctest.NewQuickGrid(t, func(o *simulator.Options) { o.HandDriven = true })
}

// waitStart maps each list method that a wait polls to the call that starts the
// wait. Before that call, other code also calls the list method, and more often
// on a slow machine.
var waitStart = map[string]string{"grid.server.list": "grid.server.add", "grid.image.list": "grid.image.save"}

// interrupt creates an object and cancels the request, as Ctrl-C does, after the
// next call of a method. It checks that the state keeps the object as pending.
func interrupt(t *testing.T, grid *acctest.Grid, method, typeName string, config acctest.Attributes) acctest.Object {
	t.Helper()
	s := grid.Session(t)
	plan := s.Plan(s.Absent(typeName), config)
	plan.Diagnostics.WantNone(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	arm := func() { grid.After(method, cancel) }
	if change, listed := waitStart[method]; listed {
		grid.After(change, arm)
	} else {
		arm()
	}
	object, diagnostics := s.Apply(ctx, plan)
	if ctx.Err() == nil {
		t.Fatalf("the create ended before it called %s", method)
	}
	if len(diagnostics.Errors()) > 0 {
		t.Errorf("an interrupted create must end without an error, or Terraform replaces the object:\n%s", diagnostics)
	}
	diagnostics.WantWarning(t, "-", "Interrupted while creating", "next apply continues")
	if !object.Exists() || !object.HasPrivate("pending") {
		t.Errorf("the state must keep the object, marked as pending; exists: %t", object.Exists())
	}
	return object
}

// resume finishes an interrupted create. It plans in a new process, checks that
// the plan marks the given attributes unknown, and applies in another process.
// During the apply, each list call advances the grid's clock.
func resume(t *testing.T, grid *acctest.Grid, object acctest.Object, config acctest.Attributes, unknown ...string) acctest.Object {
	t.Helper()
	s := grid.Session(t)
	object, diagnostics := s.Read(object)
	diagnostics.WantNone(t)
	plan := s.Plan(object, config)
	if plan.Action() != "update" {
		t.Errorf("the next plan is %s, want an update in place", plan.Action())
	}
	plan.Diagnostics.WantWarning(t, "-", "was interrupted", "nothing is (created|saved) twice")
	for _, name := range unknown {
		if plan.Planned(name) != (acctest.Unknown{}) {
			t.Errorf("%s is planned as %v, want unknown", name, plan.Planned(name))
		}
	}
	s = grid.Session(t)
	plan = s.Plan(object, config)
	runClock(t, grid)
	object, diagnostics = s.Apply(t.Context(), plan)
	diagnostics.WantNone(t)
	if object.HasPrivate("pending") {
		t.Error("the finished object is still marked as pending")
	}
	return object
}

func TestInterruptedServerIsFinished(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method string
		change acctest.Attributes
	}{
		"while it waits":               {"grid.job.list", nil},
		"during the add call":          {"grid.server.add", nil},
		"with pending changes":         {"grid.job.list", acctest.Attributes{"power_state": "off", "type": "Database Server", "description": "first"}},
		"with options by id":           {"grid.job.list", acctest.Attributes{"ram": "4", "image": "12834", "datacenter": "2"}},
		"with a private address":       {"grid.job.list", acctest.Attributes{"private_ip": "10.110.0.3"}},
		"with config-only attributes":  {"grid.job.list", acctest.Attributes{"restart_triggers": acctest.Attributes{"release": "1"}, "timeouts": acctest.Attributes{"create": "30m"}}},
		"while it waits, by public_ip": {"grid.server.list", acctest.Attributes{"public_ip": "127.20.0.7"}},
		"add call, pending changes":    {"grid.server.add", acctest.Attributes{"type": "Database Server"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid, config := pausedGrid(t), providertest.Web1().With(tc.change)
			object := interrupt(t, grid, tc.method, "gogrid_server", config)
			if object.Get("public_ip") != grid.Server(t, "web1").PublicIP || object.Get("id") != nil {
				t.Errorf("the state has public_ip %v and id %v, want the server's address and no id", object.Get("public_ip"), object.Get("id"))
			}
			object = resume(t, grid, object, config, "state", "id", "cores", "disk_size_mb")
			if object.Get("id") != grid.ServerID(t, "web1") {
				t.Errorf("the id is %v, want %s", object.Get("id"), grid.ServerID(t, "web1"))
			}
			providertest.WantNoOp(t, grid, object, config)
			grid.WantCalls(t, "grid.server.add", 1)
		})
	}
}

func TestInterruptedServerFinishedMeanwhile(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	object := interrupt(t, grid, "grid.job.list", "gogrid_server", providertest.Web1())
	grid.Advance(time.Hour)
	object = resume(t, grid, object, providertest.Web1(), "state")
	if object.Get("state") != "On" {
		t.Errorf("the state is %v, want On", object.Get("state"))
	}
	providertest.WantNoOp(t, grid, object, providertest.Web1())
}

// TestInterruptedBetweenServerAndPower interrupts a create after the server
// exists and before it is switched off.
func TestInterruptedBetweenServerAndPower(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	config := providertest.Web1().With(acctest.Attributes{"power_state": "off"})
	grid.After("grid.server.add", func() {
		grid.After("grid.server.list", func() { grid.Advance(time.Hour) })
	})
	object := interrupt(t, grid, "grid.server.power", "gogrid_server", config)
	object = resume(t, grid, object, config, "state")
	providertest.WantNoOp(t, grid, object, config)
	grid.WantCalls(t, "grid.server.add", 1)
	if state := grid.Server(t, "web1").State; state != "Off" {
		t.Errorf("the server is %s, want Off", state)
	}
}

func TestInterruptedSandboxIsFinished(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	config := acctest.Attributes{"name": "golden", "image": "centos6.2_64_base"}
	object := interrupt(t, grid, "grid.job.list", "gogrid_sandbox", config)
	object = resume(t, grid, object, config, "state", "id")
	providertest.WantNoOp(t, grid, object, config)
	grid.WantCalls(t, "grid.server.add", 1)
}

func TestInterruptedImageIsFinished(t *testing.T) {
	t.Parallel()
	for name, method := range map[string]string{"while it waits": "grid.image.list", "during the save call": "grid.image.save"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := pausedGrid(t)
			grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
			config := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden"), "description": "first", "is_public": true}
			object := interrupt(t, grid, method, "gogrid_mygsi_image", config)
			object = resume(t, grid, object, config, "state")
			providertest.WantNoOp(t, grid, object, config)
			grid.WantCalls(t, "grid.image.save", 1)
		})
	}
}

// TestInterruptedImageLetsServersBePlanned plans servers of an image that is
// still being saved. The plan accepts the image, because the apply waits for it
// first.
func TestInterruptedImageLetsServersBePlanned(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
	config := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")}
	image := interrupt(t, grid, "grid.image.save", "gogrid_mygsi_image", config)
	s := grid.Session(t)
	image, diagnostics := s.Read(image)
	diagnostics.WantNone(t)
	s.Plan(image, config)
	s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"image": image.Get("id")})).Diagnostics.WantNone(t)
}

// TestCancelledBeforeTheAdd checks that a create that is cancelled before the add
// call fails and records nothing.
func TestCancelledBeforeTheAdd(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	s := grid.Session(t)
	plan := s.Plan(s.Absent("gogrid_server"), providertest.Web1())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	object, diagnostics := s.Apply(ctx, plan)
	diagnostics.WantError(t, "-", "web1", "(?i)context canceled", "Run the same command again")
	if object.Exists() {
		t.Error("the state has an object that was never created")
	}
	grid.WantCalls(t, "grid.server.add", 0)
}

// expireDuringWait lets the time limit of a create expire at the third call
// after the add call that lists servers.
func expireDuringWait(grid *acctest.Grid) {
	expire, lists := grid.LimitsByHand(), 0
	grid.After("grid.server.add", func() {
		providertest.OnceTrue(grid, func() bool { lists++; return lists == 3 }, expire)
	})
}

// TestCreateTimeout checks that a create fails when the time limit of its
// timeouts block expires. Unlike an interrupted create, the server is tainted.
func TestCreateTimeout(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	expireDuringWait(grid)
	server := grid.Manage(t, "gogrid_server")
	server.Apply(providertest.Web1().With(acctest.Attributes{"timeouts": acctest.Attributes{"create": "25m"}})).WantError(t, "-", `Could not finish creating server "web1"`, "terraform untaint", "exists and is billed", "Last seen")
	if !server.Exists() || !server.Tainted {
		t.Fatalf("exists: %t, tainted: %t; want both", server.Exists(), server.Tainted)
	}
	if limits := grid.LimitsAsked(); len(limits) != 1 || limits[0] != 25*time.Minute {
		t.Errorf("the time limits were %v, want 25m from the timeouts block", limits)
	}

	server.Tainted = false // terraform untaint
	object := resume(t, grid, server.Object, providertest.Web1(), "state", "id")
	providertest.WantNoOp(t, grid, object, providertest.Web1())
	grid.WantCalls(t, "grid.server.add", 1)
}

// TestCreateTimeoutReplaced applies again after a create timed out and left a
// tainted server. The apply must find and replace that server, although the
// state has no id.
func TestCreateTimeoutReplaced(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	expireDuringWait(grid)
	server := grid.Manage(t, "gogrid_server")
	server.Apply(providertest.Web1())
	address := server.Get("public_ip")
	if !server.Tainted {
		t.Fatal("the server is not tainted")
	}
	runClock(t, grid)
	server.Apply(providertest.Web1()).WantOK(t)
	providertest.WantNoOp(t, grid, server.Object, providertest.Web1())
	grid.WantCalls(t, "grid.server.add", 2)
	grid.WantCalls(t, "grid.server.delete", 1)
	if servers := grid.Inspect().Servers; len(servers) != 1 {
		t.Errorf("the grid has %+v, want one server", servers)
	}
	if server.Get("public_ip") != address {
		t.Errorf("the new server has address %v, want the lowest address again, %v", server.Get("public_ip"), address)
	}
}

// runClock advances the clock of a paused grid by a minute at each call that
// lists servers or images.
func runClock(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	for _, method := range []string{"grid.server.list", "grid.image.list"} {
		var tick func()
		tick = func() {
			grid.Advance(time.Minute)
			grid.Before(method, tick)
		}
		grid.Before(method, tick)
	}
}

// TestDestroyWhilePending destroys a server that is still being created. The
// destroy waits for the server's id and then deletes the server.
func TestDestroyWhilePending(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	object := interrupt(t, grid, "grid.job.list", "gogrid_server", providertest.Web1())
	runClock(t, grid)
	s := grid.Session(t)
	gone, diagnostics := s.Apply(t.Context(), s.Plan(object, nil))
	diagnostics.WantNone(t)
	if gone.Exists() || len(grid.Inspect().Servers) > 0 {
		t.Errorf("left in the state: %t, on the grid: %+v", gone.Exists(), grid.Inspect().Servers)
	}
	if holder := grid.Holder(t, "127.20.0.2"); holder != "" {
		t.Errorf("the address is still held by %s", holder)
	}
}

// TestReplacedWhilePending checks that the plan of a replacement does not warn
// about a pending create of the old server.
func TestReplacedWhilePending(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	object := interrupt(t, grid, "grid.job.list", "gogrid_server", providertest.Web1())
	s := grid.Session(t)
	plan := s.Plan(object, providertest.Web1().With(acctest.Attributes{"image": "debian_6.0_64_base"}))
	plan.Diagnostics.WantNone(t)
	if plan.Action() != "replace" {
		t.Errorf("the plan is %s, want a replacement", plan.Action())
	}
}

// TestDestroyOfAnImageThatIsNeverSaved destroys a pending image whose save fails
// during the destroy.
func TestDestroyOfAnImageThatIsNeverSaved(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "12834", "isSandbox", "true", "ip", "127.20.0.2")
	if err := grid.AddFaults(simulator.Fault{Method: "grid.image.save", Kind: simulator.FaultJob}); err != nil {
		t.Fatal(err)
	}
	image := interrupt(t, grid, "grid.image.save", "gogrid_mygsi_image", acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")})
	s := grid.Session(t)
	plan := s.Plan(image, nil)
	grid.After("grid.image.list", func() { grid.Advance(time.Hour) })
	gone, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantNone(t)
	if gone.Exists() || len(grid.Images()) > 0 {
		t.Errorf("left in the state: %t, on the grid: %+v", gone.Exists(), grid.Images())
	}
}

// TestInterruptedTwice interrupts a create and then the apply that resumes it. A
// third apply finishes the server.
func TestInterruptedTwice(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	object := interrupt(t, grid, "grid.job.list", "gogrid_server", providertest.Web1())
	s := grid.Session(t)
	plan := s.Plan(object, providertest.Web1())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	grid.After("grid.job.list", cancel)
	object, diagnostics := s.Apply(ctx, plan)
	diagnostics.WantError(t, "-", "web1", "(?i)context canceled")
	if !object.HasPrivate("pending") {
		t.Error("the object is no longer marked as pending")
	}
	object = resume(t, grid, object, providertest.Web1(), "state")
	providertest.WantNoOp(t, grid, object, providertest.Web1())
	grid.WantCalls(t, "grid.server.add", 1)
}

// TestPrivateStateLost refreshes a pending server whose private state a killed
// update has lost. The refresh fills in the attributes that were unknown.
func TestPrivateStateLost(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	object := interrupt(t, grid, "grid.job.list", "gogrid_server", providertest.Web1()).WithoutPrivate()
	grid.Advance(time.Hour)
	s := grid.Session(t)
	object, diagnostics := s.Read(object)
	diagnostics.WantNone(t)
	if object.Get("id") != grid.ServerID(t, "web1") || object.Get("cores") != 1.0 {
		t.Errorf("the id is %v and cores is %v, want the server's id and 1", object.Get("id"), object.Get("cores"))
	}
	providertest.WantNoOp(t, grid, object, providertest.Web1())
}
