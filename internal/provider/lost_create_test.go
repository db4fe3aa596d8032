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

// forget makes an object and loses it, as a killed engine does.
func forget(t *testing.T, grid *acctest.Grid, typeName string, provider, config acctest.Attributes) {
	t.Helper()
	grid.Manage(t, typeName, provider).Apply(config).WantOK(t)
}

// TestFailedJob: GoGrid accepts a server and cannot make it.
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
				t.Error("the state has an object that is not there")
			}
			if holder := grid.Holder(t, "127.20.0.2"); holder != "" {
				t.Errorf("the address is held by %s", holder)
			}
			server.Apply(config).WantNone(t)
			if got := server.Get("public_ip"); got != "127.20.0.2" {
				t.Errorf("the next one has %v, want the address that became free", got)
			}
		})
	}
}

// TestFailedJobFreesAddressAtOnce: in the same process the address can be had
// again.
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
		t.Errorf("the next server has %v, want 127.20.0.2", got)
	}
}

// TestDoubtfulAdd finds a server whose answer was lost by its address, and
// sends the call again only when there is none.
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
				t.Errorf("the id is %v", server.Get("id"))
			}
			grid.WantCalls(t, "grid.server.add", tc.adds)
			providertest.WantNoOp(t, grid, server.Object, providertest.Web1())
		})
	}
}

// TestAddressTakenInBetween: somebody else takes the chosen address between
// the look and the add.
func TestAddressTakenInBetween(t *testing.T) {
	t.Parallel()
	rob := func(t *testing.T, grid *acctest.Grid) {
		grid.Before("grid.server.add", func() {
			grid.Outside(t, "grid.server.add", "name", "theirs", "image", "centos6.2_64_base", "server.ram", "1GB", "ip", "127.20.0.2")
		})
	}
	t.Run("another is chosen", func(t *testing.T) {
		t.Parallel()
		grid := acctest.NewQuickGrid(t)
		rob(t, grid)
		server := grid.Manage(t, "gogrid_server")
		server.Apply(providertest.Web1()).WantNone(t)
		if got := server.Get("public_ip"); got != "127.20.0.3" {
			t.Errorf("the server has %v, want the next address", got)
		}
	})
	t.Run("it was asked for", func(t *testing.T) {
		t.Parallel()
		grid := acctest.NewQuickGrid(t)
		rob(t, grid)
		server := grid.Manage(t, "gogrid_server")
		server.Apply(providertest.Web1().With(acctest.Attributes{"public_ip": "127.20.0.2"})).
			WantError(t, "public_ip", "127.20.0.2 is taken", `server "theirs"`, "create_before_destroy")
		if server.Exists() {
			t.Error("the state has a server that was never made")
		}
	})
}

// TestAdoption: an apply was killed after the add. What it left is taken over
// by its mark, finished or not.
func TestAdoption(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		typeName string
		config   acctest.Attributes
	}{
		"server":              {"gogrid_server", providertest.Web1()},
		"server by ids":       {"gogrid_server", providertest.Web1().With(acctest.Attributes{"image": "12834", "ram": "2", "datacenter": "1"})},
		"described":           {"gogrid_server", providertest.Web1().With(acctest.Attributes{"description": "the shop"})},
		"with both addresses": {"gogrid_server", providertest.Web1().With(acctest.Attributes{"public_ip": "127.20.0.9", "private_ip": "10.110.0.9"})},
		"sandbox":             {"gogrid_sandbox", acctest.Attributes{"name": "web1", "image": "centos6.2_64_base"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			forget(t, grid, tc.typeName, providertest.Deployment(), tc.config)
			grid.ResetCounters()
			found := grid.Manage(t, tc.typeName, providertest.Deployment())
			plan := found.Plan(tc.config)
			plan.Diagnostics.WantOK(t)
			plan.Diagnostics.WantWarning(t, "name", "already has", `deployment "shop"`, "takes it over")
			diagnostics := found.Apply(tc.config)
			diagnostics.WantOK(t)
			if found.Get("id") != grid.ServerID(t, "web1") {
				t.Errorf("the state has id %v", found.Get("id"))
			}
			if grid.Changes() > 0 {
				t.Errorf("taking over changed the grid: %v", grid.Counters())
			}
			again := found.Plan(tc.config)
			again.Diagnostics.WantNone(t)
			if again.Action() != "no-op" {
				t.Errorf("the next plan is %s", again.Action())
			}
		})
	}
}

