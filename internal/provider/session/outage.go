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

// outageWindow is the time after an outage in which a refresh or a destroy does
// not use Cloud Storage.
const outageWindow = time.Minute

// outages prevents a refresh or a destroy from waiting for an unreachable Cloud
// Storage once per server. A refresh can read a thousand servers, and one
// failed use is enough to show that the share is down or refuses the login. The
// zero value is ready for use.
type outages struct {
	once  sync.Once
	first chan struct{} // held by the only call that may use Cloud Storage while it is not known to answer

	mu      sync.Mutex
	answers bool
	last    error     // error of the last use, while the outage lasts
	until   time.Time // end of the outage window
}

// unusableError marks an error that every use of Cloud Storage would return.
type unusableError struct{ error }

// Unusable marks an error that every use of Cloud Storage would return, because
// the provider's configuration cannot reach Cloud Storage.
func Unusable(err error) error { return &unusableError{err} }

func (e *unusableError) Unwrap() error { return e.error }

// Use calls use, which uses Cloud Storage, and returns its error. During an outage
// it returns the error of the outage instead. While Cloud Storage is not known to
// answer, only one call runs and the others wait for its result.
func (o *outages) Use(ctx context.Context, clock clockwork.Clock, use func() error) error {
	answers, err := o.status(clock)
	if !answers {
		o.once.Do(func() { o.first = make(chan struct{}, 1) })
		select {
		case o.first <- struct{}{}:
			defer func() { <-o.first }()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		_, err = o.status(clock)
	}
	if err != nil {
		return err
	}
	err = use()
	if ctx.Err() == nil {
		o.record(clock, err)
	}
	return err
}

// status reports whether Cloud Storage is known to answer. During an outage it
// returns the error of the outage.
func (o *outages) status(clock clockwork.Clock) (answers bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if clock.Now().Before(o.until) {
		return o.answers, o.last
	}
	return o.answers, nil
}

// record stores the result of a use of Cloud Storage.
func (o *outages) record(clock clockwork.Clock, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers = !unusable(err)
	o.last, o.until = nil, time.Time{}
	if !o.answers {
		o.last, o.until = err, clock.Now().Add(outageWindow)
	}
}

// unusable reports whether an error concerns Cloud Storage as a whole, and not
// a single file.
func unusable(err error) bool {
	var none *unusableError
	return storage.IsOutage(err) || errors.Is(err, storage.ErrLogin) || errors.Is(err, storage.ErrNoShare) || errors.As(err, &none)
}
