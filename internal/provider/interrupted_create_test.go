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

// stopped is a grid whose clock stands still: nothing gets finished there
// until a test lets time pass.
func stopped(t *testing.T) *acctest.Grid {
	t.Helper()
	return acctest.NewQuickGrid(t, func(o *simulator.Options) { o.HandDriven = true })
}

// waitedFor are the changes after which a list is asked for by a wait. Before
// them it is asked for by looks, of which a slow machine makes more.
var waitedFor = map[string]string{"grid.server.list": "grid.server.add", "grid.image.list": "grid.image.save"}

// interrupt creates an object and cancels the request, as Ctrl-C does, when a
// method is next called.
func interrupt(t *testing.T, grid *acctest.Grid, method, typeName string, config acctest.Attributes) acctest.Object {
	t.Helper()
	s := grid.Session(t)
	plan := s.Plan(s.Absent(typeName), config)
	plan.Diagnostics.WantNone(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	arm := func() { grid.After(method, cancel) }
	if change, listed := waitedFor[method]; listed {
		grid.After(change, arm)
	} else {
		arm()
	}
	object, diagnostics := s.Apply(ctx, plan)
	if ctx.Err() == nil {
		t.Fatalf("the creation was over before it called %s", method)
	}
	if len(diagnostics.Errors()) > 0 {
		t.Errorf("an interrupted creation must end without an error, or Terraform replaces the object:\n%s", diagnostics)
	}
	diagnostics.WantWarning(t, "-", "Interrupted while creating", "next apply goes on")
	if !object.Exists() || !object.HasPrivate("pending") {
		t.Errorf("the state must keep the object and that it is pending; exists: %t", object.Exists())
	}
	return object
}

// goOn plans in a new process, checks what the plan promises, and applies in
// another, in which the grid's clock goes on once the provider looks.
func goOn(t *testing.T, grid *acctest.Grid, object acctest.Object, config acctest.Attributes, unknown ...string) acctest.Object {
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
		more   acctest.Attributes
	}{
		"while it waits":                 {"grid.job.list", nil},
		"while the add is on its way":    {"grid.server.add", nil},
		"with changes yet to be made":    {"grid.job.list", acctest.Attributes{"power_state": "off", "type": "Database Server", "description": "of ours"}},
		"with options by id":             {"grid.job.list", acctest.Attributes{"ram": "2", "image": "12834", "datacenter": "2"}},
		"with a private address":         {"grid.job.list", acctest.Attributes{"private_ip": "10.110.0.3"}},
		"with what only config has":      {"grid.job.list", acctest.Attributes{"restart_triggers": acctest.Attributes{"release": "1"}, "timeouts": acctest.Attributes{"create": "30m"}}},
		"while it waits, by public_ip":   {"grid.server.list", acctest.Attributes{"public_ip": "127.20.0.7"}},
		"early, with changes to be made": {"grid.server.add", acctest.Attributes{"type": "Database Server"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid, config := stopped(t), providertest.Web1().With(tc.more)
			object := interrupt(t, grid, tc.method, "gogrid_server", config)
			if object.Get("public_ip") != grid.Server(t, "web1").PublicIP || object.Get("id") != nil {
				t.Errorf("the state has public_ip %v and id %v", object.Get("public_ip"), object.Get("id"))
			}
			object = goOn(t, grid, object, config, "state", "id", "cores", "disk_size_mb")
			if object.Get("id") != grid.ServerID(t, "web1") {
				t.Errorf("the id is %v", object.Get("id"))
			}
			providertest.WantNoOp(t, grid, object, config)
			grid.WantCalls(t, "grid.server.add", 1)
		})
	}
}

func TestInterruptedServerFinishedMeanwhile(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	object := interrupt(t, grid, "grid.job.list", "gogrid_server", providertest.Web1())
	grid.Advance(time.Hour)
	object = goOn(t, grid, object, providertest.Web1(), "state")
	if object.Get("state") != "On" {
		t.Errorf("the state is %v", object.Get("state"))
	}
	providertest.WantNoOp(t, grid, object, providertest.Web1())
}

// TestInterruptedBetweenServerAndPower cuts a creation off when the server is
// there and has yet to be switched off.
func TestInterruptedBetweenServerAndPower(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	config := providertest.Web1().With(acctest.Attributes{"power_state": "off"})
	grid.After("grid.server.add", func() {
		grid.After("grid.server.list", func() { grid.Advance(time.Hour) })
	})
	object := interrupt(t, grid, "grid.server.power", "gogrid_server", config)
	object = goOn(t, grid, object, config, "state")
	providertest.WantNoOp(t, grid, object, config)
	grid.WantCalls(t, "grid.server.add", 1)
	if state := grid.Server(t, "web1").State; state != "Off" {
		t.Errorf("the server is %s", state)
	}
}

func TestInterruptedSandboxIsFinished(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	config := acctest.Attributes{"name": "golden", "image": "centos6.2_64_base"}
	object := interrupt(t, grid, "grid.job.list", "gogrid_sandbox", config)
	object = goOn(t, grid, object, config, "state", "id")
	providertest.WantNoOp(t, grid, object, config)
	grid.WantCalls(t, "grid.server.add", 1)
}

