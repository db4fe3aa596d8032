// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

const (
	// longDeletion is the duration of a deletion on the grid that deletionGrid
	// returns. Tests do not wait that long; they advance the clock.
	longDeletion = 100 * time.Hour
	// untilOff is the time from the start of a deletion until the server shows
	// Off, with a margin. The server is gone untilGone after that.
	untilOff  = 50 * time.Hour
	untilGone = 60 * time.Hour
)

// deletionGrid returns a grid whose deletions outlast any test that does not
// advance the clock.
func deletionGrid(t *testing.T) *acctest.Grid {
	t.Helper()
	return acctest.NewGrid(t, func(o *simulator.Options) {
		o.Speed, o.Jitter = 100, -1
		o.Timings = simulator.Timings{
			ServerDelete: longDeletion, ServerCreate: 5 * time.Second, SandboxCreate: 5 * time.Second,
			ServerPower: 5 * time.Second, ServerEdit: 5 * time.Second, ImageSave: 5 * time.Second, JobRefused: time.Second,
		}
	})
}

// beginDeletion deletes a server outside Terraform and advances the clock until
// the server shows Off.
func beginDeletion(t *testing.T, grid *acctest.Grid, name string) {
	t.Helper()
	grid.Outside(t, "grid.server.delete", "id", grid.ServerID(t, name))
	grid.Advance(untilOff)
	if state := grid.Server(t, name).State; state != "Off" {
		t.Fatalf("server %s shows %s during its deletion, want Off", name, state)
	}
}

// afterCalls runs do after the grid has answered the next n calls of a method.
func afterCalls(grid *acctest.Grid, method string, n int, do func()) {
	grid.After(method, func() {
		if n > 1 {
			afterCalls(grid, method, n-1, do)
			return
		}
		do()
	})
}

// sandboxConfig configures a sandbox with the name of providertest.Web1.
func sandboxConfig() acctest.Attributes {
	return acctest.Attributes{"name": "web1", "image": "centos6.2_64_base"}
}

// A refresh of a server that is being deleted keeps the state, and the plan
// does not switch the server on. Once the server is gone, the plan creates it
// again.
func TestDeletionIsNoStop(t *testing.T) {
	t.Parallel()
	for kind, config := range map[string]acctest.Attributes{"gogrid_server": providertest.Web1(), "gogrid_sandbox": sandboxConfig()} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			grid := deletionGrid(t)
			server := grid.Manage(t, kind)
			server.Apply(config).WantNone(t)
			beginDeletion(t, grid, "web1")
			for range 2 {
				diagnostics := server.Apply(config)
				diagnostics.WantWarning(t, "-", `(?s)"web1" .* is being deleted.*Job \d+ \(DeleteVirtualServer\) is Processing`)
				diagnostics.WantOK(t)
				if server.Get("state") != "On" {
					t.Errorf("the state records %v, want On as before the deletion", server.Get("state"))
				}
				if plan := server.Plan(config); plan.Action() != "no-op" {
					t.Errorf("the plan is %s, want no-op", plan.Action())
				}
			}
			grid.Advance(untilGone)
			if plan := server.Plan(config); plan.Action() != "create" {
				t.Errorf("the plan is %s once the server is gone, want create", plan.Action())
			}
			server.Apply(config).WantNone(t)
			grid.WantCalls(t, "grid.server.power", 0)
		})
	}
}

