// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"slices"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// An apply must succeed despite a short outage of the grid.
func TestAccKilledGridComesBack(t *testing.T) {
	t.Parallel()
	s := newScenario(t, configuration(shop, webServers(5)))
	disturbed := s.apply()
	s.grid.awaitServers(3)
	answered := s.grid.state()
	s.grid.kill()
	s.grid.restart()
	s.mustStillHave(answered.Servers)
	if output, code := disturbed.end(); code != 0 {
		t.Errorf("the apply ended with %d although the grid restarted immediately:\n%s", code, output)
	}
	s.mustApply()
	s.mustBeDone(webNames(5))
}

// If the grid stays down, an apply waits until its time limit. Objects that the
// apply has requested stay in the state untainted unless the grid rejected
// them, and the next apply waits for them.
func TestAccKilledGridStaysAway(t *testing.T) {
	t.Parallel()
	limited := strings.TrimSuffix(webServers(5), "}") + "  timeouts {\n    create = \"20s\"\n  }\n}"
	s := newScenario(t, configuration(impatient, limited))
	disturbed := s.apply()
	s.grid.awaitServers(3)
	answered := s.grid.state()
	s.grid.kill()
	output, _ := disturbed.end()
	s.wantText(output, "Not known whether server", "nothing is created twice")
	s.grid.restart()
	s.mustStillHave(answered.Servers)
	s.configure(configuration(impatient, webServers(5)))
	s.mustApply()
	s.mustBeDone(webNames(5))
	s.mustStillHave(answered.Servers)
}

// mustStillHave checks that the grid still has all the given servers.
func (s *scenario) mustStillHave(servers []simulator.ServerInfo) {
	s.t.Helper()
	current := s.grid.state().Servers
	for _, server := range servers {
		if !slices.ContainsFunc(current, func(n simulator.ServerInfo) bool { return n.Name == server.Name && n.PublicIP == server.PublicIP }) {
			s.t.Errorf("the restarted grid has lost server %q at %s", server.Name, server.PublicIP)
		}
	}
}

// An apply recreates all objects that the grid has lost.
func TestAccGridLosesEverything(t *testing.T) {
	t.Parallel()
	resources := webServers(2) + "\n\n" + sandbox + image
	s := newScenario(t, configuration(shop, resources))
	s.mustApply()
	s.grid.kill()
	s.grid.loseAll()
	s.wantText(s.mustApply(), "Resources: 4 added, 0 changed, 0 destroyed.")
	s.mustBeDone(append([]string{"build"}, webNames(2)...))

	s.configure(configuration(shop, resources+"\n\n"+strings.Replace(webServers(1), `"web"`, `"more"`, 1)))
	output, code := s.start("import", "-input=false", "-no-color", "gogrid_server.more[0]", "4711").end()
	if code != 1 {
		t.Errorf("the import of a server that does not exist ended with %d, want 1", code)
	}
	s.wantText(output, "Nothing to import", "4711")
}
