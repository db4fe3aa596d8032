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

// soakVictim is what a kill ends.
type soakVictim string

const (
	victimProvider soakVictim = "provider"
	victimEngine   soakVictim = "engine"
	victimBoth     soakVictim = "engine and provider"
	victimGrid     soakVictim = "grid" // it comes back at once
	victimAll      soakVictim = "engine, provider and grid"
)

// soakKill is a kill in the middle of a command.
type soakKill struct {
	victim  soakVictim
	command string
	moment  soakMoment
}

func (k soakKill) String() string {
	return fmt.Sprintf("kill %s in %s when %s", k.victim, k.command, k.moment.name)
}

func drawKill(random *rand.Rand, parts soakParts, command string, atOnce int) soakKill {
	victims := []soakVictim{
		victimProvider, victimProvider, victimProvider, victimEngine, victimEngine, victimEngine,
		victimBoth, victimBoth, victimGrid, victimGrid, victimAll,
	}
	k := soakKill{victim: victims[random.IntN(len(victims))], command: command}
	all := soakMoments(random, parts, atOnce)
	if command == "destroy" {
		all = soakDestroyMoments(random)
	}
	k.moment = all[random.IntN(len(all))]
	return k
}

// soakMoment is when something is killed.
type soakMoment struct {
	name string
	is   func(w *soakWorld, before soakBefore) bool
}

// soakBefore is what was there before the command began.
type soakBefore struct{ calls, restarts, leases, pins int }

func (w *soakWorld) before() soakBefore {
	calls := w.grid.calls()
	total := 0
	for _, count := range calls {
		total += count
	}
	return soakBefore{total, calls["grid.server.power"], len(w.shareFiles("leases")), len(w.shareFiles("servers"))}
}

// afterCalls is the moment after some calls of the API.
func afterCalls(count int) soakMoment {
	return soakMoment{fmt.Sprintf("%d calls were made", count), func(w *soakWorld, before soakBefore) bool {
		return w.grid.total()-before.calls >= count
	}}
}

// during is the moment when so many servers are in the middle of an operation.
func during(operation string, count int) soakMoment {
	return soakMoment{fmt.Sprintf("%d servers are in the middle of a %s", count, operation), func(w *soakWorld, _ soakBefore) bool {
		busy := 0
		for _, server := range w.grid.state().Servers {
			if server.Operation == operation {
				busy++
			}
		}
		return busy >= count
	}}
}

// soakMoments are moments of an apply that creates at most so many servers at
// once.
func soakMoments(random *rand.Rand, parts soakParts, atOnce int) []soakMoment {
	mostCalls := 30
	if parts.build {
		mostCalls = 120
	}
	all := []soakMoment{
		afterCalls(random.IntN(mostCalls)), afterCalls(random.IntN(mostCalls)),
		during("create", 1+random.IntN(atOnce)), during("create", 1+random.IntN(atOnce)),
		{"a server was made", func(w *soakWorld, _ soakBefore) bool {
			return slices.ContainsFunc(w.grid.state().Servers, func(s simulator.ServerInfo) bool { return s.ID != 0 && !s.Sandbox })
		}},
	}
	if parts.addresses {
		count := 1 + random.IntN(atOnce)
		all = append(all, soakMoment{fmt.Sprintf("%d leases were written", count), func(w *soakWorld, before soakBefore) bool {
			return len(w.shareFiles("leases")) >= before.leases+count
		}})
	}
	if parts.build {
		for _, m := range moments() {
			all = append(all, soakMoment{m.name, func(w *soakWorld, _ soakBefore) bool { return m.has(w.story) }})
		}
	}
	if parts.deploy {
		restarts := 1 + random.IntN(2)
		all = append(
			all,
			soakMoment{"a server was pinned", func(w *soakWorld, before soakBefore) bool { return len(w.shareFiles("servers")) > before.pins }},
			soakMoment{"a turn has begun", func(w *soakWorld, _ soakBefore) bool { return w.openTurns() > 0 }},
			soakMoment{fmt.Sprintf("%d restarts were sent", restarts), func(w *soakWorld, before soakBefore) bool {
				return w.grid.calls()["grid.server.power"] >= before.restarts+restarts
			}},
			during("edit", 1),
		)
	}
	return all
}

// soakDestroyMoments are moments of a destroy.
func soakDestroyMoments(random *rand.Rand) []soakMoment {
	return []soakMoment{afterCalls(random.IntN(20)), afterCalls(random.IntN(20)), during("delete", 1), during("delete", 1)}
}

// disturb kills something in the middle of a command, unless the command ends
// before that moment, and waits for the end of the command.
func (w *soakWorld) disturb(kill soakKill, begun *run) {
	w.t.Helper()
	w.tally.applied()
	before := w.before()
	w.grid.await(kill.moment.name, func() bool { return begun.over() || kill.moment.is(w, before) })
	if begun.over() {
		w.t.Logf("the command ended before this: %s", kill.moment.name)
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

// killBoth kills the engine and its provider at the same time, as a machine
// that loses its power does.
func (r *run) killBoth() {
	r.t.Helper()
	providers := children(r.t, r.pid())
	r.killed = r.command.Process.Kill() == nil // it may have ended
	for _, pid := range providers {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
	<-r.ended
}
