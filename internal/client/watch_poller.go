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

// poller polls the objects of one kind on behalf of all waits. It runs while
// there are waiters.
type poller[T any] struct {
	clock    clockwork.Clock
	interval time.Duration
	source   source[T]

	mu      sync.Mutex
	waiters map[*waiter[T]]bool
	running bool
	stop    context.CancelFunc // cancels the poll in progress, nil if there is none
	wake    chan struct{}      // receives a value after the waiters have changed
	polled  time.Time          // when the last poll ended
	denied  bool               // the API key may not list jobs
}

// source holds the functions that a poller calls.
type source[T any] struct {
	keys func(*T) []string
	list func(context.Context) (listing[T], error)
	// get looks up objects by id.
	get func(ctx context.Context, ids []int64) ([]T, error)
	id  func(*T) int64
	// gone is called for an object that is proven to be gone.
	gone func(id int64)
	// found is called for an object that a direct lookup found.
	found func(*T)
	// vacant returns the unassigned addresses of the account. It is nil for objects
	// without addresses.
	vacant func(context.Context) (map[string]bool, error)
	jobs   func(ctx context.Context, limit int) ([]Job, error)
	// isPermanentRefusal: see [credentialHistory.isPermanentRefusal].
	isPermanentRefusal func(error) bool
}

// waiter is one wait for one object.
type waiter[T any] struct {
	operation Operation
	object    string
	wantsJobs bool
	// evaluate decides what the result of a poll means for the wait. Only one poll at a
	// time calls it.
	evaluate func(*pollResult[T]) verdict[T]
	// missing returns the id or the address of the object if the list lacks the
	// object, or zero values if it does not. The poller looks up a missing
	// object before it calls evaluate.
	missing func(*pollResult[T]) (id int64, address string)

	ctx           context.Context //nolint:containedctx // a poll uses its values
	started       time.Time
	due           time.Time
	lastStatus    string
	failure       error // the error of the last poll, nil if it succeeded
	statusUnknown bool  // the last poll neither showed the object nor proved that it is gone
	final         bool  // the next poll is the last poll
	result        chan verdict[T]
}

// verdict is the effect of a poll on a wait.
type verdict[T any] struct {
	ended bool
	item  *T
	err   error
	// status describes the object as the poll showed it.
	status string
	// statusUnknown is true if the poll neither showed the object nor proved that it
	// is gone.
	statusUnknown bool
}

func newPoller[T any](clock clockwork.Clock, interval time.Duration, source source[T]) *poller[T] {
	return &poller[T]{
		clock: clock, interval: interval, source: source,
		waiters: map[*waiter[T]]bool{}, wake: make(chan struct{}, 1),
	}
}

// wait waits until a poll or the context ends the wait. If the deadline of the
// context passes, wait returns the result of one last poll. That poll shows
// changes that happened while the process was suspended or the service was
// down. A canceled context ends the wait at once.
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
	case ended := <-w.result: // the result arrived just before leave
		return ended.item, ended.err
	default:
		return nil, p.waitError(w, ctx.Err())
	}
}

// gatherDelay returns how long a poll is delayed so that other waits can share
// the poll.
func (p *poller[T]) gatherDelay() time.Duration { return p.interval / 5 }

// join adds a waiter and schedules its first poll after gatherDelay. Other
// waits that start within that time share the poll. The poll begins at least
// half a poll interval after the previous poll, so waits that start in quick
// succession do not cause a poll each.
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

// lastPollLimit limits the time from the deadline of a wait to the end of its
// last poll, including any poll that is still in progress at the deadline.
const lastPollLimit = 3 * time.Minute

// errLastPoll is the error of a last poll that did not end within lastPollLimit.
var errLastPoll = fmt.Errorf("no answer within %s", lastPollLimit)

// requestLastPoll makes the next poll the last poll of a waiter. Waits whose
// deadlines pass together share that poll.
func (p *poller[T]) requestLastPoll(w *waiter[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.final, w.due = true, p.clock.Now().Add(p.gatherDelay())
	p.notify()
}

// recordLastPollTimeout records that the last poll of a waiter did not end within
// lastPollLimit.
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

// run starts each poll when the poll is due, until there are no waiters.
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

// delay returns the time until the next poll. If there are no waiters, delay
// returns false and marks the poller as stopped.
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

// pollOnce polls once and passes the result to the waiters that joined before the
// poll began.
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

// pollRound holds the waiters of one poll.
type pollRound[T any] struct {
	// waiters holds true for each waiter for which this poll is the last.
	waiters   map[*waiter[T]]bool
	wantsJobs bool
}

// startPoll returns the waiters of a poll, and a context that is canceled when
// the last waiter leaves. The values of this context, such as the logger, come
// from the context of one of the waiters.
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

// pollFailed records a failed poll. The wait continues, because a service that
// does not answer has not refused the change. The wait ends before its deadline
// only if the service has never accepted the credential.
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

// conclude applies a verdict: it ends the wait or schedules another poll. If
// this was the last poll, the wait ends in any case. A waiter that has left
// does not read its result.
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
