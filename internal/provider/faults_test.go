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

// onceFaults are the ways in which one call can go wrong.
func onceFaults() []simulator.Fault {
	faults := []simulator.Fault{{Kind: simulator.FaultThrottle, When: simulator.FaultBefore}}
	for _, kind := range []simulator.FaultKind{simulator.FaultStatus, simulator.FaultHTML, simulator.FaultTruncate, simulator.FaultReset} {
		for _, when := range []simulator.FaultWhen{simulator.FaultBefore, simulator.FaultAfter} {
			faults = append(faults, simulator.Fault{Kind: kind, When: when})
		}
	}
	return faults
}

// faultName names a fault for a subtest.
func faultName(fault simulator.Fault) string {
	return fmt.Sprintf("%s/%s_%s/skip%d", fault.Method, fault.Kind, fault.When, fault.Skip)
}

// life is what happens to some resources from nothing to nothing. Each step is
// one command; a step that fails is run again, as its error says.
type life struct {
	grid  *acctest.Grid
	t     *testing.T
	watch func() // looks after each command whether there is too much on the grid
}

// saysWhatToDo matches an error that leaves its reader with something to do.
var saysWhatToDo = regexp.MustCompile(`(?i)run the same command again|try again|look for the object|untaint|next apply|plan again|import`)

// step runs a command, and once more when it fails. The second run has no
// fault to meet and must succeed.
func (l *life) step(name string, command func() acctest.Diagnostics) {
	l.t.Helper()
	diagnostics := command()
	l.watch()
	failed := diagnostics.Errors()
	if len(failed) == 0 {
		return
	}
	if text := failed.String(); !saysWhatToDo.MatchString(text) {
		l.t.Errorf("%s failed, and its error does not say what to do:\n%s", name, text)
	}
	l.t.Logf("%s failed and is run again:\n%s", name, failed)
	if again := command().Errors(); len(again) > 0 {
		l.t.Fatalf("%s failed again, without any fault:\n%s", name, again)
	}
	l.watch()
}

// settled checks that a plan finds nothing to do.
func (l *life) settled(m *acctest.Managed, config acctest.Attributes) {
	l.t.Helper()
	l.step("plan", func() acctest.Diagnostics {
		plan := m.Plan(config)
		if len(plan.Diagnostics.Errors()) == 0 && plan.Action() != "no-op" {
			l.t.Errorf("the plan after the apply is %s, want no-op", plan.Action())
		}
		return plan.Diagnostics
	})
}

// atMost checks that the grid never has a second server of the name.
func atMost(t *testing.T, grid *acctest.Grid, servers, images int) func() {
	return func() {
		t.Helper()
		if found := grid.Inspect().Servers; len(found) > servers {
			t.Fatalf("there are %d servers, want at most %d: %+v", len(found), servers, found)
		}
		if found := grid.Images(); len(found) > images {
			t.Fatalf("there are %d images, want at most %d: %+v", len(found), images, found)
		}
	}
}

// serverLife makes a server and deletes it.
func serverLife(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	l := &life{grid: grid, t: t, watch: atMost(t, grid, 1, 0)}
	server := grid.Manage(t, "gogrid_server")
	config := acctest.Attributes{"name": "web1", "image": "centos6.2_64_base", "ram": "1GB", "description": "first"}
	l.step("create", func() acctest.Diagnostics { return server.Apply(config) })
	l.settled(server, config)
	l.step("destroy", server.Destroy)
	if left := grid.Inspect().Servers; len(left) > 0 {
		t.Errorf("after the destroy the grid still has %+v", left)
	}
	l.wantJobs(map[string]int{"CreateVirtualServer": 1, "DeleteVirtualServer": 1})
}

// changesLife changes, restarts and stops a server that is there.
func changesLife(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	server, config := withServer(t, grid)
	l := &life{grid: grid, t: t, watch: atMost(t, grid, 1, 0)}
	for _, change := range []acctest.Attributes{
		{"ram": "2GB", "description": "larger"},
		{"restart_triggers": acctest.Attributes{"release": "2"}},
		{"power_state": "off"},
	} {
		config = config.With(change)
		l.step(fmt.Sprint("update ", change), func() acctest.Diagnostics { return server.Apply(config) })
	}
	l.settled(server, config)
	if now := grid.Server(t, "web1"); now.RAM != "2GB" || now.State != "Off" || now.Description != "larger" {
		t.Errorf("the server became %+v", now)
	}
	l.wantJobs(map[string]int{"CreateVirtualServer": 1, "RestartVirtualServer": 1})
}

