// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package resilience

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// payloadSize is the size in bytes of a file that the build copies to the
// sandbox. From the size of the disk, a test detects that the preparation has
// begun.
const payloadSize = 50_000

// buildGridFlags returns the flags of a grid with guests. On this grid each
// phase of a build is so long that a polling test observes it.
func buildGridFlags(t testing.TB) (port int, flags []string) {
	t.Helper()
	var config net.ListenConfig
	held, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() }) // guests use the port at other addresses
	port = held.Addr().(*net.TCPAddr).Port
	return port, []string{
		"--guests", "--guest-shared-addresses", "--guest-ssh-port=" + strconv.Itoa(port), handDriven,
		"--timing=server_create=1m,sandbox_create=1m,guest_boot=30s,image_save=1m,server_edit=20s,server_delete=20s,password=10s",
	}
}

// buildConfig returns an image whose preparation and verification take so long
// that a test can observe them.
func buildConfig(port int, options string) string {
	return fmt.Sprintf(`resource "gogrid_mygsi_image" "web" {
  friendly_name = "web image"

  build {
    image = "centos6.2_64_base"
    %[2]s
  }
  prepare {
    connection {
      port = %[1]d
    }
    files        = [{ content = join("", [for i in range(1000) : format("%%0%[3]dd", i)]), destination = "/srv/weight" }]
    commands     = ["test ! -e /srv/twice", "echo once > /srv/twice", "sleep 60"]
    prep_command = "gogrid-prep"
  }
  verify {
    commands = ["test -s /srv/weight", "sleep 60"]
  }
}`, port, options, payloadSize/1000)
}

// buildPhase is a phase of a build that a test can observe on the grid.
type buildPhase struct {
	name string
	has  func(s *scenario) bool
}

func buildPhases() []buildPhase {
	server := func(s *scenario, prefix string) *simulator.ServerInfo {
		all := s.grid.state().Servers
		i := slices.IndexFunc(all, func(server simulator.ServerInfo) bool { return strings.HasPrefix(server.Name, prefix) })
		if i < 0 {
			return nil
		}
		return &all[i]
	}
	return []buildPhase{
		{"the sandbox is being made", func(s *scenario) bool { return server(s, "build-") != nil }},
		{"the sandbox boots", func(s *scenario) bool {
			sandbox := server(s, "build-")
			return sandbox != nil && sandbox.ID != 0 && strings.Contains(sandbox.Description, "/prepare]")
		}},
		{"the sandbox is being prepared", func(s *scenario) bool { return s.diskBytes("build-") >= payloadSize }},
		{"the image is being saved", func(s *scenario) bool { return len(s.images()) == 1 }},
		{"the sandbox is being deleted", func(s *scenario) bool {
			sandbox := server(s, "build-")
			return sandbox != nil && sandbox.Operation == "delete"
		}},
		{"the verifying server is being created", func(s *scenario) bool { return server(s, "verify-") != nil }},
		{"the image is being verified", func(s *scenario) bool { return s.answers("verify-") }},
		{"the verifying server is being deleted", func(s *scenario) bool {
			verifier := server(s, "verify-")
			return verifier != nil && verifier.Operation == "delete"
		}},
	}
}

type guestInfo struct {
	Name      string
	Reachable bool
	DiskBytes int64 `json:"disk_bytes"`
}

func (s *scenario) guest(prefix string) guestInfo {
	s.t.Helper()
	var all []guestInfo
	s.grid.callAdmin(http.MethodGet, "/guests", "", &all)
	for _, guest := range all {
		if strings.HasPrefix(guest.Name, prefix) {
			return guest
		}
	}
	return guestInfo{}
}

func (s *scenario) diskBytes(prefix string) int64 { return s.guest(prefix).DiskBytes }
func (s *scenario) answers(prefix string) bool    { return s.guest(prefix).Reachable }

// atEachPhase runs a subtest for each phase of a build. The subtest starts an
// apply that builds an image, and calls test when the build is in the phase.
func atEachPhase(t *testing.T, test func(t *testing.T, s *scenario, when buildPhase, begun *run)) {
	t.Helper()
	for _, when := range buildPhases() {
		t.Run(when.name, func(t *testing.T) {
			t.Parallel()
			port, flags := buildGridFlags(t)
			s := newScenario(t, configuration(shop, buildConfig(port, "")), flags...)
			test(t, s, when, s.applyUntil(when))
		})
	}
}

func TestAccBuildKilled(t *testing.T) {
	t.Parallel()
	atEachPhase(t, func(_ *testing.T, s *scenario, _ buildPhase, begun *run) {
		begun.mustLoseProvider()
		s.mustNotBuildTwice()

		s.mustApply()
		s.mustBeBuilt()
	})
}

// applyUntil starts an apply and waits until its build is in a phase.
func (s *scenario) applyUntil(when buildPhase) *run {
	s.t.Helper()
	r := s.apply()
	s.grid.waitFor(when.name, func() bool { return r.hasEnded() || when.has(s) })
	if r.hasEnded() {
		s.t.Fatalf("the apply ended before its build reached the phase %q:\n%s", when.name, r.printed.String())
	}
	return r
}

