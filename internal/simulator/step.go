// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// A stepped clock stands still while clients work and steps from one due moment to the next while they wait. Clients that work
// at the same time, such as the resources of one apply, then start their jobs at the same moment of the grid, however long the
// host takes to get from one to the other.
//
// The grid cannot see a client compute. It sees that a client waits: the client asks again what it was told since the last step.
// Time of the host enters only as the pause after which nothing new counts as nothing more to come.
const (
	// stepPause is how long nothing new must have happened before the clock steps, at least. It is several times what an engine
	// needs from one resource to the next.
	stepPause = 250 * time.Millisecond
	// stepGaps is how many times the longest gap between two new calls the pause lasts, at least: on a busy host clients need
	// longer from one call to the next.
	stepGaps = 2
	// longestPause limits what gaps make of the pause: a client that has paused by itself is not slow.
	longestPause = time.Second
	// stepRepeats is how often clients must have asked again what they know before the clock steps to what they ask about.
	stepRepeats = 2
	// guestPause replaces stepPause before a step to the end of a sleep in a guest, and replaces the repeats where a client waits
	// without calls, such as for a port to open. A guest runs programs under a time limit, which is a sleep like any other: a
	// program that the host is slow to run must not hit its limit.
	guestPause = time.Second
)

var errSteppedByHand = errors.New("a clock that is driven by hand cannot be stepped: it moves by advance only")

// steps is what a grid knows of its clients' waiting. It is guarded by the grid's lock, except for the channel and the group.
type steps struct {
	heard     map[string]bool  // calls since the last step
	passwords bool             // passwords are among them
	repeats   int              // how many calls in a row asked what clients knew
	stirred   time.Time        // when something new happened last, on the host's clock
	called    time.Time        // when the last new call since the last step came, on the host's clock
	gap       time.Duration    // the longest time between two new calls while something was due; older ones count less
	begun     time.Time        // when the wait for the next step began, on the host's clock; zero while nothing is due
	sleepers  map[*moment]bool // until when guests sleep
	stop      chan struct{}    // closed when the clock runs by itself again; nil while it does
	changed   chan struct{}    // there may be another step to take
	taker     *sync.WaitGroup
}

func newSteps() steps {
	return steps{heard: map[string]bool{}, sleepers: map[*moment]bool{}, changed: make(chan struct{}, 1), taker: &sync.WaitGroup{}}
}

// look makes the taker of steps look again.
func (s *steps) look() {
	select {
	case s.changed <- struct{}{}:
	default: // it will look anyway
	}
}

// stir notes that something new has happened: the clock must stand still for a while.
func (g *Grid) stir() { g.steps.repeats, g.steps.stirred = 0, g.host.Now() }

// newAnswers notes that calls may be answered otherwise from now on.
func (g *Grid) newAnswers() {
	clear(g.steps.heard)
	g.steps.passwords = false
	g.stir()
	g.steps.begun, g.steps.called = g.steps.stirred, time.Time{}
	g.steps.gap /= 2
}

// hear notes a call before it is answered. A call that changes something is always new.
func (g *Grid) hear(path string, values url.Values) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.clock.record.Stepped {
		return
	}
	asked := whatIsAsked(path, values)
	m := g.methods[path]
	if g.steps.heard[asked] && (m == nil || m.reads()) {
		g.steps.repeats++
	} else {
		g.steps.heard[asked] = true
		g.stir()
		if !g.steps.called.IsZero() && !g.steps.begun.IsZero() {
			g.steps.gap = max(g.steps.gap, g.steps.stirred.Sub(g.steps.called))
		}
		g.steps.called = g.steps.stirred
	}
	if strings.Contains(path, "password") {
		g.steps.passwords = true
	}
	g.steps.look()
}

// whatIsAsked is the same for two calls that differ in their signatures only.
func whatIsAsked(path string, values url.Values) string {
	var text strings.Builder
	text.WriteString(path)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != "sig" {
			text.WriteString("\n" + name + "=" + strings.Join(values[name], "\n="))
		}
	}
	return text.String()
}

// sleep notes that a guest waits for a moment, until the function that it returns is called.
func (g *Grid) sleep(until time.Time) (end func()) {
	at := momentOf(until.Add(time.Millisecond - time.Nanosecond)) // not before the time that is waited for
	g.mu.Lock()
	defer g.mu.Unlock()
	g.steps.sleepers[&at] = true
	g.stir()
	g.steps.look()
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.steps.sleepers, &at)
		g.stir()
		g.steps.look()
	}
}

