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

// Time limits of the first call. They are in real time even if the client has a faster
// clock, because the network is not faster.
const (
	// dialLimit limits the time until the endpoint accepts a connection.
	dialLimit = 2500 * time.Millisecond
	// firstByteLimit limits the time between the connection and the first byte of the
	// answer. It is longer than dialLimit, because a slow answer may come from an
	// overloaded API.
	firstByteLimit = 10 * time.Second
)

// ContactError reports that the endpoint is not the API: nothing answers there, or
// another server answers.
type ContactError struct {
	// Endpoint is the base URL that the client uses.
	Endpoint string
	cause    error
}

// Error says whether nothing or another server answered.
func (e *ContactError) Error() string { return e.cause.Error() }

func (e *ContactError) Unwrap() error { return e.cause }

// Contact makes the cheapest call that GoGrid allows only to keys that may change the
// grid. It should be the first call of a client. If the endpoint is not the API,
// Contact returns a *ContactError. It does so within 3 seconds if nothing accepts a
// connection or another server answers, and within firstByteLimit if a server accepts
// the connection and stays silent. In all other cases Contact retries and fails like
// any other call.
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

// noAnswer returns the error for a server that accepts connections and does not answer
// in HTTP. If the server speaks first, as an SSH server does, net/http formats a nil
// cause as "%!w(<nil>)". noAnswer leaves that text out.
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

// contactLimits cancels the first call when its current time limit passes.
type contactLimits struct {
	start  afterFunc
	cancel context.CancelCauseFunc
	first  sync.Once // the first connection

	mu    sync.Mutex
	timer stopper
}

// set replaces the current limit. text is the error text, with a %s verb for the
// limit.
func (l *contactLimits) set(limit time.Duration, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer = l.start(limit, func() { l.cancel(&contactTimeoutError{fmt.Sprintf(text, limit)}) })
}

// connected starts firstByteLimit at the first connection. Later connections have no
// effect.
func (l *contactLimits) connected() {
	l.first.Do(func() {
		l.set(firstByteLimit, "a server accepts connections there, but has sent no answer within %s")
	})
}

// stop removes the current limit.
func (l *contactLimits) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer.Stop()
}

// stopper is the part of time.Timer that contactLimits uses.
type stopper interface{ Stop() bool }

// afterFunc has the signature of time.AfterFunc. Tests replace the function.
type afterFunc func(time.Duration, func()) stopper

func realAfterFunc(d time.Duration, f func()) stopper { return time.AfterFunc(d, f) }

type contactKey struct{}

// answered removes the time limits of Contact if ctx belongs to a Contact call.
func answered(ctx context.Context) {
	if limits, ok := ctx.Value(contactKey{}).(*contactLimits); ok {
		limits.stop()
	}
}

// isContact reports whether ctx belongs to a Contact call.
func isContact(ctx context.Context) bool { return ctx.Value(contactKey{}) != nil }

// isForeignAnswer reports whether an answer has neither the format of the API nor of
// the proxy in front of it. The beginning of a JSON object may come from the API.
func isForeignAnswer(response *http.Response) bool {
	read := answerOf(response)
	return read != nil && read.err != nil && !isTruncated(read.err) && response.Header.Get(masheryCode) == "" && !isThrottle(response)
}

// isForeign reports whether the error's answer came from a server other than the API.
func isForeign(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.foreign
}