// After a failed deletion the server is On and the plan is empty.
func TestFailedDeletionLeavesTheServer(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	server := grid.Manage(t, "gogrid_server")
	server.Apply(providertest.Web1()).WantNone(t)
	if err := grid.AddFaults(simulator.Fault{Method: "grid.server.delete", Kind: simulator.FaultJob}); err != nil {
		t.Fatal(err)
	}
	grid.Outside(t, "grid.server.delete", "id", grid.ServerID(t, "web1"))
	grid.Advance(2 * longDeletion)
	providertest.WantNoOp(t, grid, server.Object, providertest.Web1())
	// A server that is stopped after a failed deletion does not count as being
	// deleted.
	grid.Outside(t, "grid.server.power", "id", grid.ServerID(t, "web1"), "power", "off")
	grid.Advance(time.Hour)
	if plan := server.Plan(providertest.Web1()); plan.Action() != "update" || plan.Planned("power_state") != "on" {
		t.Errorf("the plan is %s with power_state %v, want an update to on", plan.Action(), plan.Planned("power_state"))
	}
}

// A refresh lists the jobs once for all servers that show Off, and not at all
// if all servers are On. The plan switches a stopped server on even while other
// servers are being deleted.
func TestDeletionCostsOneListOfJobs(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	var servers []*acctest.Managed
	configOf := func(i int) acctest.Attributes {
		return providertest.Web1().With(acctest.Attributes{"name": fmt.Sprint("web", i)})
	}
	for i := range 4 {
		server := grid.Manage(t, "gogrid_server")
		server.Apply(configOf(i)).WantNone(t)
		servers = append(servers, server)
	}
	refresh := func() (actions []string, lists int) {
		t.Helper()
		s := grid.Session(t)
		grid.ResetCounters() // a new session lists jobs once to find out the role of its key
		for i, server := range servers {
			object, diagnostics := s.Read(server.Object)
			diagnostics.WantOK(t)
			actions = append(actions, s.Plan(object, configOf(i)).Action())
		}
		return actions, grid.Counters()["grid.job.list"]
	}
	if actions, lists := refresh(); lists != 0 || fmt.Sprint(actions) != "[no-op no-op no-op no-op]" {
		t.Errorf("the plans of healthy servers are %v with %d lists of jobs, want only no-op and no list", actions, lists)
	}
	grid.Outside(t, "grid.server.power", "server", "web3", "power", "off")
	grid.Outside(t, "grid.server.delete", "server", "web1")
	grid.Outside(t, "grid.server.delete", "server", "web2")
	grid.Advance(untilOff)
	if actions, lists := refresh(); lists != 1 || fmt.Sprint(actions) != "[no-op no-op no-op update]" {
		t.Errorf("the plans are %v with %d lists of jobs, want an update of the last server and one list", actions, lists)
	}
}

// A refresh does not list jobs for a server that the state already records as
// off.
func TestServerThatIsOffNeedsNoJobs(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	config := providertest.Web1().With(acctest.Attributes{"power_state": "off"})
	server := grid.Manage(t, "gogrid_server")
	server.Apply(config).WantNone(t)
	s := grid.Session(t)
	grid.ResetCounters()
	object, diagnostics := s.Read(server.Object)
	diagnostics.WantNone(t)
	if plan := s.Plan(object, config); plan.Action() != "no-op" {
		t.Errorf("the plan is %s, want no-op", plan.Action())
	}
	grid.WantCalls(t, "grid.job.list", 0)
}

// If the provider cannot list jobs, it does not know whether a server that
// shows Off is being deleted, so it keeps the state.
func TestRefreshWithoutJobsKeepsTheState(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	server := grid.Manage(t, "gogrid_server", acctest.Attributes{"max_retries": 0})
	server.Apply(providertest.Web1()).WantNone(t)
	beginDeletion(t, grid, "web1")
	grid.Spoil(t, simulator.Fault{Method: "grid.job.list", Kind: simulator.FaultStatus, Times: -1})
	plan := server.Plan(providertest.Web1())
	plan.Diagnostics.WantWarning(t, "-", "Not refreshed", "whether it is being deleted")
	if plan.Action() != "no-op" {
		t.Errorf("the plan is %s, want no-op", plan.Action())
	}
}

