// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

func TestAccInterruptedOnce(t *testing.T) {
	t.Parallel()
	s := newScenario(t, configuration(shop, webServers(3)))
	interrupted := s.apply()
	s.grid.awaitServers(3)
	waitFor(t, "the grid to answer all three calls", func() bool { return s.grid.calls()["grid.server.add"] == 3 })
	interrupted.interrupt()
	output, code := interrupted.endAtOnce()
	if code != 1 {
		t.Errorf("an interrupted apply ended with %d, want 1", code)
	}
	s.wantText(output, "Interrupted while creating server", "The next apply continues to wait for it")
	if kept := s.resources(); len(kept) != 3 {
		t.Errorf("the state has %d objects, want 3:\n%s", len(kept), output)
	}
	for _, r := range s.resources() {
		if r.Tainted {
			t.Errorf("%s is tainted", r.Address)
		}
	}

	output = s.mustApply()
	s.wantText(output, "Creation was interrupted", "Resources: 0 added, 3 changed, 0 destroyed.")
	s.mustBeDone(webNames(3))
}

func TestAccInterruptedWhileSavingAnImage(t *testing.T) {
	t.Parallel()
	s := newScenario(t, configuration(nameless, sandbox))
	s.mustApply()
	s.configure(configuration(nameless, sandbox+image))
	interrupted := s.apply()
	waitFor(t, "the answer to grid.image.save", func() bool { return s.grid.calls()["grid.image.save"] == 1 })
	interrupted.interrupt()
	output, code := interrupted.endAtOnce()
	if code != 1 {
		t.Errorf("an interrupted apply ended with %d, want 1", code)
	}
	s.wantText(output, "Interrupted while creating image")
	before := s.images()[0]

	s.wantText(s.mustApply(), "Saving was interrupted", "Resources: 0 added, 1 changed, 0 destroyed.")
	s.mustBeDone([]string{"build"})
	s.mustHaveOneImage(before)
}

// The response to grid.server.add is delayed. After the first Ctrl-C the
// provider waits for the response, and the second Ctrl-C arrives before the
// provider has saved anything.
func TestAccInterruptedTwice(t *testing.T) {
	t.Parallel()
	s := newScenario(t, configuration(shop, webServers(2)))
	s.grid.fault(simulator.Fault{
		Method: "grid.server.add", Kind: simulator.FaultDelay, When: simulator.FaultAfter, Times: 2, Delay: simulator.Duration(waitTimeout),
	})
	interrupted := s.apply()
	s.grid.awaitServers(2)
	interrupted.interrupt()
	interrupted.awaitPrinted("Interrupt received")
	interrupted.interrupt()
	output, code := interrupted.endAtOnce()
	if code != 1 {
		t.Errorf("an apply that was interrupted twice ended with %d, want 1", code)
	}
	s.wantText(output, "Two interrupts received")

	s.wantText(s.mustApply(), "Took over server")
	s.mustBeDone(webNames(2))
}
