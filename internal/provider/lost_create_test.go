// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// createOrphan creates an object and drops its state, as a killed apply does.
func createOrphan(t *testing.T, grid *acctest.Grid, typeName string, provider, config acctest.Attributes) {
	t.Helper()
	grid.Manage(t, typeName, provider).Apply(config).WantOK(t)
}

// TestFailedJob checks a create that GoGrid accepts and whose job then fails. The
// error says that nothing is billed, and the next apply succeeds.
func TestFailedJob(t *testing.T) {
	t.Parallel()
	for kind, config := range map[string]acctest.Attributes{
		"server":  providertest.Web1(),
		"sandbox": {"name": "web1", "image": "centos6.2_64_base"},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			if err := grid.AddFaults(simulator.Fault{Method: "grid.server.add", Kind: simulator.FaultJob}); err != nil {
				t.Fatal(err)
			}
			server := grid.Manage(t, "gogrid_"+kind)
			server.Apply(config).WantError(t, "-", `Could not create `+kind+` "web1"`, "The platform could not carry out the request", "nothing is billed")
			if server.Exists() {
				t.Error("the state has an object that was never created")
			}
			if holder := grid.Holder(t, "127.20.0.2"); holder != "" {
				t.Errorf("the address is still held by %s", holder)
			}
			server.Apply(config).WantNone(t)
			if got := server.Get("public_ip"); got != "127.20.0.2" {
				t.Errorf("the next object has address %v, want the released 127.20.0.2", got)
			}
		})
	}
}

// TestFailedJobFreesAddressAtOnce checks that another create in the same process
// gets the address of a failed create.
func TestFailedJobFreesAddressAtOnce(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	if err := grid.AddFaults(simulator.Fault{Method: "grid.server.add", Kind: simulator.FaultJob}); err != nil {
		t.Fatal(err)
	}
	s := grid.Session(t)
	_, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_server"), providertest.Web1()))
	diagnostics.WantError(t, "-", "nothing is left of it")
	plan := s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"name": "web2"}))
	web2, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantNone(t)
	if got := web2.Get("public_ip"); got != "127.20.0.2" {
		t.Errorf("the next server has address %v, want 127.20.0.2", got)
	}
}

// TestDoubtfulAdd loses the response to an add call. The create looks for the
// server by its address, and repeats the call only if there is no server.
func TestDoubtfulAdd(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		when simulator.FaultWhen
		adds int
	}{
		"made":     {simulator.FaultAfter, 1},
		"not made": {simulator.FaultBefore, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			if err := grid.AddFaults(simulator.Fault{Method: "grid.server.add", Kind: simulator.FaultReset, When: tc.when}); err != nil {
				t.Fatal(err)
			}
			server := grid.Manage(t, "gogrid_server")
			server.Apply(providertest.Web1()).WantNone(t)
			if server.Get("id") != grid.ServerID(t, "web1") {
				t.Errorf("the id is %v, want %s", server.Get("id"), grid.ServerID(t, "web1"))
			}
			grid.WantCalls(t, "grid.server.add", tc.adds)
			providertest.WantNoOp(t, grid, server.Object, providertest.Web1())
		})
	}
}

// TestAddressTakenInBetween makes another client take the chosen address right
// before the add call.
func TestAddressTakenInBetween(t *testing.T) {
	t.Parallel()
	takeAddress := func(t *testing.T, grid *acctest.Grid) {
		grid.Before("grid.server.add", func() {
			grid.Outside(t, "grid.server.add", "name", "theirs", "image", "centos6.2_64_base", "server.ram", "1GB", "ip", "127.20.0.2")
		})
	}
	t.Run("another is chosen", func(t *testing.T) {
		t.Parallel()
		grid := acctest.NewQuickGrid(t)
		takeAddress(t, grid)
		server := grid.Manage(t, "gogrid_server")
		server.Apply(providertest.Web1()).WantNone(t)
		if got := server.Get("public_ip"); got != "127.20.0.3" {
			t.Errorf("the server has address %v, want the next one, 127.20.0.3", got)
		}
	})
	t.Run("it was asked for", func(t *testing.T) {
		t.Parallel()
		grid := acctest.NewQuickGrid(t)
		takeAddress(t, grid)
		server := grid.Manage(t, "gogrid_server")
		server.Apply(providertest.Web1().With(acctest.Attributes{"public_ip": "127.20.0.2"})).
			WantError(t, "public_ip", "127.20.0.2 is taken", `server "theirs"`, "create_before_destroy")
		if server.Exists() {
			t.Error("the state has a server that was never created")
		}
	})
}