// With a key that may not list jobs, a refresh records the power state that the
// server shows.
func TestRefreshWithReadingKey(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	server := grid.Manage(t, "gogrid_server")
	server.Apply(providertest.Web1()).WantNone(t)
	beginDeletion(t, grid, "web1")
	s := grid.As(acctest.ReadOnlyKey()).Session(t)
	object, diagnostics := s.Read(server.Object)
	diagnostics.WantNone(t)
	if object.Get("power_state") != "off" {
		t.Errorf("power_state is %v, want off", object.Get("power_state"))
	}
}

// An update of a server that is being deleted waits for the end of the
// deletion. It sends no command that GoGrid would reject during the deletion.
func TestUpdateAwaitsADeletion(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]acctest.Attributes{
		"description": {"description": "new"}, "ram": {"ram": "2GB"}, "switched on": {"power_state": "on"},
		"restart": {"restart_triggers": acctest.Attributes{"a": "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := deletionGrid(t)
			config := providertest.Web1().With(acctest.Attributes{"restart_triggers": acctest.Attributes{"a": "1"}})
			if name == "switched on" {
				config = config.With(acctest.Attributes{"power_state": "off"})
			}
			server := grid.Manage(t, "gogrid_server")
			server.Apply(config).WantNone(t)
			edits, powers := grid.Counters()["grid.server.edit"], grid.Counters()["grid.server.power"]
			beginDeletion(t, grid, "web1")
			grid.Before("grid.server.list", func() {
				afterCalls(grid, "grid.server.list", 3, func() { grid.Advance(untilGone) })
			})
			diagnostics := server.Apply(config.With(change))
			diagnostics.WantError(t, "-", "is no longer on the grid; plan again")
			grid.WantCalls(t, "grid.server.edit", edits)
			grid.WantCalls(t, "grid.server.power", powers)
			server.Apply(config.With(change)).WantOK(t)
			if state := grid.Server(t, "web1").State; state != "On" {
				t.Errorf("the new server is %s, want On", state)
			}
		})
	}
}

// A destroy of a server that GoGrid is already deleting waits until the server
// is gone.
func TestDestroyDuringADeletion(t *testing.T) {
	t.Parallel()
	for kind, config := range map[string]acctest.Attributes{"gogrid_server": providertest.Web1(), "gogrid_sandbox": sandboxConfig()} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			grid := deletionGrid(t)
			server := grid.Manage(t, kind)
			server.Apply(config).WantNone(t)
			beginDeletion(t, grid, "web1")
			grid.After("grid.server.delete", func() {
				afterCalls(grid, "grid.job.list", 5, func() { grid.Advance(untilGone) })
			})
			server.Destroy().WantOK(t)
			if server.Exists() || len(grid.Inspect().Servers) != 0 {
				t.Errorf("in the state: %t, on the grid: %d servers", server.Exists(), len(grid.Inspect().Servers))
			}
		})
	}
}

// If GoGrid is deleting a server of the same name that an interrupted apply
// left, a create waits for that deletion and does not adopt the server.
func TestCreationAwaitsADeletion(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		provider, change acctest.Attributes
		description      string
	}{
		"with the tag":                    {providertest.Deployment(), nil, "[deployment/shop]"},
		"with the tag, another size":      {providertest.Deployment(), acctest.Attributes{"ram": "2GB"}, "[deployment/shop]"},
		"with the tag, another image":     {providertest.Deployment(), acctest.Attributes{"image": "centos5.8_64_base"}, "[deployment/shop]"},
		"without a tag":                   {nil, nil, ""},
		"with the tag, the same address":  {providertest.Deployment(), acctest.Attributes{"public_ip": "127.20.0.5"}, "[deployment/shop]"},
		"without a tag, the same address": {nil, acctest.Attributes{"public_ip": "127.20.0.5"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := deletionGrid(t)
			grid.Outside(t, "grid.server.add", "name", "web1", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.5", "description", tc.description)
			grid.Advance(time.Minute)
			old := grid.ServerID(t, "web1")
			beginDeletion(t, grid, "web1")
			server := grid.Manage(t, "gogrid_server", tc.provider)
			config := providertest.Web1().With(tc.change)
			warnings := server.Plan(config).Diagnostics
			warnings.WantOK(t)
			if len(warnings.Warnings()) == 0 || warnings[0].Summary != fmt.Sprintf("GoGrid is deleting server %q (id %s) at 127.20.0.5", "web1", old) {
				t.Errorf("the plan does not announce the wait:\n%s", warnings)
			}
			grid.Before("grid.server.list", func() {
				afterCalls(grid, "grid.job.list", 4, func() { grid.Advance(untilGone) })
			})
			server.Apply(config).WantOK(t)
			if id := grid.ServerID(t, "web1"); server.Get("id") != id || id == old {
				t.Errorf("the state records id %v, the grid has %s, and the deleted server had %s", server.Get("id"), id, old)
			}
			providertest.WantNoOp(t, grid, server.Object, config.With(nil))
		})
	}
}

