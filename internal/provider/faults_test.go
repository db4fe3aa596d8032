// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// onceFaults returns the faults that TestFaultOnce injects into a single call.
func onceFaults() []simulator.Fault {
	faults := []simulator.Fault{{Kind: simulator.FaultThrottle, When: simulator.FaultBefore}}
	for _, kind := range []simulator.FaultKind{simulator.FaultStatus, simulator.FaultHTML, simulator.FaultTruncate, simulator.FaultReset} {
		for _, when := range []simulator.FaultWhen{simulator.FaultBefore, simulator.FaultAfter} {
			faults = append(faults, simulator.Fault{Kind: kind, When: when})
		}
	}
	return faults
}

// faultName returns the name of a fault's subtest.
func faultName(fault simulator.Fault) string {
	return fmt.Sprintf("%s/%s_%s/skip%d", fault.Method, fault.Kind, fault.When, fault.Skip)
}

// scenario is a sequence of Terraform commands on a grid with injected faults.
// Each step is one command. If a step fails, the scenario runs it a second
// time, as the error advises.
type scenario struct {
	grid       *acctest.Grid
	t          *testing.T
	checkLimit func() // fails the test if the grid has too many objects; called after each command
}

// nextStep matches the part of an error that says what the user should do next.
var nextStep = regexp.MustCompile(`(?i)run the same command again|try again|look for the object|untaint|next apply|plan again|import`)

// step runs a command, and runs it again if it fails. By then the fault has
// been used up, so the second run must succeed.
func (sc *scenario) step(name string, command func() acctest.Diagnostics) {
	sc.t.Helper()
	diagnostics := command()
	sc.checkLimit()
	failed := diagnostics.Errors()
	if len(failed) == 0 {
		return
	}
	if text := failed.String(); !nextStep.MatchString(text) {
		sc.t.Errorf("%s failed, and its error does not say what to do next:\n%s", name, text)
	}
	sc.t.Logf("%s failed; running it again:\n%s", name, failed)
	if again := command().Errors(); len(again) > 0 {
		sc.t.Fatalf("%s failed again, without any fault:\n%s", name, again)
	}
	sc.checkLimit()
}

// wantNoOp checks that a plan has no changes.
func (sc *scenario) wantNoOp(m *acctest.Managed, config acctest.Attributes) {
	sc.t.Helper()
	sc.step("plan", func() acctest.Diagnostics {
		plan := m.Plan(config)
		if len(plan.Diagnostics.Errors()) == 0 && plan.Action() != "no-op" {
			sc.t.Errorf("the plan after the apply is %s, want no-op", plan.Action())
		}
		return plan.Diagnostics
	})
}

// atMost returns a check that the grid has at most the given numbers of servers
// and images.
func atMost(t *testing.T, grid *acctest.Grid, servers, images int) func() {
	return func() {
		t.Helper()
		if found := grid.Inspect().Servers; len(found) > servers {
			t.Fatalf("the grid has %d servers, want at most %d: %+v", len(found), servers, found)
		}
		if found := grid.Images(); len(found) > images {
			t.Fatalf("the grid has %d images, want at most %d: %+v", len(found), images, found)
		}
	}
}

// serverScenario creates a server and deletes it.
func serverScenario(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	sc := &scenario{grid: grid, t: t, checkLimit: atMost(t, grid, 1, 0)}
	server := grid.Manage(t, "gogrid_server")
	config := acctest.Attributes{"name": "web1", "image": "centos6.2_64_base", "ram": "1GB", "description": "first"}
	sc.step("create", func() acctest.Diagnostics { return server.Apply(config) })
	sc.wantNoOp(server, config)
	sc.step("destroy", server.Destroy)
	if left := grid.Inspect().Servers; len(left) > 0 {
		t.Errorf("after the destroy the grid still has %+v", left)
	}
	sc.wantJobs(map[string]int{"CreateVirtualServer": 1, "DeleteVirtualServer": 1})
}

// changesScenario changes, restarts and stops an existing server.
func changesScenario(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	server, config := createWeb1(t, grid)
	sc := &scenario{grid: grid, t: t, checkLimit: atMost(t, grid, 1, 0)}
	for _, change := range []acctest.Attributes{
		{"ram": "2GB", "description": "larger"},
		{"restart_triggers": acctest.Attributes{"release": "2"}},
		{"power_state": "off"},
	} {
		config = config.With(change)
		sc.step(fmt.Sprint("update ", change), func() acctest.Diagnostics { return server.Apply(config) })
	}
	sc.wantNoOp(server, config)
	if got := grid.Server(t, "web1"); got.RAM != "2GB" || got.State != "Off" || got.Description != "larger" {
		t.Errorf("the server is %+v, want it with 2GB, Off and described as larger", got)
	}
	sc.wantJobs(map[string]int{"CreateVirtualServer": 1, "RestartVirtualServer": 1})
}