// setStepped makes the clock a stepped one, or lets it run again.
func (g *Grid) setStepped(stepped bool) error {
	if g.options.HandDriven {
		return errSteppedByHand
	}
	err := g.moveClock(func() { g.clock.setStepped(stepped) })
	g.beginSteps()
	return err
}

// beginSteps takes steps for as long as the clock is a stepped one.
func (g *Grid) beginSteps() {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch stepped := g.clock.record.Stepped; {
	case stepped && g.steps.stop == nil && g.life.Err() == nil:
		g.steps.stop = make(chan struct{})
		g.stir()
		stop := g.steps.stop
		g.steps.taker.Go(func() { g.takeSteps(stop) })
	case !stepped && g.steps.stop != nil:
		close(g.steps.stop)
		g.steps.stop = nil
	}
}

func (g *Grid) takeSteps(stop <-chan struct{}) {
	for {
		taken, wait := g.tryStep()
		if taken {
			if err := g.store.sync(); err != nil && !errors.Is(err, errClosed) {
				g.log.Error("a step of the clock was not stored", "error", err)
			}
		}
		var over <-chan time.Time
		if wait > 0 {
			over = g.host.After(wait)
		}
		select {
		case <-over:
		case <-g.steps.changed:
		case <-stop:
			return
		case <-g.life.Done():
			return
		}
	}
}

// tryStep steps to the next moment that is due, if clients have waited long enough. Otherwise it returns how much longer they
// must wait; 0 means that time alone is not enough.
func (g *Grid) tryStep() (taken bool, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	next, found := g.nextStep()
	present := g.host.Now()
	if !found || !g.clock.record.Stepped {
		clear(g.steps.heard)
		g.steps.begun = time.Time{}
		return false, 0
	}
	if g.steps.begun.IsZero() {
		g.steps.begun = present
	}
	pause, enough := g.pauseBefore(next)
	if !enough {
		return false, 0
	}
	distance := float64(next.at.sub(g.clock.now())) / g.clock.record.Speed
	wait = max(g.steps.stirred.Add(pause).Sub(present), g.steps.begun.Add(time.Duration(min(distance, 1<<62))).Sub(present))
	if wait > 0 {
		return false, wait
	}
	g.change(func(moment) {
		g.clock.anchor(min(next.at, endOfTime))
		g.clockMoved()
	})
	g.steps.look()
	return true, 0
}

// nextMoment is the next moment that something is due at.
type nextMoment struct {
	at     moment
	work   bool // the platform's own work is due then
	boot   bool // a server's boot ends then
	guests bool // some guest boots or sleeps, until then or longer
}

// nextStep returns the next moment that something is due at, if there is any.
func (g *Grid) nextStep() (next nextMoment, found bool) {
	now := g.clock.now()
	note := func(at moment, work, boot bool) {
		switch {
		case at <= now:
			return
		case !found || at < next.at:
			next.at, next.work, next.boot, found = at, work, boot, true
		case at == next.at:
			next.work, next.boot = next.work || work, next.boot || boot
		}
	}
	for _, w := range g.due {
		if g.waitedFor(w, now) {
			note(w.at, w.kind != kindBoot, w.kind == kindBoot)
			next.guests = next.guests || w.kind == kindBoot
		}
	}
	for at := range g.steps.sleepers {
		note(*at, false, false)
		next.guests = true
	}
	return next, found
}

// waitedFor reports whether a client may wait for what is due. Plans of a server that has gone or was switched off are void.
// No client waits for a password without listing passwords.
func (g *Grid) waitedFor(w wake, now moment) bool {
	if w.kind != kindPassword && w.kind != kindBoot {
		return true
	}
	s, found := g.accounts[w.account].servers.get(w.id)
	switch {
	case !found:
		return false
	case w.kind == kindPassword:
		return g.steps.passwords
	default:
		return g.isUp(s, now) && g.reachable(s) == w.at
	}
}

// pauseBefore returns how long nothing new must have happened before a step; not enough means that clients must call first.
func (g *Grid) pauseBefore(next nextMoment) (pause time.Duration, enough bool) {
	pause = min(max(stepPause, stepGaps*g.steps.gap), longestPause)
	switch {
	case next.boot, next.work && g.steps.repeats >= stepRepeats:
		return pause, true
	case next.guests:
		return max(pause, guestPause), true
	default:
		return 0, false
	}
}