// withServer makes the server web1.
func withServer(t *testing.T, grid *acctest.Grid) (*acctest.Managed, acctest.Attributes) {
	t.Helper()
	server := grid.Manage(t, "gogrid_server")
	config := acctest.Attributes{
		"name": "web1", "image": "centos6.2_64_base", "ram": "1GB", "restart_triggers": acctest.Attributes{"release": "1"},
	}
	server.Apply(config).WantOK(t)
	return server, config
}

func (l *life) wantJobs(commands map[string]int) {
	l.t.Helper()
	for command, want := range commands {
		if got := l.grid.Jobs(command); got != want {
			l.t.Errorf("%d jobs %s were carried out, want %d", got, command, want)
		}
	}
}

// imageLife saves a sandbox as an image, changes the image and deletes it.
func imageLife(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", grid.Address(t, true, "US-West-1", 0))
	l := &life{grid: grid, t: t, watch: atMost(t, grid, 1, 1)}
	image := grid.Manage(t, "gogrid_mygsi_image")
	config := acctest.Attributes{"friendly_name": "golden 1", "sandbox_id": grid.ServerID(t, "golden"), "is_public": true}
	l.step("save", func() acctest.Diagnostics { return image.Apply(config) })
	l.settled(image, config)
	config = config.With(acctest.Attributes{"description": "of 2026", "is_public": false})
	l.step("edit", func() acctest.Diagnostics { return image.Apply(config) })
	l.settled(image, config)
	l.step("destroy", image.Destroy)
	if left := grid.Images(); len(left) > 0 {
		t.Errorf("after the destroy the account still has %+v", left)
	}
	l.wantJobs(map[string]int{"SaveServerImage": 1})
}

// buildLife builds an image, verifies it and deletes it.
func buildLife(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	l := &life{grid: grid, t: t, watch: atMost(t, grid, 1, 1)}
	image := grid.Manage(t, providertest.ImageType, acctest.Attributes{"deployment": "shop"})
	config := providertest.WithVerification(providertest.ImageOnGuests(grid, nil), "test -s /srv/motd")
	l.step("build", func() acctest.Diagnostics { return image.Apply(config) })
	l.settled(image, config)
	providertest.WantLeft(t, grid, 0, 1)
	l.step("destroy", image.Destroy)
	providertest.WantLeft(t, grid, 0, 0)
}

// addressLife claims a private address and gives it back.
func addressLife(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	l := &life{grid: grid, t: t, watch: atMost(t, grid, 0, 0)}
	address := grid.Manage(t, "gogrid_private_ip")
	config := acctest.Attributes{"datacenter": "US-West-1", "label": "web1"}
	l.step("claim", func() acctest.Diagnostics { return address.Apply(config) })
	l.settled(address, config)
	l.step("give back", address.Destroy)
}

// passwordLife reads a server's password.
func passwordLife(t *testing.T, grid *acctest.Grid) {
	t.Helper()
	grid.OutsideDone(t, "grid.server.add", "name", "web1", "image", "centos6.2_64_base", "server.ram", "1GB", "ip", grid.Address(t, true, "US-West-1", 0))
	l := &life{grid: grid, t: t, watch: atMost(t, grid, 1, 0)}
	l.step("open", func() acctest.Diagnostics {
		result, diagnostics := grid.Session(t).OpenEphemeral("gogrid_server_password", acctest.Attributes{"server_id": grid.ServerID(t, "web1")})
		if len(diagnostics.Errors()) == 0 && result["password"] == "" {
			t.Error("the password is empty")
		}
		return diagnostics
	})
}

