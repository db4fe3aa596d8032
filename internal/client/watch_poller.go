// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// poller polls all objects of a kind for all waits for such objects. It runs
// while there are waiters.
type poller[T any] struct {
	clock    clockwork.Clock
	interval time.Duration
	source   source[T]

	mu      sync.Mutex
	waiters map[*waiter[T]]bool
	running bool
	stop    context.CancelFunc // ends the poll under way, nil if there is none
	wake    chan struct{}      // the waiters have changed
	polled  time.Time          // end of the last poll
	denied  bool               // the key may not list jobs
}

// source is where a poller looks.
type source[T any] struct {
	keys func(*T) []string
	list func(context.Context) (listing[T], error)
	// get is a direct look at objects, by id.
	get func(ctx context.Context, ids []int64) ([]T, error)
	id  func(*T) int64
	// gone is called for an object that is proven to be gone.
	gone func(id int64)
	// found is called for an object that a direct look shows.
	found func(*T)
	// vacant returns which of the account's addresses are free. It is nil for
	// objects without addresses.
	vacant func(context.Context) (map[string]bool, error)
	jobs   func(ctx context.Context, limit int) ([]Job, error)
	// isPermanentRefusal reports whether an error refuses the credential for good.
	isPermanentRefusal func(error) bool
}

// waiter is one wait for one object.
type waiter[T any] struct {
	operation Operation
	object    string
	wantsJobs bool
	// evaluate looks at the result of a poll. It is called by one poll at a time.
	evaluate func(*pollResult[T]) verdict[T]
	// missing names the object that the list lacks, by id or by address; zero
	// values if the list has the object. The poller looks directly at a missing
	// object before it calls judge.
	missing func(*pollResult[T]) (id int64, address string)

	ctx           context.Context //nolint:containedctx // a poll borrows its values
	started       time.Time
	due           time.Time
	lastStatus    string
	failure       error // of the last poll, nil if it succeeded
	statusUnknown bool  // the last poll did not show what became of the object
	final         bool  // the next poll is the last one
	result        chan verdict[T]
}

// verdict is the meaning of a poll for a waiter.
type verdict[T any] struct {
	ended bool
	item  *T
	err   error
	// status is the state in words.
	status string
	// statusUnknown is true if the poll did not show what became of the object.
	statusUnknown bool
}

func newPoller[T any](clock clockwork.Clock, interval time.Duration, source source[T]) *poller[T] {
	return &poller[T]{
		clock: clock, interval: interval, source: source,
		waiters: map[*waiter[T]]bool{}, wake: make(chan struct{}, 1),
	}
}

// wait returns when a poll ends the wait, or the context. When the time limit
// of the context is over, one last poll decides: after a frozen process or an
// outage of the service it shows what has happened meanwhile. A context that is
// canceled ends the wait at once.
func (p *poller[T]) wait(ctx context.Context, w *waiter[T]) (*T, error) {
	w.ctx, w.started, w.lastStatus, w.statusUnknown, w.result = ctx, p.clock.Now(), "nothing yet", true, make(chan verdict[T], 1)
	if !errors.Is(ctx.Err(), context.Canceled) {
		p.join(w)
		select {
		case ended := <-w.result:
			return ended.item, ended.err
		case <-ctx.Done():
		}
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		p.requestLastPoll(w)
		timer := p.clock.NewTimer(lastPollLimit)
		defer timer.Stop()
		select {
		case ended := <-w.result:
			return ended.item, ended.err
		case <-timer.Chan():
			p.recordLastPollTimeout(w)
		}
	}
	p.leave(w)
	select {
	case ended := <-w.result: // it came at the same moment
		return ended.item, ended.err
	default:
		return nil, p.waitError(w, ctx.Err())
	}
}

// gatherDelay is how long a poll waits for others to share it.
func (p *poller[T]) gatherDelay() time.Duration { return p.interval / 5 }

