// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
)

// exchangeTransport makes one try: it sends the request and decodes the complete
// answer within the timeout of a try. Its errors are of type [exchangeError].
type exchangeTransport struct {
	// headLimit is the number of leading bytes of an answer to keep.
	headLimit int
	next      http.RoundTripper
	clock     clockwork.Clock
	timeout   time.Duration
}

// exchangeError is the error of a try that got no complete answer.
type exchangeError struct {
	// maybeSent is false only if the request certainly did not reach the service.
	maybeSent bool
	err       error
}

func (e *exchangeError) Error() string { return e.err.Error() }

func (e *exchangeError) Unwrap() error { return e.err }

// RoundTrip implements [http.RoundTripper].
func (t *exchangeTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := request.Context().Err(); err != nil {
		return nil, &exchangeError{err: err}
	}
	timedOut := fmt.Errorf("no whole answer within %s", t.timeout)
	ctx, cancel := context.WithCancelCause(request.Context())
	timer := t.clock.AfterFunc(t.timeout, func() { cancel(timedOut) })
	defer timer.Stop()
	defer cancel(nil)

	var trace connectionTrace
	response, err := t.next.RoundTrip(request.WithContext(httptrace.WithClientTrace(ctx, trace.trace())))
	if err != nil {
		return nil, &exchangeError{maybeSent: trace.mayHaveSent(err), err: tryError(ctx, timedOut, err)}
	}
	answered(request.Context())
	defer response.Body.Close() //nolint:errcheck // the body was read to the end
	read, err := readAnswer(response.Body, t.headLimit, callOf(request.Context()).rows)
	switch {
	case isLimit(err):
		return nil, &exchangeError{maybeSent: true, err: fmt.Errorf("HTTP %d with %w", response.StatusCode, err)}
	case err != nil:
		return nil, &exchangeError{maybeSent: true, err: tryError(ctx, timedOut, fmt.Errorf("HTTP %d, answer cut off: %w", response.StatusCode, err))}
	}
	response.Body = read
	return response, nil
}

// tryError replaces err with timedOut if the timeout of the try ended the request. As a
// result, [errors.Is] finds a context error only if the caller's context ended.
func tryError(ctx context.Context, timedOut, err error) error {
	if errors.Is(context.Cause(ctx), timedOut) {
		return timedOut
	}
	return err
}

// connectionTrace records whether a request may have reached the service.
type connectionTrace struct{ requested, connected atomic.Bool }

func (r *connectionTrace) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { r.requested.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { r.connected.Store(true) },
	}
}

// mayHaveSent reports whether the request may have been sent. It returns false only if
// there was no connection. If the transport does not report connections, the result
// depends on the error.
func (r *connectionTrace) mayHaveSent(err error) bool {
	if r.connected.Load() {
		return true
	}
	return !r.requested.Load() && !isDialError(err)
}

// isDialError reports whether no connection could be made, for example because the
// host is unknown or the port refused the connection.
func isDialError(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return true
	}
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "dial"
}