// TestFaultOnce spoils one call of a method in every way, in a life that needs
// the method. Commands succeed, or end with an error that says what to do and
// succeed when run again; and nothing is ever made twice.
func TestFaultOnce(t *testing.T) {
	t.Parallel()
	for _, subject := range []faultSubject{
		{"grid.server.add", serverLife, []int{0}},
		{"grid.server.list", serverLife, []int{0, 2, 4}},
		{"grid.server.edit", changesLife, []int{0}},
		{"grid.server.power", changesLife, []int{0, 1}},
		{"grid.server.delete", serverLife, []int{0}},
		{"grid.ip.list", serverLife, []int{0}},
		{"grid.job.list", serverLife, []int{0, 2}},
		{"common.lookup.list", serverLife, []int{0}},
		{"grid.image.save", imageLife, []int{0}},
		{"grid.image.edit", imageLife, []int{0}},
		{"grid.image.delete", imageLife, []int{0}},
		{"grid.image.list", imageLife, []int{0, 2}},
		{"grid.ip.list", addressLife, []int{1}},
		{"support.password.list", passwordLife, []int{0}},
	} {
		subject.run(t, func(t *testing.T) *acctest.Grid { return acctest.NewQuickGrid(t) }, onceFaults()...)
	}
}

// TestFaultOnceInABuild is TestFaultOnce for images that are built. The calls
// that are spoilt are those of the sandbox and of the server that verifies; how
// else a call can be spoilt makes no difference to what is done with it.
func TestFaultOnceInABuild(t *testing.T) {
	t.Parallel()
	for _, subject := range []faultSubject{
		{"grid.server.add", buildLife, []int{0, 1}},
		{"grid.server.edit", buildLife, []int{0}},
		{"grid.server.list", buildLife, []int{3}},
		{"grid.server.delete", buildLife, []int{0, 1}},
		{"grid.image.save", buildLife, []int{0}},
		{"grid.image.list", buildLife, []int{1}},
		{"support.password.list", buildLife, []int{0}},
	} {
		subject.run(t, func(t *testing.T) *acctest.Grid { return acctest.NewQuickGuestGrid(t) },
			simulator.Fault{Kind: simulator.FaultThrottle, When: simulator.FaultBefore},
			simulator.Fault{Kind: simulator.FaultReset, When: simulator.FaultBefore},
			simulator.Fault{Kind: simulator.FaultReset, When: simulator.FaultAfter})
	}
}

// faultSubject is a method that is spoilt in a life that needs it.
type faultSubject struct {
	method string
	life   func(*testing.T, *acctest.Grid)
	skips  []int // which of the calls to spoil: the first in every way, others by broken connections alone
}

func (subject faultSubject) run(t *testing.T, newGrid func(*testing.T) *acctest.Grid, faults ...simulator.Fault) {
	t.Helper()
	for i, skip := range subject.skips {
		for _, fault := range faults {
			if i > 0 && fault.Kind != simulator.FaultReset {
				continue
			}
			fault.Method, fault.Skip = subject.method, skip
			t.Run(faultName(fault), func(t *testing.T) {
				t.Parallel()
				grid := newGrid(t)
				if err := grid.AddFaults(fault); err != nil {
					t.Fatal(err)
				}
				subject.life(t, grid)
				if calls := grid.Counters()[subject.method]; calls <= skip {
					t.Errorf("%s was called %d times only, so nothing was spoilt", subject.method, calls)
				}
			})
		}
	}
}

// TestFaultEverywhere spoils a tenth of all calls in all ways at random.
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
			watch := atMost(t, grid, 1, 0)
			server := grid.Manage(t, "gogrid_server")
			config := acctest.Attributes{"name": "web1", "image": "centos6.2_64_base", "ram": "1GB"}
			converge(t, "create", watch, func() acctest.Diagnostics { return server.Apply(config) })
			config["ram"] = "2GB"
			converge(t, "edit", watch, func() acctest.Diagnostics { return server.Apply(config) })
			converge(t, "destroy", watch, server.Destroy)
			if left := grid.Inspect().Servers; len(left) > 0 {
				t.Errorf("after the destroy the grid still has %+v", left)
			}
		})
	}
}

// converge runs a command until it succeeds, a few times at most.
func converge(t *testing.T, name string, watch func(), command func() acctest.Diagnostics) {
	t.Helper()
	const most = 5
	var failures []string
	for range most {
		failed := command().Errors()
		watch()
		if len(failed) == 0 {
			return
		}
		failures = append(failures, failed.String())
	}
	t.Fatalf("%s failed %d times:\n%s", name, most, strings.Join(failures, "\n"))
}
