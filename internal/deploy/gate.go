// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Gates let the servers of each group through a few at a time. The zero value
// is ready for use; it belongs to one process.
type Gates struct {
	mu    sync.Mutex
	gates map[string]*gate
}

// gate is that of one group.
type gate struct {
	// turnstile is held by who may be the next inside: one at a time looks
	// whether the others are up.
	entry chan struct{}

	mu       sync.Mutex
	admitted map[string]bool
	stopped  *StoppedError
	left     chan struct{} // closed when somebody leaves
	// waited is true when somebody has waited in vain since one entered last.
	timedOut bool
	// seen are the servers that did not answer when they were looked at last.
	unavailable map[string]error
	checkedAt   time.Time
}

func (g *Gates) of(group string) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gates == nil {
		g.gates = map[string]*gate{}
	}
	if g.gates[group] == nil {
		g.gates[group] = &gate{entry: make(chan struct{}, 1), admitted: map[string]bool{}, left: make(chan struct{})}
	}
	return g.gates[group]
}

// StoppedError says that a server is left as it is, because another one of its
// group has failed.
type StoppedError struct {
	Group, Server string
	Err           error
}

func (e *StoppedError) Error() string {
	return fmt.Sprintf("the deploy of the group %q has stopped, because server %q failed: %v", e.Group, e.Server, e.Err)
}

// Unwrap gives access to what stopped it.
func (e *StoppedError) Unwrap() error { return e.Err }

// AwayError says that a server was not restarted, because too many of its group
// do not answer as it is.
type UnavailableError struct {
	Group string
	// Away are those that do not answer, with what was seen of each.
	Unavailable map[string]error
	Limit       int
}

func (e *UnavailableError) Error() string {
	const most = 10
	var unavailable []string
	for _, name := range slices.Sorted(maps.Keys(e.Unavailable)) {
		unavailable = append(unavailable, fmt.Sprintf("%s (%v)", name, e.Unavailable[name]))
	}
	rest := ""
	if len(unavailable) > most {
		unavailable, rest = unavailable[:most], fmt.Sprintf(" and %d more", len(unavailable)-most)
	}
	return fmt.Sprintf("of the group %q at most %d may be away at a time, and without this server's restart these are: %s%s", e.Group, e.Limit, strings.Join(unavailable, ", "), rest)
}

// watch tells which servers of a group do not answer, and what was seen of
// them.
type checkFunc func(ctx context.Context) (map[string]error, error)

// enter waits until a server may be restarted, and returns how it leaves: with
// what became of it. An error stops the group.
//
// A server that does not answer itself waits for no other: its restart takes
// nothing from anybody, and may be what repairs the group. The wait for others
// to come up again lasts as long as somebody is inside, and then for the time
// that a server has to become healthy. Nobody waits for a server that has not
// come to the gate: who waits holds one of the engine's slots, and there may be
// fewer slots than servers. For the same reason those who come after one that
// has waited in vain only look, or each slotful of a large group would wait for
// as long again.
func (g *gate) enter(ctx context.Context, d *Deployer, name string, spec Spec, others checkFunc) (func(error), error) {
	idleSince := d.Clock.Now()
	for {
		left, busy, timedOut := g.state()
		if busy {
			idleSince = d.Clock.Now()
		}
		unavailable, err := g.tryAdmit(ctx, d, name, spec, others)
		switch {
		case err != nil:
			return nil, err
		case unavailable == nil:
			return func(err error) { g.leave(name, spec.Group, err) }, nil
		case !busy && (timedOut || d.Clock.Since(idleSince) >= spec.Health.Timeout):
			g.noteTimeout()
			return nil, &UnavailableError{spec.Group, unavailable, spec.Limit}
		}
		if err := d.pause(ctx, left); err != nil {
			return nil, err
		}
	}
}

// now tells whether anybody is inside, what is closed when one leaves, and
// whether somebody has waited in vain.
func (g *gate) state() (left <-chan struct{}, busy, timedOut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.left, len(g.admitted) > 0, g.timedOut
}

// giveUp notes that somebody has waited in vain, unless one has entered since.
func (g *gate) noteTimeout() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.timedOut = len(g.admitted) == 0
}

// try lets a server in, or tells who is in its way.
func (g *gate) tryAdmit(ctx context.Context, d *Deployer, name string, spec Spec, others checkFunc) (map[string]error, error) {
	select {
	case g.entry <- struct{}{}:
		defer func() { <-g.entry }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	admitted, err := g.checkRoom(spec.Limit)
	if err != nil || admitted != nil {
		return admitted, err
	}
	unavailable, err := g.checkOthers(ctx, d, others)
	if err != nil && ctx.Err() == nil {
		g.stop(name, spec.Group, err) // nor could anybody else look
	}
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped != nil { // while the others were looked at
		return nil, g.stopped
	}
	_, self := unavailable[name]
	g.addAdmitted(unavailable)
	if !self && len(unavailable) >= spec.Limit {
		return unavailable, nil
	}
	g.admitted[name], g.timedOut = true, false
	return nil, nil
}

// errBeingRestarted is what is seen of a server that is inside.
var errBeingRestarted = errors.New("it is being restarted")

// occupied names who is inside if there is no room for another, and tells
// whether the group has stopped.
func (g *gate) checkRoom(limit int) (map[string]error, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.stopped != nil:
		return nil, g.stopped
	case len(g.admitted) < limit:
		return nil, nil
	}
	admitted := map[string]error{}
	g.addAdmitted(admitted)
	return admitted, nil
}

// addInside adds who is inside to those that are away; the lock is held.
func (g *gate) addAdmitted(unavailable map[string]error) {
	for name := range g.admitted {
		unavailable[name] = errBeingRestarted
	}
}

// missing are the servers that do not answer. Many ask in a row, so what was
// seen a moment ago holds until somebody leaves. The turnstile is held.
func (g *gate) checkOthers(ctx context.Context, d *Deployer, others checkFunc) (map[string]error, error) {
	g.mu.Lock()
	unavailable, checkedAt := g.unavailable, g.checkedAt
	g.mu.Unlock()
	if unavailable == nil || d.Clock.Since(checkedAt) >= d.Interval {
		var err error
		if unavailable, err = others(ctx); err != nil {
			return nil, err
		}
		g.mu.Lock()
		g.unavailable, g.checkedAt = unavailable, d.Clock.Now()
		g.mu.Unlock()
	}
	return maps.Clone(unavailable), nil
}

func (g *gate) leave(name, group string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.admitted, name)
	g.unavailable = nil
	g.stopLocked(name, group, err)
	close(g.left)
	g.left = make(chan struct{})
}

// stop lets nobody enter any more.
func (g *gate) stop(name, group string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopLocked(name, group, err)
}

// stopFor is stop for who holds the lock, if there is an error.
func (g *gate) stopLocked(name, group string, err error) {
	if err != nil && g.stopped == nil {
		g.stopped = &StoppedError{group, name, err}
	}
}

// pause waits for a while, or until a channel is closed.
func (d *Deployer) pause(ctx context.Context, until <-chan struct{}) error {
	timer := d.Clock.NewTimer(max(d.Interval, time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.Chan():
		return nil
	case <-until:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