func TestInterruptedImageIsFinished(t *testing.T) {
	t.Parallel()
	for name, method := range map[string]string{"while it waits": "grid.image.list", "while the save is on its way": "grid.image.save"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := stopped(t)
			grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
			config := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden"), "description": "ours", "is_public": true}
			object := interrupt(t, grid, method, "gogrid_mygsi_image", config)
			object = goOn(t, grid, object, config, "state")
			providertest.WantNoOp(t, grid, object, config)
			grid.WantCalls(t, "grid.image.save", 1)
		})
	}
}

// TestInterruptedImageLetsServersBePlanned: the servers of an image whose save
// goes on are planned with it; the image is known to be waited for first.
func TestInterruptedImageLetsServersBePlanned(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
	config := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")}
	image := interrupt(t, grid, "grid.image.save", "gogrid_mygsi_image", config)
	s := grid.Session(t)
	image, diagnostics := s.Read(image)
	diagnostics.WantNone(t)
	s.Plan(image, config)
	s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"image": image.Get("id")})).Diagnostics.WantNone(t)
}

// TestCancelledBeforeTheAdd makes nothing: there is nothing to lose yet.
func TestCancelledBeforeTheAdd(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	s := grid.Session(t)
	plan := s.Plan(s.Absent("gogrid_server"), providertest.Web1())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	object, diagnostics := s.Apply(ctx, plan)
	diagnostics.WantError(t, "-", "web1", "(?i)context canceled", "Run the same command again")
	if object.Exists() {
		t.Error("the state has an object that was never made")
	}
	grid.WantCalls(t, "grid.server.add", 0)
}

// endInWait lets the time for a creation be over while it waits for a server and
// has seen it.
func endInWait(grid *acctest.Grid) {
	over, looks := grid.LimitsByHand(), 0
	grid.After("grid.server.add", func() {
		providertest.OnceTrue(grid, func() bool { looks++; return looks == 3 }, over)
	})
}

// TestCreateTimeout: our own deadline is a failure, not an interruption.
func TestCreateTimeout(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	endInWait(grid)
	server := grid.Manage(t, "gogrid_server")
	server.Apply(providertest.Web1().With(acctest.Attributes{"timeouts": acctest.Attributes{"create": "25m"}})).WantError(t, "-", `Could not finish creating server "web1"`, "terraform untaint", "exists and is billed", "Last seen")
	if !server.Exists() || !server.Tainted {
		t.Fatalf("exists: %t, tainted: %t; want both", server.Exists(), server.Tainted)
	}
	if asked := grid.LimitsAsked(); len(asked) != 1 || asked[0] != 25*time.Minute {
		t.Errorf("the limits were %v, want that of the timeouts block", asked)
	}

	server.Tainted = false // terraform untaint
	object := goOn(t, grid, server.Object, providertest.Web1(), "state", "id")
	providertest.WantNoOp(t, grid, object, providertest.Web1())
	grid.WantCalls(t, "grid.server.add", 1)
}

// TestCreateTimeoutReplaced: without untaint the next apply deletes the server
// first, which has no id yet to delete it by.
func TestCreateTimeoutReplaced(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	endInWait(grid)
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
		t.Errorf("the new server has %v, want the lowest address again, %v", server.Get("public_ip"), address)
	}
}

// runClock lets the clock of a stopped grid go on by a minute with each list
// of servers or images.
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

// TestDestroyWhilePending waits for the id of a server that is still being
// made, and deletes it then.
func TestDestroyWhilePending(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
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

// TestReplacedWhilePending: nothing says that the one that goes is waited for.
func TestReplacedWhilePending(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	object := interrupt(t, grid, "grid.job.list", "gogrid_server", providertest.Web1())
	s := grid.Session(t)
	plan := s.Plan(object, providertest.Web1().With(acctest.Attributes{"image": "debian_6.0_64_base"}))
	plan.Diagnostics.WantNone(t)
	if plan.Action() != "replace" {
		t.Errorf("the plan is %s, want a replacement", plan.Action())
	}
}

// TestDestroyOfAnImageThatIsNeverSaved: its save fails while the deletion
// waits for it.
func TestDestroyOfAnImageThatIsNeverSaved(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
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

// TestInterruptedTwice goes on again and again, as often as it is stopped.
func TestInterruptedTwice(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	object := interrupt(t, grid, "grid.job.list", "gogrid_server", providertest.Web1())
	s := grid.Session(t)
	plan := s.Plan(object, providertest.Web1())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	grid.After("grid.job.list", cancel)
	object, diagnostics := s.Apply(ctx, plan)
	diagnostics.WantError(t, "-", "web1", "(?i)context canceled")
	if !object.HasPrivate("pending") {
		t.Error("the mark that the creation is pending was lost")
	}
	object = goOn(t, grid, object, providertest.Web1(), "state")
	providertest.WantNoOp(t, grid, object, providertest.Web1())
	grid.WantCalls(t, "grid.server.add", 1)
}

// TestPrivateStateLost: an update that was killed takes the mark with it. The
// server is finished by then, or the next refresh fills in what was open.
func TestPrivateStateLost(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	object := interrupt(t, grid, "grid.job.list", "gogrid_server", providertest.Web1()).WithoutPrivate()
	grid.Advance(time.Hour)
	s := grid.Session(t)
	object, diagnostics := s.Read(object)
	diagnostics.WantNone(t)
	if object.Get("id") != grid.ServerID(t, "web1") || object.Get("cores") != 1.0 {
		t.Errorf("id is %v, cores are %v", object.Get("id"), object.Get("cores"))
	}
	providertest.WantNoOp(t, grid, object, providertest.Web1())
}
