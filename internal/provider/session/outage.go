// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// outageWindow is how long Cloud Storage that could not be used is not asked
// again in a refresh or a destroy.
const outageWindow = time.Minute

// outages keeps a refresh or a destroy from waiting for Cloud Storage once for
// each server: a thousand are looked at at a time, and of a share that is down or
// refuses the login one answer is enough. The zero value is ready for use.
type outages struct {
	once  sync.Once
	first chan struct{} // held by who asks while it is not known to answer

	mu      sync.Mutex
	answers bool
	last    error // why it could not be used, until then
	until   time.Time
}

// unusableError says that there is no Cloud Storage to ask.
type unusableError struct{ error }

// Unusable marks an error as one that every use of Cloud Storage would meet,
// because the provider's configuration cannot reach it.
func Unusable(err error) error { return &unusableError{err} }

func (e *unusableError) Unwrap() error { return e.error }

// Ask has somebody ask, unless it would be in vain. As long as Cloud Storage is
// not known to answer, one asks while the others wait for what comes of it.
func (o *outages) Ask(ctx context.Context, clock clockwork.Clock, ask func() error) error {
	answers, err := o.now(clock)
	if !answers {
		o.once.Do(func() { o.first = make(chan struct{}, 1) })
		select {
		case o.first <- struct{}{}:
			defer func() { <-o.first }()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		_, err = o.now(clock)
	}
	if err != nil {
		return err
	}
	err = ask()
	if ctx.Err() == nil {
		o.note(clock, err)
	}
	return err
}

// now tells whether Cloud Storage is known to answer, and why it is not asked.
func (o *outages) now(clock clockwork.Clock) (answers bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if clock.Now().Before(o.until) {
		return o.answers, o.last
	}
	return o.answers, nil
}

func (o *outages) note(clock clockwork.Clock, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers = !unusable(err)
	o.last, o.until = nil, time.Time{}
	if !o.answers {
		o.last, o.until = err, clock.Now().Add(outageWindow)
	}
}

// unusable tells whether an error is about Cloud Storage as a whole, and not
// about one file on it.
func unusable(err error) bool {
	var none *unusableError
	return storage.IsOutage(err) || errors.Is(err, storage.ErrLogin) || errors.Is(err, storage.ErrNoShare) || errors.As(err, &none)
}
