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

// Gates holds one gate per group. A gate limits how many servers of the group
// restart at a time. The zero value is ready to use. All deployers of a process
// must share one Gates.
type Gates struct {
	mu    sync.Mutex
	gates map[string]*gate
}

// gate admits the servers of one group.
type gate struct {
	// entry is a semaphore. Only the caller that holds it may check the other
	// servers and be admitted.
	entry chan struct{}

	mu       sync.Mutex
	admitted map[string]bool
	stopped  *StoppedError
	left     chan struct{} // closed when a server leaves
	// timedOut is true if the wait of a server has timed out since the last
	// admission.
	timedOut bool
	// unavailable is the result of the last check, made at checkedAt; nil if a
	// server has left since then.
	unavailable map[string]error
	checkedAt   time.Time
}

// of returns the gate of a group.
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

// StoppedError reports that a server was not restarted because another server
// of its group has failed.
type StoppedError struct {
	Group, Server string
	Err           error
}

func (e *StoppedError) Error() string {
	return fmt.Sprintf("the deploy of the group %q has stopped, because server %q failed: %v", e.Group, e.Server, e.Err)
}

// Unwrap returns the failure of the other server.
func (e *StoppedError) Unwrap() error { return e.Err }

// UnavailableError reports that a server was not restarted because too many
// servers of its group are already unavailable.
type UnavailableError struct {
	Group string
	// Unavailable holds the problem of each unavailable server, by name.
	Unavailable map[string]error
	Limit       int
}

func (e *UnavailableError) Error() string {
	const maxNames = 10
	var unavailable []string
	for _, name := range slices.Sorted(maps.Keys(e.Unavailable)) {
		unavailable = append(unavailable, fmt.Sprintf("%s (%v)", name, e.Unavailable[name]))
	}
	rest := ""
	if len(unavailable) > maxNames {
		unavailable, rest = unavailable[:maxNames], fmt.Sprintf(" and %d more", len(unavailable)-maxNames)
	}
	return fmt.Sprintf("at most %d of the servers in group %q may be unavailable at a time, and these are already unavailable: %s%s", e.Limit, e.Group, strings.Join(unavailable, ", "), rest)
}

// checkFunc returns the unavailable servers of a group, each with its problem.
type checkFunc func(ctx context.Context) (map[string]error, error)

// enter waits until a server may be restarted. The caller must call the returned
// function with the result of the restart; a non-nil result stops the group.
//
// A server that is already unavailable does not wait for others, because its
// restart takes no server out of service and may repair the group.
//
// The wait continues while any server is admitted, and then for the time limit
// of the health check. A server never waits for a server that has not called
// enter: waiting servers occupy Terraform's parallelism slots, and there may be
// fewer slots than servers. For the same reason a server that arrives after a
// timeout checks the group only once. Otherwise each batch of a large group
// would wait for the full time limit again.
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

// state returns a channel that is closed when a server leaves. It also reports
// whether any server is admitted and whether a wait has timed out.
func (g *gate) state() (left <-chan struct{}, busy, timedOut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.left, len(g.admitted) > 0, g.timedOut
}

// noteTimeout records that a wait has timed out. It does nothing if a server was
// admitted in the meantime.
func (g *gate) noteTimeout() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.timedOut = len(g.admitted) == 0
}

// tryAdmit admits a server and returns nil, or returns the unavailable servers
// for which the server must wait.
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
		g.stop(name, spec.Group, err) // the check would also fail for the other servers
	}
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped != nil { // during the check
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

// errBeingRestarted is the problem of an admitted server.
var errBeingRestarted = errors.New("being restarted")

// checkRoom returns the admitted servers if their number has reached the limit.
// The error is a *StoppedError if the group has stopped.
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

// addAdmitted adds the admitted servers to unavailable. It must be called with mu
// held.
func (g *gate) addAdmitted(unavailable map[string]error) {
	for name := range g.admitted {
		unavailable[name] = errBeingRestarted
	}
}

// checkOthers returns the unavailable servers. Many servers check in quick
// succession, so a result is reused for d.Interval or until a server leaves.
// checkOthers must be called with entry held.
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

// leave removes a server from the admitted servers. A non-nil err stops the
// gate.
func (g *gate) leave(name, group string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.admitted, name)
	g.unavailable = nil
	g.stopLocked(name, group, err)
	close(g.left)
	g.left = make(chan struct{})
}

// stop prevents the gate from admitting any more servers.
func (g *gate) stop(name, group string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopLocked(name, group, err)
}

// stopLocked stops the gate if err is not nil. It must be called with mu held.
func (g *gate) stopLocked(name, group string, err error) {
	if err != nil && g.stopped == nil {
		g.stopped = &StoppedError{group, name, err}
	}
}

// pause waits for d.Interval or until a channel is closed.
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