// join lets the first poll come soon: others that are about to wait get a moment
// to share it, and waits that begin one by one do not cause a poll each.
func (p *poller[T]) join(w *waiter[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.due = w.started.Add(p.gatherDelay())
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

// lastPollLimit bounds the last poll of a wait together with a poll before it
// that may be under way.
const lastPollLimit = 3 * time.Minute

// errLastPoll is the failure of a last poll that did not end in time.
var errLastPoll = fmt.Errorf("no answer within %s", lastPollLimit)

// requestLastPoll makes the next poll that begins the last one of a waiter. Waits whose
// limits end together share that poll.
func (p *poller[T]) requestLastPoll(w *waiter[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.final, w.due = true, p.clock.Now().Add(p.gatherDelay())
	p.notify()
}

// recordLastPollTimeout notes that the last poll of a waiter did not end in time.
func (p *poller[T]) recordLastPollTimeout(w *waiter[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.statusUnknown, w.failure = true, errLastPoll
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

// run polls whenever a poll is due, until there are no waiters.
func (p *poller[T]) run() {
	for {
		delay, waiting := p.delay()
		switch {
		case !waiting:
			return
		case delay <= 0:
			p.pollOnce()
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

// delay is the time until the earliest poll that is due. Without waiters the
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
		p.running, p.denied = false, false
		return 0, false
	}
	return earliest.Sub(p.clock.Now()), true
}

// pollOnce polls once and answers those who were waiting when the poll began.
func (p *poller[T]) pollOnce() {
	ctx, round := p.startPoll()
	if len(round.waiters) == 0 {
		return
	}
	result, err := p.poll(ctx, round)
	p.endPoll()
	for w, final := range round.waiters {
		if err != nil {
			p.pollFailed(w, final, err)
		} else {
			p.conclude(w, final, w.evaluate(result))
		}
	}
}

// pollRound holds the waiters that take part in a poll.
type pollRound[T any] struct {
	// waiters holds true for a waiter whose last poll this is.
	waiters   map[*waiter[T]]bool
	wantsJobs bool
}

// startPoll returns the waiters of a poll, and a context that ends when the last
// of them leaves. Its values, such as where to log, come from one of them.
func (p *poller[T]) startPoll() (context.Context, pollRound[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := pollRound[T]{waiters: make(map[*waiter[T]]bool, len(p.waiters))}
	ctx := context.Context(nil)
	for w := range p.waiters {
		next.waiters[w] = w.final
		next.wantsJobs = next.wantsJobs || w.wantsJobs && !p.denied
		ctx = w.ctx
	}
	if ctx == nil {
		return nil, next
	}
	ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	return ctx, next
}

func (p *poller[T]) endPoll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
	p.stop = nil
	p.polled = p.clock.Now()
}

// pollFailed lets a waiter wait for another poll: a service that does not answer
// for a while has not refused the change. Only a credential that was never
// accepted ends the wait before its time limit.
func (p *poller[T]) pollFailed(w *waiter[T], final bool, err error) {
	p.mu.Lock()
	w.failure = err
	p.mu.Unlock()
	if p.source.isPermanentRefusal(err) {
		p.conclude(w, final, verdict[T]{ended: true, err: p.waitError(w, err)})
		return
	}
	p.conclude(w, final, verdict[T]{statusUnknown: true})
}

// conclude ends the wait of a waiter, or lets it wait for another poll unless
// this was its last. A waiter that has left does not read its result.
func (p *poller[T]) conclude(w *waiter[T], final bool, v verdict[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v.status != "" {
		w.lastStatus, w.failure = v.status, nil
	}
	w.statusUnknown = v.statusUnknown
	switch {
	case v.ended:
	case final:
		v = verdict[T]{ended: true, err: p.waitErrorLocked(w, w.ctx.Err())}
	default:
		now := p.clock.Now()
		if !w.final {
			w.due = now.Add(w.operation.interval(now.Sub(w.started), p.interval))
		}
		return
	}
	delete(p.waiters, w)
	w.result <- v
}

func (p *poller[T]) waitError(w *waiter[T], err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waitErrorLocked(w, err)
}

// waitErrorLocked must be called with mu held.
func (p *poller[T]) waitErrorLocked(w *waiter[T], err error) error {
	return &WaitError{
		Operation: w.operation, Object: w.object, Last: w.lastStatus, Elapsed: p.clock.Since(w.started), Err: err,
		Failure: w.failure, StatusUnknown: w.statusUnknown,
	}
}
