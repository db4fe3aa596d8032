// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// poller looks at all objects of a kind for everybody who waits for one. It
// runs while there are waiters.
type poller[T any] struct {
	clock    clockwork.Clock
	interval time.Duration
	keys     func(*T) []string
	list     func(context.Context) ([]T, error)
	jobs     func(ctx context.Context, limit int) ([]Job, error)

	mu      sync.Mutex
	waiters map[*waiter[T]]bool
	running bool
	stop    context.CancelFunc // ends the poll under way, nil if there is none
	wake    chan struct{}      // the waiters have changed
	polled  time.Time          // end of the last poll
	failed  int                // polls in a row
	denied  bool               // the key may not list jobs
}

// waiter is somebody who waits.
type waiter[T any] struct {
	operation Operation
	object    string
	wantsJobs bool
	// judge looks at the result of a poll. It is called by one poll at a time.
	judge func(*look[T]) verdict[T]

	ctx    context.Context //nolint:containedctx // a poll borrows its values
	begun  time.Time
	due    time.Time
	last   string
	result chan verdict[T]
}

// verdict is what a poll means for a waiter.
type verdict[T any] struct {
	ended bool
	item  *T
	err   error
	// seen is the state in words.
	seen string
}

// look is the result of a poll.
type look[T any] struct {
	*rows[T]

	jobs *jobIndex
}

func newPoller[T any](
	clock clockwork.Clock, interval time.Duration, jobs func(context.Context, int) ([]Job, error),
	keys func(*T) []string, list func(context.Context) ([]T, error),
) *poller[T] {
	return &poller[T]{
		clock: clock, interval: interval, keys: keys, list: list, jobs: jobs,
		waiters: map[*waiter[T]]bool{}, wake: make(chan struct{}, 1),
	}
}

// wait returns when a poll ends the wait, or the context.
func (p *poller[T]) wait(ctx context.Context, w *waiter[T]) (*T, error) {
	w.ctx, w.begun, w.last, w.result = ctx, p.clock.Now(), "nothing yet", make(chan verdict[T], 1)
	if ctx.Err() == nil {
		p.join(w)
		select {
		case ended := <-w.result:
			return ended.item, ended.err
		case <-ctx.Done():
		}
	}
	p.leave(w)
	select {
	case ended := <-w.result: // it came at the same moment
		return ended.item, ended.err
	default:
		return nil, p.givenUp(w, ctx.Err())
	}
}

// join lets the first poll come soon: others who are about to wait get a moment
// to share it, and those who come one by one do not cause a poll each.
func (p *poller[T]) join(w *waiter[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.due = w.begun.Add(p.interval / 5)
	if rested := p.polled.Add(p.interval / 2); rested.After(w.due) {
		w.due = rested
	}
	p.waiters[w] = true
	if !p.running {
		p.running = true
		go p.run()
	}
	p.notify()
}

func (p *poller[T]) leave(w *waiter[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiters, w)
	if len(p.waiters) == 0 && p.stop != nil {
		p.stop()
	}
	p.notify()
}

func (p *poller[T]) notify() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run polls whenever somebody's poll is due, until nobody waits.
func (p *poller[T]) run() {
	for {
		delay, waiting := p.delay()
		switch {
		case !waiting:
			return
		case delay <= 0:
			p.tick()
		default:
			timer := p.clock.NewTimer(delay)
			select {
			case <-timer.Chan():
			case <-p.wake:
			}
			timer.Stop()
		}
	}
}

// delay is the time until the earliest poll that is due. If nobody waits the
// poller counts as stopped from here on.
func (p *poller[T]) delay() (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var earliest time.Time
	for w := range p.waiters {
		if earliest.IsZero() || w.due.Before(earliest) {
			earliest = w.due
		}
	}
	if earliest.IsZero() {
		p.running, p.failed, p.denied = false, 0, false
		return 0, false
	}
	return earliest.Sub(p.clock.Now()), true
}

// tick polls once and answers those who were waiting when the poll began.
func (p *poller[T]) tick() {
	ctx, members, wantsJobs := p.prepare()
	if len(members) == 0 {
		return
	}
	seen, err := p.look(ctx, len(members), wantsJobs)
	p.finish()
	if err != nil {
		p.pollFailed(members, err)
		return
	}
	p.mu.Lock()
	p.failed = 0
	p.mu.Unlock()
	for _, w := range members {
		p.conclude(w, w.judge(seen))
	}
}

// prepare takes those who wait now, and a context that ends with the last of
// them. Its values, such as where to log, are those of one of them.
func (p *poller[T]) prepare() (ctx context.Context, members []*waiter[T], wantsJobs bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.waiters {
		members = append(members, w)
		wantsJobs = wantsJobs || w.wantsJobs
	}
	if len(members) == 0 {
		return nil, nil, false
	}
	ctx, p.stop = context.WithCancel(context.WithoutCancel(members[0].ctx))
	return ctx, members, wantsJobs && !p.denied
}

func (p *poller[T]) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
	p.stop = nil
	p.polled = p.clock.Now()
}

// look lists the jobs first, so that an object is never older than its job.
func (p *poller[T]) look(ctx context.Context, waiting int, wantsJobs bool) (*look[T], error) {
	seen := &look[T]{}
	if wantsJobs {
		jobs, err := p.jobs(ctx, jobsFor(waiting))
		switch {
		case IsDenied(err):
			p.mu.Lock()
			p.denied = true
			p.mu.Unlock()
		case err != nil:
			return nil, err
		default:
			seen.jobs = newJobIndex(jobs)
		}
	}
	items, err := p.list(ctx)
	if err != nil {
		return nil, err
	}
	seen.rows = newRows(items, p.keys)
	return seen, nil
}

// jobsFor is how many of the newest jobs hold those of all waiters.
func jobsFor(waiting int) int { return min(max(100, 3*waiting), 1000) }

// toleratedFailures is how many polls in a row may fail. Each of them was
// already repeated by the transport.
const toleratedFailures = 5

func (p *poller[T]) pollFailed(members []*waiter[T], err error) {
	p.mu.Lock()
	p.failed++
	enough := p.failed > toleratedFailures
	if enough {
		err = fmt.Errorf("%d polls in a row failed: %w", p.failed, err)
		p.failed = 0
	}
	p.mu.Unlock()
	if IsDenied(err) || IsUnauthenticated(err) {
		enough = true
	}
	for _, w := range members {
		if enough {
			p.conclude(w, verdict[T]{ended: true, err: p.givenUp(w, err)})
		} else {
			p.conclude(w, verdict[T]{})
		}
	}
}

// conclude answers a waiter, or lets it wait for another poll. One that has left
// meanwhile does not look any more.
func (p *poller[T]) conclude(w *waiter[T], v verdict[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v.ended {
		delete(p.waiters, w)
		w.result <- v
		return
	}
	if v.seen != "" {
		w.last = v.seen
	}
	now := p.clock.Now()
	w.due = now.Add(w.operation.interval(now.Sub(w.begun), p.interval))
}

func (p *poller[T]) givenUp(w *waiter[T], err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &WaitError{Operation: w.operation, Object: w.object, Last: w.last, Elapsed: p.clock.Since(w.begun), Err: err}
}