// createWeb1 creates the server web1 and returns it with its configuration.
func createWeb1(t *testing.T, grid *acctest.Grid) (*acctest.Managed, acctest.Attributes) {
	t.Helper()
	server := grid.Manage(t, "gogrid_server")
	config := acctest.Attributes{
		"name": "web1", "image": "centos6.2_64_base", "ram": "1GB", "restart_triggers": acctest.Attributes{"release": "1"},
	}
	server.Apply(config).WantOK(t)
	return server, config
}

// wantJobs checks how many jobs of each command the grid has run.
func (sc *scenario) wantJobs(commands map[string]int) {
	sc.t.Helper()
	for command, want := range commands {
		if got := sc.grid.Jobs(command); got != want {
			sc.t.Errorf("the grid ran %d jobs %s, want %d", got, command, want)
		}
	}
}

// imageScenario saves a sandbox as an image, changes the image and deletes it.
func imageScenario(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", grid.Address(t, true, "US-West-1", 0))
	sc := &scenario{grid: grid, t: t, checkLimit: atMost(t, grid, 1, 1)}
	image := grid.Manage(t, "gogrid_mygsi_image")
	config := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden"), "is_public": true}
	sc.step("save", func() acctest.Diagnostics { return image.Apply(config) })
	sc.wantNoOp(image, config)
	config = config.With(acctest.Attributes{"description": "2026", "is_public": false})
	sc.step("edit", func() acctest.Diagnostics { return image.Apply(config) })
	sc.wantNoOp(image, config)
	sc.step("destroy", image.Destroy)
	if left := grid.Images(); len(left) > 0 {
		t.Errorf("after the destroy the account still has %+v", left)
	}
	sc.wantJobs(map[string]int{"SaveServerImage": 1})
}

// buildScenario builds an image, verifies it and deletes it.
func buildScenario(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	sc := &scenario{grid: grid, t: t, checkLimit: atMost(t, grid, 1, 1)}
	image := grid.Manage(t, providertest.ImageType, acctest.Attributes{"deployment": "shop"})
	config := providertest.WithVerification(providertest.ImageOnGuests(grid, nil), "test -s /srv/motd")
	sc.step("build", func() acctest.Diagnostics { return image.Apply(config) })
	sc.wantNoOp(image, config)
	providertest.WantLeft(t, grid, 0, 1)
	sc.step("destroy", image.Destroy)
	providertest.WantLeft(t, grid, 0, 0)
}

// addressScenario claims a private address and releases it.
func addressScenario(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	sc := &scenario{grid: grid, t: t, checkLimit: atMost(t, grid, 0, 0)}
	address := grid.Manage(t, "gogrid_private_ip")
	config := acctest.Attributes{"datacenter": "US-West-1", "label": "web1"}
	sc.step("claim", func() acctest.Diagnostics { return address.Apply(config) })
	sc.wantNoOp(address, config)
	sc.step("release", address.Destroy)
}

// passwordScenario reads a server's password.
func passwordScenario(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	grid.OutsideDone(t, "grid.server.add", "name", "web1", "image", "centos6.2_64_base", "server.ram", "1GB", "ip", grid.Address(t, true, "US-West-1", 0))
	sc := &scenario{grid: grid, t: t, checkLimit: atMost(t, grid, 1, 0)}
	sc.step("open", func() acctest.Diagnostics {
		result, diagnostics := grid.Session(t).OpenEphemeral("gogrid_server_password", acctest.Attributes{"server_id": grid.ServerID(t, "web1")})
		if len(diagnostics.Errors()) == 0 && result["password"] == "" {
			t.Error("the password is empty")
		}
		return diagnostics
	})
}

