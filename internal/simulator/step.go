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

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
)

// A stepped clock stands still while clients work. When all clients wait, it
// steps to the moment of the next event. Clients that work at the same time,
// such as the resources of one apply, then start their jobs at the same grid
// time. The result does not depend on the speed of the host.
//
// The grid cannot know whether a client is busy. A client counts as waiting if it repeats a call that it has made since the last
// step. Host time matters only for the pause: if no new call arrives during the pause, the grid assumes that none will arrive.
const (
	// stepPause is the minimum time without new calls before the clock steps. It
	// is several times as long as the time that Terraform needs between two
	// resources.
	stepPause = 250 * time.Millisecond
	// stepGaps is the minimum length of the pause as a multiple of the longest gap between two new calls. On a busy host the gaps
	// are longer.
	stepGaps = 2
	// longestPause is the maximum length of the pause. A longer gap may come from
	// a client that waits on purpose, not from a slow host.
	longestPause = time.Second
	// stepRepeats is the number of consecutive repeated calls that must arrive
	// before the clock steps to an event of the platform, such as the end of a
	// job.
	stepRepeats = 2
	// guestPause replaces stepPause before a step to the end of a sleep in a
	// guest. If a client waits without calls, for example for a port to open,
	// guestPause also replaces the repeated calls. The time limit of a program in
	// a guest counts as a sleep. The longer pause keeps a program that is slow on
	// a busy host from reaching that limit.
	guestPause = time.Second
)

var errSteppedByHand = errors.New("a clock that is driven by hand cannot be stepped; only advance moves it")

// steps records whether the grid's clients wait. The grid's mu guards it, except for the channels and the wait group.
type steps struct {
	seen         map[string]bool  // calls since the last step
	passwords    bool             // seen contains a list of passwords
	repeats      int              // number of consecutive repeated calls
	lastActivity time.Time        // host time of the last activity
	lastNewCall  time.Time        // host time of the last new call; zero if there was none since the last step
	gap          time.Duration    // longest time between two new calls while an event was due; each step halves it
	waitingSince time.Time        // host time at which the wait for the next step began; zero while no event is due
	sleeps       map[*moment]bool // ends of sleeps in guests
	stop         chan struct{}    // closed to end takeSteps; nil while takeSteps does not run
	changed      chan struct{}    // makes takeSteps check whether a step is due
	running      *sync.WaitGroup
}

func newSteps() steps {
	return steps{seen: map[string]bool{}, sleeps: map[*moment]bool{}, changed: make(chan struct{}, 1), running: &sync.WaitGroup{}}
}

// recheck makes takeSteps check again whether a step is due.
func (s *steps) recheck() {
	select {
	case s.changed <- struct{}{}:
	default: // a check is pending already
	}
}

// noteActivity records that a client or guest is active, so that the clock stands still for another pause. It must be called with mu
// held.
func (g *Grid) noteActivity() { g.steps.repeats, g.steps.lastActivity = 0, g.host.Now() }

// answersChanged records that the responses to calls may have changed. A
// repetition of an earlier call then counts as a new call. It must be called
// with mu held.
func (g *Grid) answersChanged() {
	clear(g.steps.seen)
	g.steps.passwords = false
	g.noteActivity()
	g.steps.waitingSince, g.steps.lastNewCall = g.steps.lastActivity, time.Time{}
	g.steps.gap /= 2
}

// recordCall records a call before the grid answers it. A call that changes
// something always counts as new.
func (g *Grid) recordCall(path string, values url.Values) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.clock.record.Stepped {
		return
	}
	key := callKey(path, values)
	m := g.methods[path]
	if g.steps.seen[key] && (m == nil || m.reads()) {
		g.steps.repeats++
	} else {
		g.steps.seen[key] = true
		g.noteActivity()
		if !g.steps.lastNewCall.IsZero() && !g.steps.waitingSince.IsZero() {
			g.steps.gap = max(g.steps.gap, g.steps.lastActivity.Sub(g.steps.lastNewCall))
		}
		g.steps.lastNewCall = g.steps.lastActivity
	}
	if strings.Contains(path, "password") {
		g.steps.passwords = true
	}
	g.steps.recheck()
}