// TestAdoption checks that a create takes over the orphan of a killed apply, which
// the deployment tag identifies.
func TestAdoption(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		typeName string
		config   acctest.Attributes
	}{
		"server":              {"gogrid_server", providertest.Web1()},
		"server by ids":       {"gogrid_server", providertest.Web1().With(acctest.Attributes{"image": "12834", "ram": "4", "datacenter": "1"})},
		"described":           {"gogrid_server", providertest.Web1().With(acctest.Attributes{"description": "the shop"})},
		"with both addresses": {"gogrid_server", providertest.Web1().With(acctest.Attributes{"public_ip": "127.20.0.9", "private_ip": "10.110.0.9"})},
		"sandbox":             {"gogrid_sandbox", acctest.Attributes{"name": "web1", "image": "centos6.2_64_base"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			createOrphan(t, grid, tc.typeName, providertest.Deployment(), tc.config)
			grid.ResetCounters()
			adopter := grid.Manage(t, tc.typeName, providertest.Deployment())
			plan := adopter.Plan(tc.config)
			plan.Diagnostics.WantOK(t)
			plan.Diagnostics.WantWarning(t, "name", "already has", `deployment "shop"`, "takes it over")
			diagnostics := adopter.Apply(tc.config)
			diagnostics.WantOK(t)
			if adopter.Get("id") != grid.ServerID(t, "web1") {
				t.Errorf("the state has id %v, want %s", adopter.Get("id"), grid.ServerID(t, "web1"))
			}
			if grid.Changes() > 0 {
				t.Errorf("the takeover changed the grid: %v", grid.Counters())
			}
			next := adopter.Plan(tc.config)
			next.Diagnostics.WantNone(t)
			if next.Action() != "no-op" {
				t.Errorf("the next plan is %s, want no-op", next.Action())
			}
		})
	}
}

// TestAdoptionOfPending checks that a create takes over an orphan that has no id
// yet.
func TestAdoptionOfPending(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	expireDuringWait(grid)
	s := grid.Session(t, providertest.Deployment())
	plan := s.Plan(s.Absent("gogrid_server"), providertest.Web1())
	s.Apply(t.Context(), plan)
	if grid.Server(t, "web1").ID != 0 {
		t.Fatal("the server already has an id")
	}
	runClock(t, grid)
	adopter := grid.Manage(t, "gogrid_server", providertest.Deployment())
	diagnostics := adopter.Apply(providertest.Web1())
	diagnostics.WantOK(t)
	if adopter.Get("id") != grid.ServerID(t, "web1") {
		t.Errorf("the state has id %v, want %s", adopter.Get("id"), grid.ServerID(t, "web1"))
	}
	grid.WantCalls(t, "grid.server.add", 1)
}

// TestNoAdoption checks that a create takes over no server without the tag of its
// deployment. The create fails instead of adding a second server of that name.
func TestNoAdoption(t *testing.T) {
	t.Parallel()
	for name, provider := range map[string]acctest.Attributes{
		"without a mark":        nil,
		"of another deployment": {"deployment": "blog"},
		"of a longer name":      {"deployment": "shop2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			createOrphan(t, grid, "gogrid_server", provider, providertest.Web1())
			id := grid.ServerID(t, "web1")
			for _, block := range []acctest.Attributes{providertest.Deployment(), nil} {
				server := grid.Manage(t, "gogrid_server", block)
				plan := server.Plan(providertest.Web1())
				// No error: a replacement plans the create while the old server exists.
				plan.Diagnostics.WantOK(t)
				plan.Diagnostics.WantWarning(t, "name", "already has", "terraform import gogrid_server.NAME "+id, "No second one is made")
				server.Apply(providertest.Web1()).WantError(t, "name", "id "+id)
			}
			grid.WantCalls(t, "grid.server.add", 1)
		})
	}
}

// TestNoAdoptionInApply checks that an apply also fails for a server that was
// created after the plan.
func TestNoAdoptionInApply(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t, providertest.Deployment())
	plan := s.Plan(s.Absent("gogrid_server"), providertest.Web1())
	plan.Diagnostics.WantNone(t)
	createOrphan(t, grid, "gogrid_server", nil, providertest.Web1())
	s = grid.Session(t, providertest.Deployment())
	object, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantError(t, "name", "id "+grid.ServerID(t, "web1"), "terraform import")
	if object.Exists() {
		t.Error("the state has a server without the deployment tag")
	}
	grid.WantCalls(t, "grid.server.add", 1)
}

