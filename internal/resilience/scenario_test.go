// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// poll is the poll interval of the provider on a grid with the flags of
// moderate.
const poll = 100 * time.Millisecond

// scenario is a grid and a workspace whose provider manages the grid.
type scenario struct {
	t         testing.TB
	grid      *grid
	workspace *tfcli.Workspace
}

// newScenario starts a grid and initializes a workspace with a configuration.
func newScenario(t testing.TB, configuration string, flags ...string) *scenario {
	t.Helper()
	if len(flags) == 0 {
		flags = moderate()
	}
	return newWorkspace(t, newGrid(t, flags...), tools.provider(), configuration)
}

// newWorkspace initializes another workspace on a grid. provider is the path of
// its provider program.
func newWorkspace(t testing.TB, g *grid, provider, configuration string) *scenario {
	t.Helper()
	workspace, err := tfcli.NewWorkspace(tools.engine, t.TempDir(), provider)
	if err != nil {
		t.Fatal(err)
	}
	workspace.Env = g.env(poll)
	s := &scenario{t: t, grid: g, workspace: workspace}
	s.configure(configuration)
	s.must("init", "-input=false")
	return s
}

// Contents of provider blocks.
const (
	shop = `deployment = "shop"`
	// nameless sets no deployment name, so the provider adopts no existing
	// objects.
	nameless = ""
	// impatient makes the provider fail early if the grid does not answer.
	impatient = shop + "\n  max_retries = 1"
)

// configuration returns a configuration with a provider block and resources.
func configuration(provider, resources string) string {
	return fmt.Sprintf(`terraform {
  required_providers {
    gogrid = { source = "gogrid/gogrid" }
  }
}

provider "gogrid" {
  %s
}

%s
`, provider, resources)
}

// webServers returns a resource of count servers named web-0 and so on.
func webServers(count int) string {
	return fmt.Sprintf(`resource "gogrid_server" "web" {
  count = %d
  name  = "web-${count.index}"
  image = "centos6.2_64_base"
  ram   = "512MB"
}`, count)
}

// webNames returns the sorted names of webServers.
func webNames(count int) []string {
	names := []string{}
	for i := range count {
		names = append(names, fmt.Sprintf("web-%d", i))
	}
	slices.Sort(names)
	return names
}

// configure replaces the configuration.
func (s *scenario) configure(text string) {
	s.t.Helper()
	if err := s.workspace.Write("main.tf", text); err != nil {
		s.t.Fatal(err)
	}
}

// apply starts an apply.
func (s *scenario) apply() *run {
	s.t.Helper()
	return s.start("apply", "-auto-approve", "-input=false", "-no-color")
}

// must runs a command that must succeed, and returns its output.
func (s *scenario) must(args ...string) string {
	s.t.Helper()
	output, code := s.start(args...).end()
	if code != 0 {
		s.t.Fatalf("%s ended with %d:\n%s", strings.Join(args, " "), code, output)
	}
	return output
}

// mustApply runs an apply that must succeed, and returns its output.
func (s *scenario) mustApply() string {
	s.t.Helper()
	output, code := s.apply().end()
	if code != 0 {
		s.t.Fatalf("apply ended with %d:\n%s", code, output)
	}
	return output
}

// mustBeDone checks that the grid has exactly the named servers. Each server
// must be finished, the state must hold its id under its name, and the next
// plan must be empty.
func (s *scenario) mustBeDone(names []string) {
	s.t.Helper()
	if diff := cmp.Diff(names, s.grid.servers()); diff != "" {
		s.t.Errorf("servers on the grid (-want +got):\n%s", diff)
	}
	onGrid := map[string]string{}
	for _, server := range s.grid.state().Servers {
		if server.Operation != "" {
			s.t.Errorf("server %q is still being changed: %s", server.Name, server.Operation)
		}
		onGrid[fmt.Sprint(server.ID)] = server.Name
	}
	inState := map[string]string{}
	for _, r := range s.resources() {
		if r.Type == "gogrid_server" || r.Type == "gogrid_sandbox" {
			inState[r.Values.ID] = r.Values.Name
			if r.Tainted {
				s.t.Errorf("%s is tainted", r.Address)
			}
		}
	}
	if diff := cmp.Diff(onGrid, inState); diff != "" {
		s.t.Errorf("servers by id (-on the grid +in the state):\n%s", diff)
	}
	s.mustPlanNothing()
}

// mustPlanNothing checks that a plan is empty.
func (s *scenario) mustPlanNothing() {
	s.t.Helper()
	if output, code := s.start("plan", "-detailed-exitcode", "-input=false", "-no-color").end(); code != 0 {
		s.t.Errorf("plan ended with %d; 0 means an empty plan:\n%s", code, output)
	}
}

// resourceState is one object in the state.
type resourceState struct {
	Address string
	Type    string
	Tainted bool
	Values  struct{ ID, Name, Address string }
}

// resources returns the managed objects in the state.
func (s *scenario) resources() []resourceState {
	s.t.Helper()
	var shown struct {
		Values struct {
			RootModule struct{ Resources []resourceState } `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(s.must("show", "-json")), &shown); err != nil {
		s.t.Fatalf("read the state: %v", err)
	}
	return shown.Values.RootModule.Resources
}

// loseState removes the state, as if the machine that holds it were lost.
func (s *scenario) loseState() {
	s.t.Helper()
	if err := os.Remove(filepath.Join(s.workspace.Dir, "terraform.tfstate")); err != nil {
		s.t.Fatal(err)
	}
}

// wantText checks that an output contains texts, ignoring line breaks.
func (s *scenario) wantText(output string, texts ...string) {
	s.t.Helper()
	flat := strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(output)), " ")
	for _, text := range texts {
		if !strings.Contains(flat, text) {
			s.t.Errorf("the output lacks %q:\n%s", text, output)
		}
	}
}
