// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// limits holds the time limits of a grid's providers. The test decides when the
// limits expire: on a busy machine, it is unpredictable when the provider starts
// the operation that a limit should end.
type limits struct {
	mu    sync.Mutex
	asked []time.Duration
	open  []*limited
}

// LimitsByHand replaces the time limits of all providers that are configured
// after this call. The returned function makes all running limits expire.
func (g *Grid) LimitsByHand() (over func()) {
	g.limits = &limits{}
	return g.limits.over
}

// LimitsAsked returns the limits that providers have requested, in order.
func (g *Grid) LimitsAsked() []time.Duration {
	g.limits.mu.Lock()
	defer g.limits.mu.Unlock()
	return slices.Clone(g.limits.asked)
}

func (l *limits) begin(parent context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx := &limited{Context: parent, done: make(chan struct{})}
	stop := context.AfterFunc(parent, func() { ctx.end(parent.Err()) })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked, l.open = append(l.asked, limit), append(l.open, ctx)
	return ctx, func() {
		stop()
		ctx.end(context.Canceled)
	}
}

func (l *limits) over() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ctx := range l.open {
		ctx.end(context.DeadlineExceeded)
	}
	l.open = nil
}

// limited is a context whose deadline expires on request.
type limited struct {
	context.Context

	mu   sync.Mutex
	err  error
	done chan struct{} // closed once err is set
}

func (l *limited) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
		close(l.done)
	}
}

// Done implements [context.Context].
func (l *limited) Done() <-chan struct{} { return l.done }

// Err implements [context.Context].
func (l *limited) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
