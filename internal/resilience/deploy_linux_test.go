// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

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

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
	"github.com/gogrid/terraform-provider-gogrid/internal/testport"
	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// shopFront is the one-click-deploy example with four servers on its own grid.
type shopFront struct {
	*scenario
	port     int // port of the site
	releases int
	pages    []string
}

// deployGridSpeed is the speed of a grid with deploys. It is low because
// startup scripts limit their commands by the grid's clock, and on a slow
// machine a fast clock would exceed the limits.
const deployGridSpeed = 10

// newShopFront builds the image and starts the servers. Each operation of the
// grid, such as a boot, takes the duration while.
func newShopFront(t testing.TB, speed int, while time.Duration) *shopFront {
	t.Helper()
	ssh := testport.New(t)
	var timings []string
	for _, step := range []string{"server_create", "sandbox_create", "guest_boot", "image_save", "server_power", "server_edit", "server_delete", "password"} {
		timings = append(timings, fmt.Sprint(step, "=", while))
	}
	s := &shopFront{port: testport.New(t), scenario: newScenario(t, configuration(shop, ""),
		"--guests", "--guest-shared-addresses", fmt.Sprint("--guest-ssh-port=", ssh), fmt.Sprint("--speed=", speed), "--timing="+strings.Join(timings, ","))}
	s.workspace.Env = append(s.workspace.Env, fmt.Sprint("TF_VAR_ssh_port=", ssh), fmt.Sprint("TF_VAR_site_port=", s.port))
	root, err := tfcli.Root()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(s.workspace.Dir, "main.tf")); err != nil {
		t.Fatal(err)
	}
	if err := tfcli.CopyConfiguration(s.workspace.Dir, filepath.Join(root, "examples", "one-click-deploy")); err != nil {
		t.Fatal(err)
	}
	s.publish()
	s.mustApply()
	return s
}

// publish writes the next release of the app.
func (s *shopFront) publish() {
	s.t.Helper()
	s.releases++
	page := site(fmt.Sprint("release ", s.releases))
	s.pages = append(s.pages, page)
	if err := s.workspace.Write("app/site/index.html", page); err != nil {
		s.t.Fatal(err)
	}
}

// output decodes an output of the configuration.
func (s *shopFront) output(name string, into any) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.must("output", "-json", name)), into); err != nil {
		s.t.Fatal(err)
	}
}

// addresses returns the addresses of the site on all servers.
func (s *shopFront) addresses() []string {
	s.t.Helper()
	var servers map[string]struct {
		Address string `json:"public_ip"`
	}
	s.output("servers", &servers)
	var all []string
	for _, server := range servers {
		all = append(all, s.address(server.Address))
	}
	return all
}

func (s *shopFront) address(publicIP string) string { return fmt.Sprintf("%s:%d", publicIP, s.port) }

// rebootOne restarts, outside Terraform, a server that serves a page. The
// server must come back with the same page.
func (s *shopFront) rebootOne(seen *siteWatcher, page string) {
	s.t.Helper()
	servers := s.grid.state().Servers
	i := slices.IndexFunc(servers, func(server simulator.ServerInfo) bool { return seen.last(s.address(server.PublicIP)) == page })
	if i < 0 {
		s.t.Fatalf("no server serves the page:\n%s", page)
	}
	if _, err := s.grid.client().Servers.Power(s.t.Context(), servers[i].ID, client.PowerRestart); err != nil {
		s.t.Fatal(err)
	}
	at := s.address(servers[i].PublicIP)
	waitFor(s.t, "the server to go down", func() bool { return seen.last(at) == "" })
	waitFor(s.t, "the server to come back", func() bool { return seen.last(at) != "" })
	if got := seen.last(at); got != page {
		s.t.Errorf("a server that booted during a deploy serves a different page:\n%s", got)
	}
}

// restarts returns the number of requested restarts so far.
func (s *shopFront) restarts() int { return s.grid.calls()["grid.server.power"] }

// pinned returns the number of servers whose pin file contains text.
func (s *shopFront) pinned(text string) int {
	pins, _ := filepath.Glob(filepath.Join(s.grid.stateFile()+".guests", "storage-*", "servers", "*.json")) // the pattern is valid
	count := 0
	for _, at := range pins {
		if pin, err := os.ReadFile(at); err == nil && strings.Contains(string(pin), text) {
			count++
		}
	}
	return count
}

