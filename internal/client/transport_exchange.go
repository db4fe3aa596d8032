// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
)

// maxAnswerBytes limits an answer. 1,000 servers are about 3 MB.
const maxAnswerBytes = 64 << 20

// exchangeTransport is one try, whole: the request is sent and its answer read
// to the end, within the time-out of a try. What fails is an [exchangeError].
type exchangeTransport struct {
	next    http.RoundTripper
	clock   clockwork.Clock
	timeout time.Duration
}

// exchangeError is a try without a whole answer.
type exchangeError struct {
	// maybeSent is true unless the request surely did not reach the service.
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
	defer response.Body.Close() //nolint:errcheck // nothing is left to read
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	switch {
	case err != nil:
		return nil, &exchangeError{maybeSent: true, err: tryError(ctx, timedOut, fmt.Errorf("HTTP %d, answer cut off: %w", response.StatusCode, err))}
	case len(body) > maxAnswerBytes:
		return nil, &exchangeError{maybeSent: true, err: fmt.Errorf("HTTP %d with an answer of more than %d MiB", response.StatusCode, maxAnswerBytes>>20)}
	}
	response.Body = newAnswer(body)
	return response, nil
}

// tryError tells a try's own time-out from the end of the caller's context:
// only the latter may look like one to [errors.Is].
func tryError(ctx context.Context, timedOut, err error) error {
	if errors.Is(context.Cause(ctx), timedOut) {
		return timedOut
	}
	return err
}

// connectionTrace finds out whether a request may have reached the service.
type connectionTrace struct{ requested, connected atomic.Bool }

func (r *connectionTrace) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { r.requested.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { r.connected.Store(true) },
	}
}

// mayHaveSent is false only if no connection was ever had. Transports that report
// nothing are judged by their error.
func (r *connectionTrace) mayHaveSent(err error) bool {
	if r.connected.Load() {
		return true
	}
	return !r.requested.Load() && !isDialError(err)
}

// isDialError reports whether no connection could be made: an unknown host, a
// refused or unreachable port.
func isDialError(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return true
	}
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "dial"
}
