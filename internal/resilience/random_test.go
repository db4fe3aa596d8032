// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seed determines which process TestAccKilledAtRandom kills, and when: go test
// ./internal/resilience -run Random -args -seed=7.
var seed = flag.Uint64("seed", 1, "`number` that the random kills are drawn from")

const (
	disturbedApplies = 6
	// maxCalls is roughly the number of calls in an apply of five servers. A kill
	// can happen before the first call and after any of these calls.
	maxCalls = 40
)

// generation returns a resource of servers whose names differ from other
// generations, so that an apply replaces the servers.
func generation(number, count int) (resources string, names []string) {
	for i := range count {
		names = append(names, fmt.Sprintf("g%d-%d", number, i))
	}
	return fmt.Sprintf(`resource "gogrid_server" "web" {
  count = %d
  name  = "g%d-${count.index}"
  image = "centos6.2_64_base"
  ram   = "512MB"
}`, count, number), names
}

func TestAccKilledAtRandom(t *testing.T) {
	t.Parallel()
	t.Logf("seed %d", *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	const count = 5
	current := 0
	resources, names := generation(current, count)
	s := newScenario(t, configuration(impatient, resources))
	taken := s.grid.takenAddresses()
	for range disturbedApplies {
		done := s.killDuringApply(random)
		s.mustHaveNoDuplicates()
		if done { // give the next apply changes to make
			current++
			resources, names = generation(current, count)
			s.configure(configuration(impatient, resources))
		}
	}
	s.mustApply()
	s.mustBeDone(names)

	s.must("destroy", "-auto-approve", "-input=false")
	if left := s.grid.servers(); len(left) > 0 {
		t.Errorf("destroy left %v", left)
	}
	if diff := cmp.Diff(taken, s.grid.takenAddresses()); diff != "" {
		t.Errorf("addresses in use (-before the first apply +after destroy):\n%s", diff)
	}
}

// killDuringApply runs an apply and kills a random process during it. It
// reports whether the apply succeeded despite the kill.
func (s *scenario) killDuringApply(random *rand.Rand) bool {
	s.t.Helper()
	victim := random.IntN(4)
	calls := random.IntN(maxCalls)
	before := s.grid.totalCalls()
	apply := s.apply()
	s.grid.waitFor(fmt.Sprintf("%d calls", calls), func() bool { return apply.hasEnded() || s.grid.totalCalls()-before >= calls })
	switch victim {
	case 0:
		s.t.Logf("after %d calls: kill the provider (there was one: %t)", calls, apply.killProvider())
	case 1:
		s.t.Logf("after %d calls: kill the engine", calls)
		apply.killEngine()
	case 2:
		s.t.Logf("after %d calls: kill the grid and restart it immediately", calls)
		s.grid.kill()
		s.grid.restart()
	default:
		s.t.Logf("after %d calls: kill the grid and restart it after the apply", calls)
		s.grid.kill()
		apply.end()
		s.grid.restart()
	}
	_, code := apply.end()
	s.t.Logf("the apply ended with %d", code)
	return code == 0
}

// takenAddresses returns the addresses in use and their holders.
func (g *grid) takenAddresses() map[string]string {
	g.t.Helper()
	taken := map[string]string{}
	for _, ip := range g.state().IPs {
		if ip.Holder != "" && !ip.Reserved {
			taken[ip.IP] = ip.Holder
		}
	}
	return taken
}

// mustHaveNoDuplicates checks that no server was created twice.
func (s *scenario) mustHaveNoDuplicates() {
	s.t.Helper()
	times := map[string]int{}
	once := map[string]int{}
	for _, name := range s.grid.servers() {
		times[name]++
		once[name] = 1
	}
	if diff := cmp.Diff(once, times); diff != "" {
		s.t.Fatalf("servers on the grid by name (-want +got):\n%s", diff)
	}
}