// TestAccDeployKilled deploys several releases. In each deploy it kills the
// provider in a different phase, and the next apply continues the deploy. Every
// server must restart once per release, and at most one server may be down at a
// time.
func TestAccDeployKilled(t *testing.T) {
	t.Parallel()
	s := newShopFront(t, deployGridSpeed, deployGridSpeed*time.Second/2)
	addresses := s.addresses()
	before := 0
	for _, when := range []struct {
		name string
		is   func() bool
	}{
		{"the first turn has begun", func() bool { return s.pinned(`"turn": "restart"`) == 1 }},
		{"the first server is restarting", func() bool { return s.restarts() == before+1 }},
		{"the second server is restarting", func() bool { return s.restarts() == before+2 }},
		{"the third turn is over", func() bool {
			return s.restarts() == before+3 && s.pinned(`"turn": "restart"`) == 0 || s.restarts() == before+4
		}},
	} {
		before = s.restarts()
		s.publish()
		seen := watchSites(t, addresses)
		begun := s.apply()
		waitFor(t, when.name, func() bool { return begun.hasEnded() || when.is() })
		if begun.hasEnded() {
			t.Fatalf("the apply ended before the phase %q:\n%s", when.name, begun.printed.String())
		}
		begun.mustLoseProvider()
		s.mustApply()
		waitFor(t, "all servers to serve the new release", func() bool { return seen.count(s.pages[len(s.pages)-1]) == 4 })
		seen.end()
		seen.mustHaveSeen(1, s.pages[len(s.pages)-2:]...)
		if got := s.restarts() - before; got != 4 {
			t.Errorf("killed when %s: %d restarts of 4 servers, want 4", when.name, got)
		}
		s.mustPlanNothing()
	}
}

// TestAccDeployInterrupted interrupts a deploy with Ctrl-C. The provider must
// finish the running step and start no other step, and the next apply must
// continue the deploy. A server that reboots meanwhile must keep its release.
// After that, a broken release must stop at the first server, and the previous
// release must be restored without a restart.
func TestAccDeployInterrupted(t *testing.T) {
	t.Parallel()
	s := newShopFront(t, deployGridSpeed, deployGridSpeed*time.Second/2)
	seen := watchSites(t, s.addresses())
	s.publish()
	begun := s.apply()
	waitFor(t, "a restart", func() bool { return begun.hasEnded() || s.restarts() == 1 })
	begun.interrupt()
	output, code := begun.end()
	if code != 1 || s.restarts() != 1 {
		t.Errorf("the apply ended with %d after %d restarts:\n%s", code, s.restarts(), output)
	}
	waitFor(t, "the server of the interrupted step to serve the new release", func() bool { return seen.count(s.pages[1]) == 1 })
	s.rebootOne(seen, s.pages[0])
	s.mustApply()
	if got := s.restarts(); got != 5 {
		t.Errorf("%d restarts, want 5: one for each of 4 servers and one outside Terraform", got)
	}
	s.mustPlanNothing()

	if err := s.workspace.Write("app/site/index.html", "nothing that passes the check\n"); err != nil {
		t.Fatal(err)
	}
	output, code = s.apply().end()
	if code != 1 || s.restarts() != 6 {
		t.Errorf("the apply of a broken release ended with %d after %d restarts", code, s.restarts())
	}
	s.wantText(output, "could not install the release", "has gone back to", "This server was not touched")
	if got := strings.Count(output, "Error: Could not update server"); got != 4 {
		t.Errorf("%d errors, want one for each of 4 servers:\n%s", got, output)
	}
	if err := s.workspace.Write("app/site/index.html", s.pages[1]); err != nil {
		t.Fatal(err)
	}
	s.mustApply()
	s.mustPlanNothing()
	if got := s.restarts(); got != 6 {
		t.Errorf("the rollback took %d restarts, want none", got-6)
	}
	waitFor(t, "all servers to serve the release", func() bool { return seen.count(s.pages[1]) == 4 })
	seen.end()
	seen.mustHaveSeen(1, s.pages...)
	s.must("destroy", "-auto-approve", "-input=false")
}
