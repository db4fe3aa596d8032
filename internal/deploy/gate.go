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
	turnstile chan struct{}

	mu      sync.Mutex
	inside  map[string]bool
	stopped *StoppedError
	moved   chan struct{} // closed when somebody leaves
	// waited is true when somebody has waited in vain since one entered last.
	waited bool
	// seen are the servers that did not answer when they were looked at last.
	seen   map[string]error
	seenAt time.Time
}

func (g *Gates) of(group string) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gates == nil {
		g.gates = map[string]*gate{}
	}
	if g.gates[group] == nil {
		g.gates[group] = &gate{turnstile: make(chan struct{}, 1), inside: map[string]bool{}, moved: make(chan struct{})}
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
type AwayError struct {
	Group string
	// Away are those that do not answer, with what was seen of each.
	Away  map[string]error
	Limit int
}

func (e *AwayError) Error() string {
	const most = 10
	var away []string
	for _, name := range slices.Sorted(maps.Keys(e.Away)) {
		away = append(away, fmt.Sprintf("%s (%v)", name, e.Away[name]))
	}
	more := ""
	if len(away) > most {
		away, more = away[:most], fmt.Sprintf(" and %d more", len(away)-most)
	}
	return fmt.Sprintf("of the group %q at most %d may be away at a time, and without this server's restart these are: %s%s", e.Group, e.Limit, strings.Join(away, ", "), more)
}

// watch tells which servers of a group do not answer, and what was seen of
// them.
type watch func(ctx context.Context) (map[string]error, error)

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
func (g *gate) enter(ctx context.Context, d *Deployer, name string, order Order, others watch) (func(error), error) {
	idle := d.Clock.Now()
	for {
		moved, busy, waited := g.now()
		if busy {
			idle = d.Clock.Now()
		}
		away, err := g.try(ctx, d, name, order, others)
		switch {
		case err != nil:
			return nil, err
		case away == nil:
			return func(err error) { g.leave(name, order.Group, err) }, nil
		case !busy && (waited || d.Clock.Since(idle) >= order.Health.Timeout):
			g.giveUp()
			return nil, &AwayError{order.Group, away, order.Limit}
		}
		if err := d.pause(ctx, moved); err != nil {
			return nil, err
		}
	}
}

// now tells whether anybody is inside, what is closed when one leaves, and
// whether somebody has waited in vain.
func (g *gate) now() (moved <-chan struct{}, busy, waited bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.moved, len(g.inside) > 0, g.waited
}

// giveUp notes that somebody has waited in vain, unless one has entered since.
func (g *gate) giveUp() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waited = len(g.inside) == 0
}

// try lets a server in, or tells who is in its way.
func (g *gate) try(ctx context.Context, d *Deployer, name string, order Order, others watch) (map[string]error, error) {
	select {
	case g.turnstile <- struct{}{}:
		defer func() { <-g.turnstile }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	inside, err := g.occupied(order.Limit)
	if err != nil || inside != nil {
		return inside, err
	}
	away, err := g.missing(ctx, d, others)
	if err != nil && ctx.Err() == nil {
		g.stop(name, order.Group, err) // nor could anybody else look
	}
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped != nil { // while the others were looked at
		return nil, g.stopped
	}
	_, self := away[name]
	g.addInside(away)
	if !self && len(away) >= order.Limit {
		return away, nil
	}
	g.inside[name], g.waited = true, false
	return nil, nil
}

// errBeingRestarted is what is seen of a server that is inside.
var errBeingRestarted = errors.New("it is being restarted")

// occupied names who is inside if there is no room for another, and tells
// whether the group has stopped.
func (g *gate) occupied(limit int) (map[string]error, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.stopped != nil:
		return nil, g.stopped
	case len(g.inside) < limit:
		return nil, nil
	}
	inside := map[string]error{}
	g.addInside(inside)
	return inside, nil
}

// addInside adds who is inside to those that are away; the lock is held.
func (g *gate) addInside(away map[string]error) {
	for name := range g.inside {
		away[name] = errBeingRestarted
	}
}

// missing are the servers that do not answer. Many ask in a row, so what was
// seen a moment ago holds until somebody leaves. The turnstile is held.
func (g *gate) missing(ctx context.Context, d *Deployer, others watch) (map[string]error, error) {
	g.mu.Lock()
	seen, at := g.seen, g.seenAt
	g.mu.Unlock()
	if seen == nil || d.Clock.Since(at) >= d.Interval {
		var err error
		if seen, err = others(ctx); err != nil {
			return nil, err
		}
		g.mu.Lock()
		g.seen, g.seenAt = seen, d.Clock.Now()
		g.mu.Unlock()
	}
	return maps.Clone(seen), nil
}

func (g *gate) leave(name, group string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.inside, name)
	g.seen = nil
	g.stopFor(name, group, err)
	close(g.moved)
	g.moved = make(chan struct{})
}

// stop lets nobody enter any more.
func (g *gate) stop(name, group string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopFor(name, group, err)
}

// stopFor is stop for who holds the lock, if there is an error.
func (g *gate) stopFor(name, group string, err error) {
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