// callKey returns the path and parameters of a call without the signature.
func callKey(path string, values url.Values) string {
	var text strings.Builder
	text.WriteString(path)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != "sig" {
			text.WriteString("\n" + name + "=" + strings.Join(values[name], "\n="))
		}
	}
	return text.String()
}

// trackSleep records that a guest sleeps until a time. The caller must call end
// after the sleep.
func (g *Grid) trackSleep(until time.Time) (end func()) {
	at := momentOf(until.Add(time.Millisecond - time.Nanosecond)) // rounded up to a millisecond, so that the sleep has ended at that moment
	g.mu.Lock()
	defer g.mu.Unlock()
	g.steps.sleeps[&at] = true
	g.noteActivity()
	g.steps.recheck()
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.steps.sleeps, &at)
		g.noteActivity()
		g.steps.recheck()
	}
}

// setStepped switches the stepping of the clock on or off.
func (g *Grid) setStepped(stepped bool) error {
	if g.options.HandDriven {
		return errSteppedByHand
	}
	err := g.moveClock(func() { g.clock.setStepped(stepped) })
	g.updateStepping()
	return err
}

// updateStepping starts the goroutine that takes steps if the clock is stepped, and stops it otherwise.
func (g *Grid) updateStepping() {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch stepped := g.clock.record.Stepped; {
	case stepped && g.steps.stop == nil && g.ctx.Err() == nil:
		g.steps.stop = make(chan struct{})
		g.noteActivity()
		stop := g.steps.stop
		g.steps.running.Go(func() { g.takeSteps(stop) })
	case !stepped && g.steps.stop != nil:
		close(g.steps.stop)
		g.steps.stop = nil
	}
}

func (g *Grid) takeSteps(stop <-chan struct{}) {
	for {
		taken, wait := g.tryStep()
		if taken {
			if err := g.store.Sync(); err != nil && !errors.Is(err, store.ErrClosed) {
				g.log.Error("storing a step of the clock failed", "error", err)
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
		case <-g.ctx.Done():
			return
		}
	}
}

// tryStep steps to the next event if clients have waited long enough. Otherwise it returns the remaining pause. A pause of 0 means
// that no event is due, or that clients must first repeat calls.
func (g *Grid) tryStep() (taken bool, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	next, found := g.nextStep()
	current := g.host.Now()
	if !found || !g.clock.record.Stepped {
		clear(g.steps.seen)
		g.steps.waitingSince = time.Time{}
		return false, 0
	}
	if g.steps.waitingSince.IsZero() {
		g.steps.waitingSince = current
	}
	pause, enough := g.pauseBefore(next)
	if !enough {
		return false, 0
	}
	distance := float64(next.at.sub(g.clock.now())) / g.clock.record.Speed
	wait = max(g.steps.lastActivity.Add(pause).Sub(current), g.steps.waitingSince.Add(time.Duration(min(distance, 1<<62))).Sub(current))
	if wait > 0 {
		return false, wait
	}
	g.change(func(moment) {
		g.clock.anchor(min(next.at, endOfTime))
		g.clockMoved()
	})
	g.steps.recheck()
	return true, 0
}

// nextMoment describes the moment of the next event.
type nextMoment struct {
	at     moment
	work   bool // an event of the platform is due at that moment
	boot   bool // a server's boot ends at that moment
	guests bool // a guest boots or sleeps, until that moment or longer
}

// nextStep returns the moment of the next event for which a client may wait. It
// also reports whether there is such an event.
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
		if g.mayBeAwaited(w, now) {
			note(w.at, w.kind != kindBoot, w.kind == kindBoot)
			next.guests = next.guests || w.kind == kindBoot
		}
	}
	for at := range g.steps.sleeps {
		note(*at, false, false)
		next.guests = true
	}
	return next, found
}

// mayBeAwaited reports whether a client may wait for an event. No client waits
// for an event of a server that is deleted or off. A client waits for a
// password only if it lists passwords.
func (g *Grid) mayBeAwaited(w event, now moment) bool {
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
		return g.isUp(s, now) && g.answersAt(s) == w.at
	}
}

// pauseBefore returns how long clients and guests must be inactive before a step. If enough is false, clients must first repeat
// calls.
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