// A create does not wait for the deletion of a server that has the same name
// but another owner.
func TestCreationIgnoresADeletionOfOthers(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	grid.Outside(t, "grid.server.add", "name", "web1", "image", "12834", "server.ram", "4GB", "ip", "127.20.0.5")
	grid.Advance(time.Minute)
	beginDeletion(t, grid, "web1")
	grid.Manage(t, "gogrid_server").Apply(providertest.Web1()).WantNone(t)
}

// A wait for Off must not succeed if the server shows Off only because GoGrid
// began to delete it during the wait.
func TestWaitSeesADeletion(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change acctest.Attributes
		method string
	}{
		"stop":    {acctest.Attributes{"power_state": "off"}, "grid.server.power"},
		"edit":    {acctest.Attributes{"description": "new"}, "grid.server.edit"},
		"restart": {acctest.Attributes{"restart_triggers": acctest.Attributes{"a": "2"}}, "grid.server.power"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := deletionGrid(t)
			config := providertest.Web1().With(acctest.Attributes{"restart_triggers": acctest.Attributes{"a": "1"}})
			server := grid.Manage(t, "gogrid_server")
			server.Apply(config).WantNone(t)
			grid.Before(tc.method, func() {
				beginDeletion(t, grid, "web1")
				afterCalls(grid, "grid.job.list", 12, func() { grid.Advance(untilGone) })
			})
			server.Apply(config.With(tc.change)).WantError(t, "-", "is not on the grid")
			server.Apply(config.With(tc.change)).WantOK(t)
		})
	}
}

// A server that is being deleted cannot be imported.
func TestImportDuringADeletion(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	grid.Manage(t, "gogrid_server").Apply(providertest.Web1()).WantNone(t)
	id, address := grid.ServerID(t, "web1"), grid.Server(t, "web1").PublicIP
	beginDeletion(t, grid, "web1")
	_, diagnostics := grid.Session(t).Import("gogrid_server", id)
	diagnostics.WantError(t, "-", "Cannot import server", "GoGrid is deleting the server")
	_, diagnostics = grid.Session(t).ImportByIdentity("gogrid_server", acctest.Attributes{"public_ip": address})
	diagnostics.WantError(t, "-", "Cannot import server", "GoGrid is deleting the server")
}

// A sandbox deleted while a person prepares it shows Off, but the person did
// not switch it off: no image is saved from it.
func TestDeletedSandboxIsNotPrepared(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	on := 0
	providertest.OnceTrue(grid, func() bool {
		if providertest.BuildSandboxState(grid) == "On" {
			on++
		}
		return on == 3
	}, func() {
		beginDeletion(t, grid, providertest.BuildSandbox(grid))
		afterCalls(grid, "grid.job.list", 2, func() { grid.Advance(untilGone) })
	})
	grid.Manage(t, providertest.ImageType).Apply(providertest.PreparedImage(acctest.Attributes{"mode": "manual"})).WantError(t, "prepare.mode", "was deleted")
	grid.WantCalls(t, "grid.image.save", 0)
	providertest.WantLeft(t, grid, 0, 0)
}