// TestFaultOnce injects each fault into one call of a method, in a scenario that
// needs the method. Each command either succeeds, or fails with advice and
// succeeds when run again. No object is ever created twice.
func TestFaultOnce(t *testing.T) {
	t.Parallel()
	for _, fc := range []faultCase{
		{"grid.server.add", serverScenario, []int{0}},
		{"grid.server.list", serverScenario, []int{0, 2, 4}},
		{"grid.server.edit", changesScenario, []int{0}},
		{"grid.server.power", changesScenario, []int{0, 1}},
		{"grid.server.delete", serverScenario, []int{0}},
		{"grid.ip.list", serverScenario, []int{0}},
		{"grid.job.list", serverScenario, []int{0, 2}},
		{"common.lookup.list", serverScenario, []int{0}},
		{"grid.image.save", imageScenario, []int{0}},
		{"grid.image.edit", imageScenario, []int{0}},
		{"grid.image.delete", imageScenario, []int{0}},
		{"grid.image.list", imageScenario, []int{0, 2}},
		{"grid.ip.list", addressScenario, []int{1}},
		{"support.password.list", passwordScenario, []int{0}},
	} {
		fc.run(t, func(t *testing.T) *acctest.Grid { return acctest.NewQuickGrid(t) }, onceFaults()...)
	}
}

// TestFaultOnceInABuild is TestFaultOnce for image builds. The faults affect
// the calls for the sandbox and for the server that verifies the image. A build
// handles the other faults in the same way, so the test leaves them out.
func TestFaultOnceInABuild(t *testing.T) {
	t.Parallel()
	for _, fc := range []faultCase{
		{"grid.server.add", buildScenario, []int{0, 1}},
		{"grid.server.edit", buildScenario, []int{0}},
		{"grid.server.list", buildScenario, []int{3}},
		{"grid.server.delete", buildScenario, []int{0, 1}},
		{"grid.image.save", buildScenario, []int{0}},
		{"grid.image.list", buildScenario, []int{1}},
		{"support.password.list", buildScenario, []int{0}},
	} {
		fc.run(t, func(t *testing.T) *acctest.Grid { return acctest.NewQuickGuestGrid(t) },
			simulator.Fault{Kind: simulator.FaultThrottle, When: simulator.FaultBefore},
			simulator.Fault{Kind: simulator.FaultReset, When: simulator.FaultBefore},
			simulator.Fault{Kind: simulator.FaultReset, When: simulator.FaultAfter})
	}
}

// faultCase is a method into whose calls faults are injected, and a scenario
// that calls the method.
type faultCase struct {
	method   string
	scenario func(*testing.T, *acctest.Grid)
	// skips lists how many calls of the method succeed before the fault. The
	// first entry is tested with all faults, the others only with connection
	// resets.
	skips []int
}

// run runs the scenario in a subtest for each fault and entry of skips.
func (c faultCase) run(t *testing.T, newGrid func(*testing.T) *acctest.Grid, faults ...simulator.Fault) {
	t.Helper()
	for i, skip := range c.skips {
		for _, fault := range faults {
			if i > 0 && fault.Kind != simulator.FaultReset {
				continue
			}
			fault.Method, fault.Skip = c.method, skip
			t.Run(faultName(fault), func(t *testing.T) {
				t.Parallel()
				grid := newGrid(t)
				if err := grid.AddFaults(fault); err != nil {
					t.Fatal(err)
				}
				c.scenario(t, grid)
				if calls := grid.Counters()[c.method]; calls <= skip {
					t.Errorf("%s was called only %d times, so the fault did not occur", c.method, calls)
				}
			})
		}
	}
}

// TestFaultEverywhere injects faults into a random tenth of all calls.
func TestFaultEverywhere(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.Seed = seed + 1 })
			for _, fault := range onceFaults() {
				fault.Method, fault.Probability = "*", 0.1/float64(len(onceFaults()))
				if err := grid.AddFaults(fault); err != nil {
					t.Fatal(err)
				}
			}
			checkLimit := atMost(t, grid, 1, 0)
			server := grid.Manage(t, "gogrid_server")
			config := acctest.Attributes{"name": "web1", "image": "centos6.2_64_base", "ram": "1GB"}
			converge(t, "create", checkLimit, func() acctest.Diagnostics { return server.Apply(config) })
			config["ram"] = "2GB"
			converge(t, "edit", checkLimit, func() acctest.Diagnostics { return server.Apply(config) })
			converge(t, "destroy", checkLimit, server.Destroy)
			if left := grid.Inspect().Servers; len(left) > 0 {
				t.Errorf("after the destroy the grid still has %+v", left)
			}
		})
	}
}

// converge runs a command until it succeeds, at most five times.
func converge(t *testing.T, name string, checkLimit func(), command func() acctest.Diagnostics) {
	t.Helper()
	const maxRuns = 5
	var failures []string
	for range maxRuns {
		failed := command().Errors()
		checkLimit()
		if len(failed) == 0 {
			return
		}
		failures = append(failures, failed.String())
	}
	t.Fatalf("%s failed %d times:\n%s", name, maxRuns, strings.Join(failures, "\n"))
}
