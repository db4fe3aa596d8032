// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

const sandbox = `resource "gogrid_sandbox" "build" {
  name  = "build"
  image = "centos6.2_64_base"
}`

const image = `

resource "gogrid_mygsi_image" "web" {
  friendly_name = "web image"
  sandbox_id    = gogrid_sandbox.build.id
}`

func TestAccKilledProvider(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind      string
		resources string
		names     []string
	}{
		{kind: "server", resources: webServers(3), names: webNames(3)},
		{kind: "sandbox", resources: sandbox, names: []string{"build"}},
	} {
		t.Run(test.kind, func(t *testing.T) {
			t.Parallel()
			s := newScenario(t, configuration(shop, test.resources))
			interrupted := s.apply()
			s.grid.awaitServers(len(test.names))
			interrupted.mustLoseProvider()

			s.wantText(s.mustApply(), "Took over "+test.kind)
			s.mustBeDone(test.names)
			if made := s.grid.calls()["grid.server.add"]; made != len(test.names) {
				t.Errorf("%d calls of grid.server.add for %d servers", made, len(test.names))
			}
		})
	}
}

// Without a deployment name the provider does not know the owner of a server,
// so the user must decide whether to import the server.
func TestAccKilledProviderWithoutDeployment(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ kind, resources, address, name string }{
		{kind: "server", resources: webServers(1), address: "gogrid_server.web[0]", name: "web-0"},
		{kind: "sandbox", resources: sandbox, address: "gogrid_sandbox.build", name: "build"},
	} {
		t.Run(test.kind, func(t *testing.T) {
			t.Parallel()
			s := newScenario(t, configuration(nameless, test.resources))
			interrupted := s.apply()
			s.grid.awaitServers(1)
			interrupted.mustLoseProvider()

			output, code := s.apply().endAtOnce()
			if code != 1 {
				t.Errorf("an apply on a grid with a server of unknown origin ended with %d, want 1", code)
			}
			s.wantText(output, fmt.Sprintf("The grid already has %s %q", test.kind, test.name), "import it")
			s.grid.awaitFinished()
			id := fmt.Sprint(s.grid.state().Servers[0].ID)
			output, code = s.apply().end()
			if code != 1 {
				t.Errorf("an apply on a grid with a finished server of unknown origin ended with %d, want 1", code)
			}
			s.wantText(output, "(id "+id+")", fmt.Sprintf("terraform import gogrid_%s.NAME %s", test.kind, id))

			s.must("import", "-input=false", test.address, id)
			s.mustApply()
			s.mustBeDone([]string{test.name})
		})
	}
}

func TestAccKilledProviderWhileSavingAnImage(t *testing.T) {
	t.Parallel()
	s, before := killedImageSave(t, shop)
	s.wantText(s.mustApply(), "Took over image")
	s.mustBeDone([]string{"build"})
	s.mustHaveOneImage(before)
}

func TestAccKilledProviderWhileSavingAnImageWithoutDeployment(t *testing.T) {
	t.Parallel()
	s, before := killedImageSave(t, nameless)
	output, code := s.apply().endAtOnce()
	if code != 1 {
		t.Errorf("an apply on a grid with an image of unknown origin ended with %d, want 1", code)
	}
	s.wantText(output, fmt.Sprintf("terraform import gogrid_mygsi_image.NAME %d", before.ID))

	s.must("import", "-input=false", "gogrid_mygsi_image.web", fmt.Sprint(before.ID))
	s.mustApply()
	s.grid.awaitFinished()
	s.mustApply() // reads the attributes of the saved image into the state
	s.mustBeDone([]string{"build"})
	s.mustHaveOneImage(before)
}

// killedImageSave kills the provider while the provider saves an image. It
// returns the image on the grid.
func killedImageSave(t *testing.T, provider string) (*scenario, simulator.ImageInfo) {
	t.Helper()
	s := newScenario(t, configuration(provider, sandbox))
	s.mustApply()
	s.configure(configuration(provider, sandbox+image))
	interrupted := s.apply()
	waitFor(t, "an image on the grid", func() bool { return len(s.images()) == 1 })
	interrupted.mustLoseProvider()
	return s, s.images()[0]
}

// images returns the account's own images.
func (s *scenario) images() []simulator.ImageInfo {
	s.t.Helper()
	var own []simulator.ImageInfo
	for _, image := range s.grid.state().Images {
		if image.Account > 0 {
			own = append(own, image)
		}
	}
	return own
}

func (s *scenario) mustHaveOneImage(want simulator.ImageInfo) {
	s.t.Helper()
	if own := s.images(); len(own) != 1 || own[0].ID != want.ID || own[0].State != "Available" {
		s.t.Errorf("images on the grid: %+v, want only %d, Available", own, want.ID)
	}
	for _, r := range s.resources() {
		if r.Type == "gogrid_mygsi_image" && r.Values.ID != fmt.Sprint(want.ID) {
			s.t.Errorf("the state has image %s, want %d", r.Values.ID, want.ID)
		}
	}
}

// mustLoseProvider kills the provider and waits until the engine ends.
func (r *run) mustLoseProvider() {
	r.t.Helper()
	if !r.killProvider() {
		r.t.Fatalf("there was no provider process to kill:\n%s", r.printed)
	}
	output, code := r.endAtOnce()
	if code != 1 || !strings.Contains(output, "Plugin did not respond") && !strings.Contains(output, "Request cancelled") {
		r.t.Fatalf("the engine of a killed provider ended with %d:\n%s", code, output)
	}
}

func TestAccKilledEngine(t *testing.T) {
	t.Parallel()
	s := newScenario(t, configuration(shop, webServers(3)))
	interrupted := s.apply()
	s.grid.awaitServers(3)
	if len(children(t, interrupted.pid())) == 0 {
		t.Fatal("there was no provider process")
	}
	interrupted.killEngine()

	s.mustApply()
	s.mustBeDone(webNames(3))
	if made := s.grid.calls()["grid.server.add"]; made != 3 {
		t.Errorf("%d calls of grid.server.add for 3 servers", made)
	}
}

// If OpenTofu is killed, even finished servers can be missing from its state.
// The test removes the state to get the same situation with Terraform.
func TestAccLostState(t *testing.T) {
	t.Parallel()
	s := newScenario(t, configuration(shop, webServers(3)+"\n\n"+sandbox+image))
	s.mustApply()
	before := s.images()[0]
	s.loseState()

	s.wantText(s.mustApply(), "Took over server", "Took over sandbox", "Took over image")
	s.mustBeDone(append([]string{"build"}, webNames(3)...))
	s.mustHaveOneImage(before)
	if made := s.grid.calls()["grid.server.add"]; made != 4 {
		t.Errorf("%d calls of grid.server.add for 4 servers", made)
	}
}