// TestAdoptionOfPending takes over a server that has no id yet.
func TestAdoptionOfPending(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	endInWait(grid)
	s := grid.Session(t, providertest.Deployment())
	plan := s.Plan(s.Absent("gogrid_server"), providertest.Web1())
	s.Apply(t.Context(), plan)
	if grid.Server(t, "web1").ID != 0 {
		t.Fatal("the server has an id already")
	}
	runClock(t, grid)
	found := grid.Manage(t, "gogrid_server", providertest.Deployment())
	diagnostics := found.Apply(providertest.Web1())
	diagnostics.WantOK(t)
	if found.Get("id") != grid.ServerID(t, "web1") {
		t.Errorf("the state has id %v", found.Get("id"))
	}
	grid.WantCalls(t, "grid.server.add", 1)
}

// TestNoAdoption: what is not surely ours is left alone, and there is never a
// second one in silence.
func TestNoAdoption(t *testing.T) {
	t.Parallel()
	for name, provider := range map[string]acctest.Attributes{
		"without a mark":             nil,
		"of another deployment":      {"deployment": "blog"},
		"of a name that begins like": {"deployment": "shop2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			forget(t, grid, "gogrid_server", provider, providertest.Web1())
			id := grid.ServerID(t, "web1")
			for _, block := range []acctest.Attributes{providertest.Deployment(), nil} {
				found := grid.Manage(t, "gogrid_server", block)
				plan := found.Plan(providertest.Web1())
				plan.Diagnostics.WantOK(t) // it might be the apply of a replacement
				plan.Diagnostics.WantWarning(t, "name", "already has", "terraform import gogrid_server.NAME "+id, "No second one is made")
				found.Apply(providertest.Web1()).WantError(t, "name", "id "+id)
			}
			grid.WantCalls(t, "grid.server.add", 1)
		})
	}
}

// TestNoAdoptionInApply: the same at the apply, for what came after the plan.
func TestNoAdoptionInApply(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t, providertest.Deployment())
	plan := s.Plan(s.Absent("gogrid_server"), providertest.Web1())
	plan.Diagnostics.WantNone(t)
	forget(t, grid, "gogrid_server", nil, providertest.Web1())
	s = grid.Session(t, providertest.Deployment())
	object, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantError(t, "name", "id "+grid.ServerID(t, "web1"), "terraform import")
	if object.Exists() {
		t.Error("the state has a server that is not ours")
	}
	grid.WantCalls(t, "grid.server.add", 1)
}

// TestAdoptionOfDifferent: an apply was killed, and the configuration is
// changed before the next one. The create edits the leftover of the same name
// where GoGrid allows an edit, and replaces it otherwise; there is never a
// twin.
func TestAdoptionOfDifferent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change acctest.Attributes
		adds   int
		says   string
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
			forget(t, grid, "gogrid_server", providertest.Deployment(), providertest.Web1())
			server := grid.Manage(t, "gogrid_server", providertest.Deployment())
			config := providertest.Web1().With(tc.change)
			diagnostics := server.Apply(config)
			diagnostics.WantOK(t)
			if text := diagnostics.String(); !strings.Contains(text, tc.says) {
				t.Errorf("it does not say %q:\n%s", tc.says, text)
			}
			grid.WantCalls(t, "grid.server.add", tc.adds)
			if servers := grid.Inspect().Servers; len(servers) != 1 || server.Get("id") != grid.ServerID(t, "web1") {
				t.Errorf("the grid has %+v, and the state %v", servers, server.Get("id"))
			}
			providertest.WantNoOp(t, grid, server.Object, config)
		})
	}
	t.Run("another name", func(t *testing.T) {
		t.Parallel()
		grid := acctest.NewQuickGrid(t)
		forget(t, grid, "gogrid_server", providertest.Deployment(), providertest.Web1())
		grid.Manage(t, "gogrid_server", providertest.Deployment()).Apply(providertest.Web1().With(acctest.Attributes{"name": "web2"})).WantNone(t)
		grid.WantCalls(t, "grid.server.add", 2)
	})
}

// TestAdoptedIsNotDeleted: with create_before_destroy and an unchanged
// configuration (-replace) the creation finds the very object that is to be
// replaced. Deleting it next would leave nothing.
func TestAdoptedIsNotDeleted(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	old := grid.Manage(t, "gogrid_server", providertest.Deployment())
	old.Apply(providertest.Web1()).WantNone(t)
	s := grid.Session(t, providertest.Deployment())
	replacement, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_server"), providertest.Web1()))
	diagnostics.WantOK(t)
	if replacement.Get("id") != old.Get("id") {
		t.Fatalf("the replacement is %v, not the old server", replacement.Get("id"))
	}
	_, diagnostics = s.Apply(t.Context(), s.Plan(old.Object, nil))
	diagnostics.WantWarning(t, "-", "Did not delete", "without create_before_destroy")
	diagnostics.WantOK(t)
	if len(grid.Inspect().Servers) != 1 {
		t.Error("the server is gone")
	}

	later := grid.Session(t, providertest.Deployment())
	_, diagnostics = later.Apply(t.Context(), later.Plan(replacement, nil))
	diagnostics.WantNone(t)
	if len(grid.Inspect().Servers) != 0 {
		t.Error("a later destroy must delete it")
	}
}