// TestAdoptionOfDifferent changes the configuration after an apply was killed.
// The create edits the orphan if GoGrid can edit the changed attribute, and
// otherwise replaces the orphan. There are never two servers with the same
// name.
func TestAdoptionOfDifferent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change acctest.Attributes
		adds   int
		notice string
	}{
		"ram":                 {acctest.Attributes{"ram": "2GB"}, 1, "Took over"},
		"type":                {acctest.Attributes{"type": "Database Server"}, 1, "Took over"},
		"description":         {acctest.Attributes{"description": "new"}, 1, "Took over"},
		"image":               {acctest.Attributes{"image": "debian_6.0_64_base"}, 2, "Deleted"},
		"datacenter":          {acctest.Attributes{"datacenter": "US-East-1"}, 2, "Deleted"},
		"public_ip":           {acctest.Attributes{"public_ip": "127.20.0.9"}, 2, "Deleted"},
		"private_ip":          {acctest.Attributes{"private_ip": "10.110.0.9"}, 2, "Deleted"},
		"image, same address": {acctest.Attributes{"image": "debian_6.0_64_base", "public_ip": "127.20.0.2"}, 2, "Deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			createOrphan(t, grid, "gogrid_server", providertest.Deployment(), providertest.Web1())
			server := grid.Manage(t, "gogrid_server", providertest.Deployment())
			config := providertest.Web1().With(tc.change)
			diagnostics := server.Apply(config)
			diagnostics.WantOK(t)
			if text := diagnostics.String(); !strings.Contains(text, tc.notice) {
				t.Errorf("the diagnostics do not contain %q:\n%s", tc.notice, text)
			}
			grid.WantCalls(t, "grid.server.add", tc.adds)
			if servers := grid.Inspect().Servers; len(servers) != 1 || server.Get("id") != grid.ServerID(t, "web1") {
				t.Errorf("the grid has %+v, and the state has id %v, want one server with that id", servers, server.Get("id"))
			}
			providertest.WantNoOp(t, grid, server.Object, config)
		})
	}
	t.Run("another name", func(t *testing.T) {
		t.Parallel()
		grid := acctest.NewQuickGrid(t)
		createOrphan(t, grid, "gogrid_server", providertest.Deployment(), providertest.Web1())
		grid.Manage(t, "gogrid_server", providertest.Deployment()).Apply(providertest.Web1().With(acctest.Attributes{"name": "web2"})).WantNone(t)
		grid.WantCalls(t, "grid.server.add", 2)
	})
}

// TestAdoptedIsNotDeleted replaces a server with create_before_destroy and an
// unchanged configuration, as -replace does. The create takes over the old server,
// so the delete that follows must keep it.
func TestAdoptedIsNotDeleted(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	old := grid.Manage(t, "gogrid_server", providertest.Deployment())
	old.Apply(providertest.Web1()).WantNone(t)
	s := grid.Session(t, providertest.Deployment())
	replacement, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_server"), providertest.Web1()))
	diagnostics.WantOK(t)
	if replacement.Get("id") != old.Get("id") {
		t.Fatalf("the replacement has id %v, want the old server", replacement.Get("id"))
	}
	_, diagnostics = s.Apply(t.Context(), s.Plan(old.Object, nil))
	diagnostics.WantWarning(t, "-", "Did not delete", "without create_before_destroy")
	diagnostics.WantOK(t)
	if len(grid.Inspect().Servers) != 1 {
		t.Error("the delete removed the adopted server")
	}

	later := grid.Session(t, providertest.Deployment())
	_, diagnostics = later.Apply(t.Context(), later.Plan(replacement, nil))
	diagnostics.WantNone(t)
	if len(grid.Inspect().Servers) != 0 {
		t.Error("a later destroy did not delete the server")
	}
}

// TestImageAdoption checks that a create takes over an image that an interrupted
// apply saved from the same sandbox. Other rebuild_triggers prevent the takeover.
func TestImageAdoption(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
	config := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden"), "rebuild_triggers": acctest.Attributes{"app": "1"}}
	createOrphan(t, grid, "gogrid_mygsi_image", providertest.Deployment(), config)
	grid.ResetCounters()

	adopter := grid.Manage(t, "gogrid_mygsi_image", providertest.Deployment())
	diagnostics := adopter.Apply(config)
	diagnostics.WantOK(t)
	diagnostics.WantWarning(t, "-", "Took over image", "No second image was saved")
	grid.WantCalls(t, "grid.image.save", 0)
	plan := adopter.Plan(config)
	plan.Diagnostics.WantNone(t)
	if plan.Action() != "no-op" {
		t.Errorf("the next plan is %s, want no-op", plan.Action())
	}

	rebuilt := grid.Manage(t, "gogrid_mygsi_image", providertest.Deployment())
	rebuilt.Apply(config.With(acctest.Attributes{"rebuild_triggers": acctest.Attributes{"app": "2"}})).WantNone(t)
	grid.WantCalls(t, "grid.image.save", 1)
	if rebuilt.Get("id") == adopter.Get("id") {
		t.Error("the create took over the image of another build")
	}
}