// No image is saved from a sandbox that is being deleted.
func TestImageOfASandboxInDeletion(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	sandbox := grid.Manage(t, "gogrid_sandbox")
	sandbox.Apply(sandboxConfig()).WantNone(t)
	beginDeletion(t, grid, "web1")
	image := grid.Manage(t, providertest.ImageType)
	grid.Before("grid.image.list", func() {
		afterCalls(grid, "grid.job.list", 2, func() { grid.Advance(untilGone) })
	})
	image.Apply(acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": sandbox.Get("id")}).WantError(t, "sandbox_id", "sandbox")
	grid.WantCalls(t, "grid.image.save", 0)
}

// If a create takes over a server that still shows On although its deletion has
// begun, the create fails and leaves nothing in the state. The next apply
// creates the server.
func TestTakeoverOfAServerInDeletion(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	grid.Outside(t, "grid.server.add", "name", "web1", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.5", "description", "[deployment/shop]")
	grid.Advance(time.Minute)
	grid.Outside(t, "grid.server.delete", "server", "web1")
	grid.Advance(time.Minute)
	server := grid.Manage(t, "gogrid_server", providertest.Deployment())
	grid.Before("grid.server.list", func() {
		afterCalls(grid, "grid.job.list", 3, func() { grid.Advance(untilOff) })
		afterCalls(grid, "grid.job.list", 6, func() { grid.Advance(untilGone) })
	})
	server.Apply(providertest.Web1()).WantError(t, "-", "is not on the grid")
	if server.Exists() {
		t.Error("the state records a server that was deleted")
	}
	server.Apply(providertest.Web1()).WantOK(t)
	providertest.WantNoOp(t, grid, server.Object, providertest.Web1())
	grid.WantCalls(t, "grid.server.power", 0)
}

// A build does not continue in a sandbox that is being deleted.
func TestBuildAwaitsADeletion(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	image := grid.Manage(t, providertest.ImageType, providertest.Deployment())
	providertest.OnceTrue(grid, func() bool { return providertest.BuildSandboxState(grid) == "On" }, func() {
		beginDeletion(t, grid, providertest.BuildSandbox(grid))
		afterCalls(grid, "grid.job.list", 8, func() { grid.Advance(untilGone) })
	})
	if diagnostics := image.Apply(providertest.BuiltImage()); len(diagnostics.Errors()) == 0 {
		t.Error("the build succeeds although its sandbox was deleted")
	}
	grid.WantCalls(t, "grid.image.save", 0)
	grid.After("grid.server.delete", func() { grid.Advance(2 * longDeletion) }) // deletes the next sandbox
	image.Apply(providertest.BuiltImage()).WantOK(t)
	providertest.WantLeft(t, grid, 0, 1)
}

// The list of leftovers marks a server that is being deleted.
func TestLeftoversNameADeletion(t *testing.T) {
	t.Parallel()
	grid := deletionGrid(t)
	grid.Manage(t, "gogrid_server", providertest.Deployment()).Apply(providertest.Web1()).WantNone(t)
	beginDeletion(t, grid, "web1")
	nothing := providertest.Tuple(tftypes.NewValue(tftypes.String, "1"))
	found, diagnostics := grid.Session(t).ReadData("gogrid_leftovers", acctest.Attributes{"accounted_for": nothing, "deployment": "shop"})
	diagnostics.WantNone(t)
	what, commands := providertest.Strings(found["objects"], "what"), fmt.Sprint(found["objects"])
	if len(what) != 1 || what[0] != "a server that GoGrid is deleting" || strings.Contains(commands, "terraform import") {
		t.Errorf("the leftovers are %q, want one server that GoGrid is deleting, without an import command: %s", what, commands)
	}
}