// TestImageAdoption takes over an image that an interrupted apply saved from
// the same sandbox, and never one of another sandbox.
func TestImageAdoption(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
	config := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden"), "rebuild_triggers": acctest.Attributes{"app": "1"}}
	forget(t, grid, "gogrid_mygsi_image", providertest.Deployment(), config)
	grid.ResetCounters()

	found := grid.Manage(t, "gogrid_mygsi_image", providertest.Deployment())
	diagnostics := found.Apply(config)
	diagnostics.WantOK(t)
	diagnostics.WantWarning(t, "-", "Took over image", "No second image was saved")
	grid.WantCalls(t, "grid.image.save", 0)
	plan := found.Plan(config)
	plan.Diagnostics.WantNone(t)
	if plan.Action() != "no-op" {
		t.Errorf("the next plan is %s", plan.Action())
	}

	rebuilt := grid.Manage(t, "gogrid_mygsi_image", providertest.Deployment())
	rebuilt.Apply(config.With(acctest.Attributes{"rebuild_triggers": acctest.Attributes{"app": "2"}})).WantNone(t)
	grid.WantCalls(t, "grid.image.save", 1)
	if rebuilt.Get("id") == found.Get("id") {
		t.Error("the image of another build was taken over")
	}
}

// TestUnmarkedImageBeingSaved is not saved a second time.
func TestUnmarkedImageBeingSaved(t *testing.T) {
	t.Parallel()
	grid := stopped(t)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
	grid.Outside(t, "grid.image.save", "server", grid.ServerID(t, "golden"), "friendlyName", "golden 1")
	image := grid.Manage(t, "gogrid_mygsi_image", providertest.Deployment())
	image.Apply(acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden")}).
		WantError(t, "friendly_name", "is saving image", "terraform import gogrid_mygsi_image.NAME", "No second one")
	grid.Advance(time.Hour)
	if images := grid.Images(); len(images) != 1 {
		t.Errorf("the account has %+v", images)
	}
}

// TestBusyServer: a command that meets a busy server is accepted, and its job
// fails. It is sent again once the server is steady.
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
					t.Errorf("the next plan is %s", plan.Action())
				}
			}
			refused := 0
			for _, job := range grid.Inspect().Jobs {
				if job.State == "Fatal" || job.State == "Failed" {
					refused++
				}
			}
			if refused == 0 {
				t.Error("the server was not busy: no job was refused")
			}
		})
	}
}

// TestAddressAdoption: after an apply whose whole state was lost, the address
// that a label names is taken over with its server.
func TestAddressAdoption(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "theirs", "image", "centos6.2_64_base", "server.ram", "1GB", "ip", "127.20.0.9", "privateip", "10.110.0.2")
	config := providertest.Web1().With(acctest.Attributes{"private_ip": "10.110.0.7"})
	forget(t, grid, "gogrid_server", providertest.Deployment(), config)
	grid.ResetCounters()

	s := grid.Session(t, providertest.Deployment())
	address, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"label": "web1"}))
	diagnostics.WantOK(t)
	diagnostics.WantWarning(t, "-", "Took over address 10.110.0.7", `Server "web1" of this configuration has the address`)
	if got := address.Get("address"); got != "10.110.0.7" {
		t.Fatalf("the address is %v, want that of the left server", got)
	}
	server, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_server"), config))
	diagnostics.WantOK(t)
	if server.Get("id") != grid.ServerID(t, "web1") {
		t.Errorf("the server is %v, want the left one", server.Get("id"))
	}
	for _, label := range []string{"web1", "theirs", "web2"} {
		other, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"label": label}))
		diagnostics.WantNone(t)
		if got := other.Get("address"); got == "10.110.0.7" || got == "10.110.0.2" {
			t.Errorf("another address with the label %q is %v, which a server has", label, got)
		}
	}
	grid.WantCalls(t, "grid.server.add", 0)
}

// TestLateAdd: the call of a killed apply takes effect only after this one has
// looked at the grid, and takes the very address that this one has chosen.
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
		t.Errorf("the grid has %d servers, and the state %v", len(servers), server.Get("id"))
	}
}
