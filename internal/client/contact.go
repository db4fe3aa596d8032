// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"
)

// Limits of the first call. They are in real time, also for a client with a faster
// clock, because the network is not faster.
const (
	// dialLimit limits the time until the endpoint accepts a connection.
	dialLimit = 2500 * time.Millisecond
	// firstByteLimit limits the time until an endpoint with a connection answers. It is
	// longer, because an overloaded API must not be taken for another server.
	firstByteLimit = 10 * time.Second
)

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
// grid. Use it as the first call. It returns a *ContactError if the endpoint is not the
// API: within 3 seconds if nothing accepts a connection or another server answers, and
// within firstByteLimit if a server accepts the connection and stays silent. Otherwise
// it returns the errors of other calls, and repeats the call as they do.
func (c *Client) Contact(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	limits := &contactLimits{start: c.afterFunc, cancel: cancel}
	limits.set(dialLimit, "nothing accepts a connection there within %s")
	defer limits.stop()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { limits.connected() }})
	_, err := c.Jobs.List(context.WithValue(ctx, contactKey{}, limits), JobFilter{Limit: 1})
	var timedOut *contactTimeoutError
	var failure *Error
	switch {
	case err == nil || !errors.As(err, &failure) || IsCertificateError(err):
		return err
	case errors.As(context.Cause(ctx), &timedOut):
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

// contactTimeoutError reports that a time limit of Contact has passed.
type contactTimeoutError struct{ text string }

func (e *contactTimeoutError) Error() string { return e.text }

// contactLimits ends the first call at its current time limit.
type contactLimits struct {
	start  afterFunc
	cancel context.CancelCauseFunc

	mu    sync.Mutex
	timer stopper
	dials bool // no connection so far
}

// set replaces the current limit. text is a format for the limit.
func (l *contactLimits) set(limit time.Duration, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
	}
	l.dials = l.timer == nil
	l.timer = l.start(limit, func() { l.cancel(&contactTimeoutError{fmt.Sprintf(text, limit)}) })
}

// connected starts the limit of the answer after the first connection. It has no
// effect after later connections.
func (l *contactLimits) connected() {
	l.mu.Lock()
	first := l.dials
	l.mu.Unlock()
	if first {
		l.set(firstByteLimit, "a server accepts connections there, but has sent no answer within %s")
	}
}

// stop ends the limits.
func (l *contactLimits) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dials = false
	l.timer.Stop()
}

// stopper is the part of a timer that ends it.
type stopper interface{ Stop() bool }

// afterFunc is time.AfterFunc as a function that tests replace.
type afterFunc func(time.Duration, func()) stopper

func realAfterFunc(d time.Duration, f func()) stopper { return time.AfterFunc(d, f) }

type contactKey struct{}

// answered ends the time limits of Contact, if ctx belongs to it.
func answered(ctx context.Context) {
	if limits, ok := ctx.Value(contactKey{}).(*contactLimits); ok {
		limits.stop()
	}
}

// isContact reports whether ctx belongs to Contact.
func isContact(ctx context.Context) bool { return ctx.Value(contactKey{}) != nil }

// isForeign reports whether an answer came from a server other than the API.
func isForeign(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.foreign
}