// TestUnmarkedImageBeingSaved checks that a create does not save a second image
// while GoGrid is saving an image of the same name without a tag.
func TestUnmarkedImageBeingSaved(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
	grid.Outside(t, "grid.image.save", "server", grid.ServerID(t, "golden"), "friendlyName", "golden 1")
	image := grid.Manage(t, "gogrid_mygsi_image", providertest.Deployment())
	image.Apply(acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")}).
		WantError(t, "friendly_name", "is saving image", "terraform import gogrid_mygsi_image.NAME", "No second one")
	grid.Advance(time.Hour)
	if images := grid.Images(); len(images) != 1 {
		t.Errorf("the account has %+v, want one image", images)
	}
}

// TestBusyServer sends a command to a busy server. GoGrid accepts the command, and
// its job fails. The provider repeats the command when the server is idle.
func TestBusyServer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change acctest.Attributes
		method string
	}{
		"edit":    {acctest.Attributes{"ram": "2GB"}, "grid.server.edit"},
		"restart": {acctest.Attributes{"restart_triggers": acctest.Attributes{"release": "2"}}, "grid.server.power"},
		"off":     {acctest.Attributes{"power_state": "off"}, "grid.server.power"},
		"destroy": {nil, "grid.server.delete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.Timings.ServerEdit = 2 * time.Hour })
			server, config := createWeb1(t, grid)
			id := grid.ServerID(t, "web1")
			grid.Before(tc.method, func() {
				grid.Outside(t, "grid.server.edit", "id", id, "description", "from outside")
			})
			if tc.change == nil {
				server.Destroy().WantNone(t)
			} else {
				config = config.With(tc.change).With(acctest.Attributes{"description": "from outside"})
				server.Apply(config).WantOK(t)
				if plan := server.Plan(config); plan.Action() != "no-op" {
					t.Errorf("the next plan is %s, want no-op", plan.Action())
				}
			}
			failedJobs := 0
			for _, job := range grid.Inspect().Jobs {
				if job.State == "Fatal" || job.State == "Failed" {
					failedJobs++
				}
			}
			if failedJobs == 0 {
				t.Error("no job failed, so the server was not busy")
			}
		})
	}
}

// TestAddressAdoption loses the whole state of an apply. A claim whose label is
// the name of the orphan server must then take over the server's address.
func TestAddressAdoption(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "theirs", "image", "centos6.2_64_base", "server.ram", "1GB", "ip", "127.20.0.9", "privateip", "10.110.0.2")
	config := providertest.Web1().With(acctest.Attributes{"private_ip": "10.110.0.7"})
	createOrphan(t, grid, "gogrid_server", providertest.Deployment(), config)
	grid.ResetCounters()

	s := grid.Session(t, providertest.Deployment())
	address, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"label": "web1"}))
	diagnostics.WantOK(t)
	diagnostics.WantWarning(t, "-", "Took over address 10.110.0.7", `Server "web1" of this configuration has the address`)
	if got := address.Get("address"); got != "10.110.0.7" {
		t.Fatalf("the address is %v, want 10.110.0.7, the address of the orphan server", got)
	}
	server, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_server"), config))
	diagnostics.WantOK(t)
	if server.Get("id") != grid.ServerID(t, "web1") {
		t.Errorf("the state has server %v, want the orphan", server.Get("id"))
	}
	for _, label := range []string{"web1", "theirs", "web2"} {
		other, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"label": label}))
		diagnostics.WantNone(t)
		if got := other.Get("address"); got == "10.110.0.7" || got == "10.110.0.2" {
			t.Errorf("another claim with the label %q has %v, which belongs to a server", label, got)
		}
	}
	grid.WantCalls(t, "grid.server.add", 0)
}

// TestLateAdd lets the add call of a killed apply take effect right before the add
// call of this apply, with the same address. The create takes over that server.
func TestLateAdd(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t, providertest.Deployment())
	plan := s.Plan(s.Absent("gogrid_server"), providertest.Web1())
	grid.Before("grid.server.add", func() {
		grid.Outside(t, "grid.server.add", "name", "web1", "image", "centos6.2_64_base", "server.ram", "1GB", "ip", "127.20.0.2", "description", "[deployment/shop]")
	})
	server, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantOK(t)
	diagnostics.WantWarning(t, "-", "Took over server", "Nothing was created again")
	if servers := grid.Inspect().Servers; len(servers) != 1 || server.Get("id") != grid.ServerID(t, "web1") {
		t.Errorf("the grid has %d servers, and the state has id %v, want one server with that id", len(servers), server.Get("id"))
	}
}
