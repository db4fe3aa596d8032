// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// contactLimit limits the time until the endpoint answers for the first time. It is in
// real time, also for a client with a faster clock, because the network is not faster.
const contactLimit = 2500 * time.Millisecond

// ContactError reports that the endpoint is not the API: nothing answers there, or
// another server does.
type ContactError struct {
	// Endpoint is the base URL that the client uses.
	Endpoint string
	cause    error
}

// Error says what answered instead of the API.
func (e *ContactError) Error() string { return e.cause.Error() }

func (e *ContactError) Unwrap() error { return e.cause }

// Contact makes the cheapest call that GoGrid only allows to keys that may change the
// grid. Use it as the first call. It returns a *ContactError within 3 seconds if the
// endpoint is not the API, and otherwise the errors of other calls. A service that
// answers is called again like in other calls.
func (c *Client) Contact(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timedOut := fmt.Errorf("no answer within %s", contactLimit)
	timer := c.afterFunc(contactLimit, func() { cancel(timedOut) })
	defer timer.Stop()
	_, err := c.Jobs.List(context.WithValue(ctx, contactKey{}, timer), JobFilter{Limit: 1})
	var failure *Error
	switch {
	case err == nil || !errors.As(err, &failure) || IsCertificateError(err):
		return err
	case errors.Is(context.Cause(ctx), timedOut):
		return &ContactError{c.endpoint, timedOut}
	case ctx.Err() != nil:
		return err
	case failure.kind == kindUnsent:
		return &ContactError{c.endpoint, failure.cause}
	case failure.kind == kindUnknown:
		return &ContactError{c.endpoint, noAnswer(failure.cause)}
	case failure.foreign && failure.Status < http.StatusInternalServerError:
		return &ContactError{c.endpoint, fmt.Errorf("another server answers there, with HTTP %d and %q", failure.Status, failure.Body)}
	default:
		return err
	}
}

// noAnswer returns the error of a server that accepts connections and does not answer
// in HTTP. net/http has no text for a server that speaks first, such as one for SSH: it
// then formats a missing cause, which is left out here.
func noAnswer(cause error) error {
	const text = "a server accepts connections there, but sends no complete answer in HTTP"
	if strings.Contains(cause.Error(), "%!w(") {
		return errors.New(text)
	}
	return fmt.Errorf("%s: %w", text, cause)
}

// stopper is the part of a timer that ends it.
type stopper interface{ Stop() bool }

// afterFunc is time.AfterFunc as a function that tests replace.
type afterFunc func(time.Duration, func()) stopper

func realAfterFunc(d time.Duration, f func()) stopper { return time.AfterFunc(d, f) }

type contactKey struct{}

// answered ends the time limit of Contact, if ctx belongs to it.
func answered(ctx context.Context) {
	if timer, ok := ctx.Value(contactKey{}).(stopper); ok {
		timer.Stop()
	}
}

// isContact reports whether ctx belongs to Contact.
func isContact(ctx context.Context) bool { return ctx.Value(contactKey{}) != nil }

// isForeign reports whether an answer came from a server other than the API.
func isForeign(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.foreign
}