// mustNotBuildTwice checks that there is at most one server and one image.
func (s *scenario) mustNotBuildTwice() {
	s.t.Helper()
	if servers := s.grid.servers(); len(servers) > 1 {
		s.t.Errorf("servers on the grid: %v, want at most one", servers)
	}
	if images := s.images(); len(images) > 1 {
		s.t.Errorf("images on the grid: %+v, want at most one", images)
	}
}

// mustBeBuilt checks that there is one image and no billed server.
func (s *scenario) mustBeBuilt() {
	s.t.Helper()
	if servers := s.grid.servers(); len(servers) > 0 {
		s.t.Errorf("servers on the grid: %v, want none", servers)
	}
	available := slices.DeleteFunc(s.images(), func(image simulator.ImageInfo) bool { return image.State != client.ImageAvailable })
	if len(available) != 1 || len(s.images()) != 1 {
		s.t.Errorf("images on the grid: %+v, want one", s.images())
	}
	s.mustBillNothing()
	s.mustPlanNothing()
}

// mustBillNothing checks that no server is still billed.
func (s *scenario) mustBillNothing() {
	s.t.Helper()
	for _, bill := range s.grid.state().Bills {
		for _, item := range bill.Items {
			if item.To == nil {
				s.t.Errorf("server %q is still billed", item.Name)
			}
		}
	}
}

func TestAccBuildInterrupted(t *testing.T) {
	t.Parallel()
	atEachPhase(t, func(t *testing.T, s *scenario, when buildPhase, begun *run) {
		begun.interrupt()
		begun.end()
		s.mustNotBuildTwice()
		for _, name := range s.grid.servers() {
			if strings.HasPrefix(name, "build-") && when.name == "the sandbox is being prepared" {
				t.Errorf("%s was left", name)
			}
		}

		s.mustApply()
		s.mustBeBuilt()
		s.must("destroy", "-auto-approve", "-input=false")
	})
}

// A destroy must also remove the objects that an interrupted build has left.
func TestAccBuildInterruptedAndDestroyed(t *testing.T) {
	t.Parallel()
	atEachPhase(t, func(t *testing.T, s *scenario, _ buildPhase, begun *run) {
		begun.interrupt()
		begun.end()
		s.must("destroy", "-auto-approve", "-input=false")
		s.grid.awaitFinished()
		if servers := s.grid.servers(); len(servers) > 0 {
			t.Errorf("destroy left %v", servers)
		}
		s.mustBillNothing()
	})
}

func TestAccBuildFails(t *testing.T) {
	t.Parallel()
	port, flags := buildGridFlags(t)
	failing := strings.Replace(buildConfig(port, ""), `"sleep 60"]
    prep`, `"echo the password is hunter22; echo canary-output; exit 3"]
    prep`, 1)
	s := newScenario(t, configuration(shop, failing), flags...)
	output, code := s.apply().end()
	if code != 1 {
		t.Errorf("apply ended with %d, want 1", code)
	}
	s.wantText(output, "commands[2]", "ended with code 3", "canary-output", "was deleted", "nothing is billed")
	if servers := s.grid.servers(); len(servers) > 0 {
		t.Errorf("servers on the grid: %v, want none", servers)
	}
	if left := s.resources(); len(left) > 0 {
		t.Errorf("the state holds %+v", left)
	}

	s.configure(configuration(shop, strings.Replace(failing, `image = "centos6.2_64_base"`, `image = "centos6.2_64_base"
    keep_sandbox_on_failure = true`, 1)))
	output, _ = s.apply().end()
	s.wantText(output, "was kept", fmt.Sprintf("port %d as root", port), "0.38 USD an hour", "tainted")
	if servers := s.grid.servers(); len(servers) != 1 {
		t.Errorf("servers on the grid: %v, want the sandbox", servers)
	}
	s.configure(configuration(shop, buildConfig(port, "")))
	s.mustApply()
	s.mustBeBuilt()
}

// An image that fails its verification is moved to the trash, and no server
// remains.
func TestAccBuildNotVerified(t *testing.T) {
	t.Parallel()
	port, flags := buildGridFlags(t)
	s := newScenario(t, configuration(shop, strings.Replace(buildConfig(port, ""), `"test -s /srv/weight"`, `"grep nothing /srv/weight"`, 1)), flags...)
	output, code := s.apply().end()
	if code != 1 {
		t.Errorf("apply ended with %d, want 1", code)
	}
	s.wantText(output, "does not pass verify", "verify.commands[0]", "moved to the trash")
	if servers := s.grid.servers(); len(servers) > 0 {
		t.Errorf("servers on the grid: %v, want none", servers)
	}
	for _, image := range s.images() {
		if image.State == client.ImageAvailable {
			t.Errorf("an image that failed its verification is Available: %+v", image)
		}
	}
	if left := s.resources(); len(left) > 0 {
		t.Errorf("the state holds %+v", left)
	}
}
