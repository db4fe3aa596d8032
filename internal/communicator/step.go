// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
)

// Steps of a session, as errors name them.
const (
	stepConnect     = "connect"
	stepVersion     = "exchange SSH versions"
	stepKeys        = "exchange keys"
	stepLogIn       = "log in"
	stepChannel     = "open a channel"
	stepStart       = "start the command"
	stepShell       = "run the shell"
	stepSFTP        = "start SFTP"
	stepSFTPVersion = "exchange SFTP versions"
	stepClose       = "close the connection"
)

// StepError reports that a server did not answer in one step of a session.
type StepError struct {
	// Step names the step, for example "open a channel".
	Step string
	// After is the time limit that was exceeded. It is 0 if the caller's context
	// ended first.
	After time.Duration
	// Err is the cause that ended the context, or nil if After is set.
	Err error
}

// Error names the step, and either the limit or the cause.
func (e *StepError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("the server had not answered when the wait ended, in the step %q: %v", e.Step, e.Err)
	}
	return fmt.Sprintf("the server has not answered within %s, in the step %q", e.After, e.Step)
}

// Unwrap returns the cause that ended the context.
func (e *StepError) Unwrap() error { return e.Err }

// patience limits the duration of a step on a clock. The zero value sets no limit. If
// progress is set, each change of its value restarts the limit.
type patience struct {
	clock    clockwork.Clock
	limit    time.Duration
	progress *atomic.Int64
}

// awaitStep runs one step of a session in the background. It returns the result of run,
// or a *StepError as soon as ctx ends or the limit is exceeded. A result that arrives
// later is passed to discard, which may be nil. run must end when the connection is
// closed.
func awaitStep[T any](ctx context.Context, p patience, step string, run func() (T, error), discard func(T)) (T, error) {
	var none T
	if ctx.Err() != nil { // the select below picks a random ready case
		return none, &StepError{Step: step, Err: context.Cause(ctx)}
	}
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := run()
		done <- result{value, err}
	}()
	var timer clockwork.Timer
	var over <-chan time.Time
	if p.limit > 0 {
		timer = p.clock.NewTimer(p.limit)
		defer timer.Stop()
		over = timer.Chan()
	}
	var failure *StepError
	for before := p.count(); failure == nil; {
		select {
		case got := <-done:
			return got.value, got.err
		case <-ctx.Done():
			failure = &StepError{Step: step, Err: context.Cause(ctx)}
		case <-over:
			if now := p.count(); now != before {
				before = now
				timer.Reset(p.limit)
				continue
			}
			failure = &StepError{Step: step, After: p.limit}
		}
	}
	go func() {
		if late := <-done; late.err == nil && discard != nil {
			discard(late.value)
		}
	}()
	return none, failure
}

func (p patience) count() int64 {
	if p.progress == nil {
		return 0
	}
	return p.progress.Load()
}

// withLimit returns a context that is cancelled with a cause when limit has
// passed on a clock. The returned function releases the timer.
func withLimit(ctx context.Context, clock clockwork.Clock, limit time.Duration, cause func() error) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := clock.AfterFunc(limit, func() { cancel(cause()) })
	return ctx, func() {
		timer.Stop()
		cancel(context.Canceled)
	}
}
