// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// leftoversCheck returns a check block that fails and names leftovers, for a
// configuration with the given resources.
func leftoversCheck(resources ...string) string {
	return fmt.Sprintf(`

data "gogrid_leftovers" "this" {
  accounted_for = [%s]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}`, strings.Join(resources, ", "))
}

// sweep runs the provider's sweep command with a state on standard input.
func (s *scenario) sweep(state string, args ...string) (string, int) {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), tools.provider(), append([]string{"sweep", "--deployment", "shop"}, args...)...)
	command.Env = append(os.Environ(), s.workspace.Env...)
	command.Stdin = strings.NewReader(state)
	r := &run{t: s.t, grid: s.grid, command: command, printed: &transcript{}, ended: make(chan struct{})}
	command.Stdout, command.Stderr = r.printed, r.printed
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = command.Wait() // the test checks the exit code
		close(r.ended)
	}()
	return r.end()
}

// wantSwept runs the sweep and checks its exit code and output.
func (s *scenario) wantSwept(state string, code int, texts []string, args ...string) {
	s.t.Helper()
	output, got := s.sweep(state, args...)
	if got != code {
		s.t.Errorf("sweep %v ended with %d, want %d:\n%s", args, got, code, output)
	}
	s.wantText(output, texts...)
}

func (s *scenario) wantServers(names ...string) {
	s.t.Helper()
	if diff := cmp.Diff(append([]string{}, names...), s.grid.servers()); diff != "" {
		s.t.Errorf("servers on the grid (-want +got):\n%s", diff)
	}
}

// TestAccLeftoversOfAKilledApply kills an apply and then removes a server of
// this apply from the configuration. The next plan must name that server, and
// the sweep must remove only that server.
func TestAccLeftoversOfAKilledApply(t *testing.T) {
	t.Parallel()
	check := leftoversCheck("gogrid_server.web")
	s := newScenario(t, configuration(shop, webServers(2)+check))
	s.mustApply()
	s.mustPlanNothing()
	s.configure(configuration(shop, webServers(3)+check))
	killed := s.apply()
	s.grid.awaitServers(3)
	killed.mustLoseProvider()
	s.grid.awaitFinished()

	s.configure(configuration(shop, webServers(2)+check))
	lost := s.grid.serverID("web-2")
	named := []string{`server "web-2" (id ` + lost + ")", "terraform import gogrid_server.NAME " + lost}
	output, code := s.start("plan", "-detailed-exitcode", "-input=false", "-no-color").end()
	if code != 0 {
		t.Errorf("plan ended with %d; 0 means an empty plan:\n%s", code, output)
	}
	s.wantText(output, append(named, "Check block assertion failed", "sweep --deployment shop --state - --yes")...)

	state := s.must("state", "pull")
	s.wantSwept(state, 3, append(named, "Nothing was removed"), "--state", "-")
	s.wantSwept(state, 0, []string{`Removed: server "web-2"`}, "--state", "-", "--yes")
	s.mustBeDone(webNames(2))
	if output := s.must("plan", "-input=false", "-no-color"); strings.Contains(output, "Check block assertion failed") {
		t.Errorf("plan still warns:\n%s", output)
	}
}

// TestAccLeftoversOfALostState removes the state. A destroy then destroys
// nothing. The sweep must reject an empty state, and remove everything with
// --no-state.
func TestAccLeftoversOfALostState(t *testing.T) {
	t.Parallel()
	s := newScenario(t, configuration(shop, webServers(2)+"\n\n"+sandbox+image+leftoversCheck("gogrid_server.web", "gogrid_sandbox.build", "gogrid_mygsi_image.web")))
	s.mustApply()
	// The state still contains the object that was removed from the configuration,
	// so the object is not a leftover.
	s.configure(configuration(shop, webServers(2)+leftoversCheck("gogrid_server.web")))
	if output := s.must("plan", "-input=false", "-no-color"); strings.Contains(output, "Check block assertion failed") {
		t.Errorf("plan reports an object that it will destroy as a leftover:\n%s", output)
	}
	s.loseState()
	s.wantText(s.must("destroy", "-auto-approve", "-input=false", "-no-color"), "0 destroyed")
	s.wantServers("build", "web-0", "web-1")

	s.wantSwept("", 1, []string{"it is empty"}, "--state", "-", "--yes")
	s.wantServers("build", "web-0", "web-1")
	s.wantSwept("", 0, []string{`Removed: server "web-0"`, `Removed: sandbox "build"`, `Removed: image "web image"`}, "--no-state", "--yes")
	s.wantServers()
	for _, left := range s.images() {
		if left.State != "Trash" && left.State != "Deleted" {
			t.Errorf("image left on the grid: %+v", left)
		}
	}
}

// TestAccLeftoversOfAChangedBuild kills a build and then changes it. The apply
// of the changed image must name the sandbox of the killed build. After a
// destroy, the sweep must remove that sandbox.
func TestAccLeftoversOfAChangedBuild(t *testing.T) {
	t.Parallel()
	built := func(name string) string {
		return configuration(shop, fmt.Sprintf(`resource "gogrid_mygsi_image" "web" {
  friendly_name = %q

  build {
    image = "centos6.2_64_base"
  }
}`, name)+leftoversCheck("gogrid_mygsi_image.web"))
	}
	s := newScenario(t, built("web r1"))
	killed := s.apply()
	s.grid.awaitServers(1)
	killed.mustLoseProvider()
	s.grid.awaitFinished()
	sandbox := s.grid.servers()[0]

	s.configure(built("web r2"))
	s.wantText(s.mustApply(), fmt.Sprintf("sandbox %q (id %s)", sandbox, s.grid.serverID(sandbox)), "the sandbox of an unfinished build", "--yes")
	s.wantServers(sandbox)
	s.must("destroy", "-auto-approve", "-input=false", "-no-color")
	s.wantServers(sandbox)
	s.wantSwept(s.must("state", "pull"), 0, []string{fmt.Sprintf("Removed: sandbox %q", sandbox)}, "--state", "-", "--yes")
	s.wantServers()
}

// serverID returns the id, as text, of the server with the given name.
func (g *grid) serverID(name string) string {
	g.t.Helper()
	for _, server := range g.state().Servers {
		if server.Name == name {
			return fmt.Sprint(server.ID)
		}
	}
	g.t.Fatalf("the grid has no server %q", name)
	return ""
}
