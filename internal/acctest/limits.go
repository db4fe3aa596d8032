// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// limits are the time limits of a grid's providers, which are over when the
// test says so: a busy machine may need any time to get to where a limit is
// to end something.
type limits struct {
	mu    sync.Mutex
	asked []time.Duration
	open  []*limited
}

// LimitsByHand takes the time limits from providers that are configured from
// now on. What it returns lets those that run at the time be over.
func (g *Grid) LimitsByHand() (over func()) {
	g.limits = &limits{}
	return g.limits.over
}

// LimitsAsked are the limits that were taken from providers, in their order.
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

// limited is a context with a limit.
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
