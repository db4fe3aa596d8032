// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package resilience

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// soakVictim names the processes that a kill ends.
type soakVictim string

const (
	victimProvider soakVictim = "provider"
	victimEngine   soakVictim = "engine"
	victimBoth     soakVictim = "engine and provider"
	victimGrid     soakVictim = "grid" // restarted at once
	victimAll      soakVictim = "engine, provider and grid"
)

// soakKill is a kill during a command.
type soakKill struct {
	victim  soakVictim
	command string
	moment  soakMoment
}

func (k soakKill) String() string {
	return fmt.Sprintf("kill %s in %s when %s", k.victim, k.command, k.moment.name)
}

// drawKill draws a kill during the first apply of a configuration.
func drawKill(random *rand.Rand, parts soakParts, servers int) soakKill {
	return soakKill{drawVictim(random), "apply", randomElement(random, firstMoments(random, parts, servers))}
}

// drawLaterKill draws a kill during a command on existing objects.
func drawLaterKill(random *rand.Rand, command string) soakKill {
	return soakKill{drawVictim(random), command, randomElement(random, laterMoments(random))}
}

func drawVictim(random *rand.Rand) soakVictim {
	return randomElement(random, []soakVictim{
		victimProvider, victimProvider, victimProvider, victimEngine, victimEngine, victimEngine,
		victimBoth, victimBoth, victimGrid, victimGrid, victimAll,
	})
}

// randomElement returns a random element.
func randomElement[T any](random *rand.Rand, all []T) T { return all[random.IntN(len(all))] }

// soakMoment is a condition that triggers a kill.
type soakMoment struct {
	name string
	is   func(w *soakWorld, before soakBefore) bool
}

// soakBefore holds the counts at the start of a command.
type soakBefore struct {
	calls  map[string]int
	leases int
	pins   int
}

func (w *soakWorld) before() soakBefore {
	return soakBefore{w.grid.calls(), len(w.shareFiles(leaseFolder)), len(w.shareFiles(pinFolder))}
}

// since returns the number of calls that the grid has answered after before was
// recorded. It counts only the given methods, or all methods if none is given.
func (w *soakWorld) since(before soakBefore, methods ...string) int {
	w.t.Helper()
	count := 0
	for method, calls := range w.grid.calls() {
		if len(methods) == 0 || slices.Contains(methods, method) {
			count += calls - before.calls[method]
		}
	}
	return count
}

// afterCalls returns the moment after a number of API calls.
func afterCalls(count int) soakMoment {
	return soakMoment{fmt.Sprintf("%d calls were made", count), func(w *soakWorld, before soakBefore) bool {
		return w.since(before) >= count
	}}
}

// afterChanges returns the moment after a number of calls that change the grid.
func afterChanges(count int) soakMoment {
	return soakMoment{fmt.Sprintf("%d changes were requested", count), func(w *soakWorld, before soakBefore) bool {
		return w.since(before, "grid.server.add", "grid.server.edit", "grid.server.delete", "grid.server.power",
			"grid.image.save", "grid.image.edit", "grid.image.delete", "grid.image.restore") >= count
	}}
}

// creating returns the moment when at least count servers are being created.
func creating(count int) soakMoment {
	return soakMoment{fmt.Sprintf("%d servers are being created", count), func(w *soakWorld, _ soakBefore) bool {
		busy := 0
		for _, server := range w.grid.state().Servers {
			if server.Operation == "create" {
				busy++
			}
		}
		return busy >= count
	}}
}

// firstMoments returns the moments at which a kill can hit the first apply.
func firstMoments(random *rand.Rand, parts soakParts, servers int) []soakMoment {
	mostCalls := 20
	if parts.build {
		mostCalls = 60
	}
	all := []soakMoment{
		afterCalls(random.IntN(mostCalls)), afterCalls(random.IntN(mostCalls)),
		afterChanges(1 + random.IntN(servers)), creating(1 + random.IntN(servers)),
		{"a server was made", func(w *soakWorld, _ soakBefore) bool {
			return slices.ContainsFunc(w.grid.state().Servers, func(s simulator.ServerInfo) bool { return s.ID != 0 && !s.Sandbox })
		}},
	}
	if parts.addresses {
		count := 1 + random.IntN(servers)
		all = append(all, soakMoment{fmt.Sprintf("%d leases were written", count), func(w *soakWorld, before soakBefore) bool {
			return len(w.shareFiles(leaseFolder)) >= before.leases+count
		}})
	}
	if parts.build {
		for _, m := range buildPhases() {
			all = append(all, soakMoment{m.name, func(w *soakWorld, _ soakBefore) bool { return m.has(w.scenario) }})
		}
	}
	if parts.deploy {
		pins := 1 + random.IntN(servers)
		pinned := soakMoment{fmt.Sprintf("%d servers were pinned", pins), func(w *soakWorld, before soakBefore) bool {
			return len(w.shareFiles(pinFolder)) >= before.pins+pins
		}}
		all = append(all, pinned, pinned, pinned)
	}
	return all
}

// laterMoments returns the moments at which a kill can hit a command that
// changes existing objects.
func laterMoments(random *rand.Rand) []soakMoment {
	restarts := 1 + random.IntN(2)
	return []soakMoment{
		afterCalls(random.IntN(15)), afterChanges(1), afterChanges(1 + random.IntN(3)),
		{"a server is busy", func(w *soakWorld, _ soakBefore) bool {
			return slices.ContainsFunc(w.grid.state().Servers, func(s simulator.ServerInfo) bool { return s.Operation != "" })
		}},
		{fmt.Sprintf("a restart has begun or %d changes were requested", restarts), func(w *soakWorld, before soakBefore) bool {
			return w.openRestarts() > 0 || afterChanges(restarts).is(w, before)
		}},
	}
}

// killDuring kills processes during a command and waits until the command ends.
// It kills nothing if the command ends before the moment of the kill.
func (w *soakWorld) killDuring(kill soakKill, begun *run) {
	w.t.Helper()
	w.tally.applied()
	before := w.before()
	w.grid.waitFor(kill.moment.name, func() bool { return begun.hasEnded() || kill.moment.is(w, before) })
	if begun.hasEnded() {
		w.t.Logf("the command ended before %q, after %d calls", kill.moment.name, w.since(before))
		w.tally.missed()
	} else {
		w.kill(kill.victim, begun)
		w.tally.killed(kill.victim)
	}
	if output, code := begun.end(); code == 1 && kill.victim == victimGrid {
		w.mustAdvise(output)
	}
}

func (w *soakWorld) kill(victim soakVictim, begun *run) {
	w.t.Helper()
	switch victim {
	case victimProvider:
		begun.killProvider()
	case victimEngine:
		begun.killEngine()
	case victimBoth:
		begun.killBoth()
	case victimGrid:
		w.grid.kill()
		w.grid.restart()
	case victimAll:
		begun.killBoth()
		w.grid.kill()
		w.grid.restart()
	}
}

// killBoth kills the engine and its provider at the same time, as a power
// failure would.
func (r *run) killBoth() {
	r.t.Helper()
	providers := children(r.t, r.pid())
	_ = r.command.Process.Kill() // may have ended
	for _, pid := range providers {
		_ = syscall.Kill(pid, syscall.SIGKILL) // may have ended
	}
	<-r.ended
}
