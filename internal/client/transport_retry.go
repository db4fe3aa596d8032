// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"
)

// retryTransport repeats failed calls. It repeats a read that got no valid answer. It
// repeats a change only if the service certainly did not carry out the change.
type retryTransport struct {
	next       http.RoundTripper
	clock      clockwork.Clock
	random     func() float64
	maxRetries int
	history    *credentialHistory
}

const (
	firstRetryDelay = 500 * time.Millisecond
	maxRetryDelay   = 30 * time.Second
	// maxRetryAfter is the longest delay before a retry. If the service requests a
	// longer delay, the call fails immediately.
	maxRetryAfter = 5 * time.Minute
)

// throttledRetryFactor multiplies the maximum number of retries for throttled
// calls. The service does not carry out a throttled call. If it throttles hundreds
// of calls at once, some calls need many tries.
const throttledRetryFactor = 4

// RoundTrip implements [http.RoundTripper].
func (t *retryTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	info := callOf(request.Context())
	for throttled := 0; ; {
		info.try++
		try, err := cloneWithBody(withCall(request.Context(), info), request)
		if err != nil {
			return nil, err
		}
		response, err := t.next.RoundTrip(try)
		allowed := info.try-throttled <= t.maxRetries
		if err == nil && isThrottle(response) {
			throttled++
			allowed = throttled <= throttledRetryFactor*t.maxRetries
		}
		if !allowed || request.Context().Err() != nil || !t.repeatable(request.Context(), info, response, err) {
			return response, err
		}
		delay := t.delay(info.try)
		if err == nil {
			delay = max(delay, retryAfter(response, t.clock.Now()))
		}
		if delay > maxRetryAfter {
			return response, err
		}
		if ended := pause(request.Context(), t.clock, delay); ended != nil {
			return nil, fmt.Errorf("%w before the call could be repeated; %s", ended, failureOf(response, err))
		}
	}
}

// repeatable reports whether a failed call may be repeated.
func (t *retryTransport) repeatable(ctx context.Context, info callInfo, response *http.Response, err error) bool {
	if isContact(ctx) && (isDialError(err) || err == nil && response.StatusCode < http.StatusInternalServerError && isForeignAnswer(response)) {
		return false // the endpoint is wrong, so a retry cannot help
	}
	if err != nil {
		var exchange *exchangeError
		return errors.As(err, &exchange) && !hasCertificateError(err) && !isLimit(err) && (!info.changing || !exchange.maybeSent)
	}
	if isThrottle(response) {
		return true
	}
	if info.changing {
		return false
	}
	if t.history.acceptedBefore(info.method, response.StatusCode) {
		return true // the next try gets a new signature
	}
	read := answerOf(response)
	broken := read == nil || read.err != nil
	return response.StatusCode >= 500 || (broken && response.StatusCode/100 != 4)
}

// delay returns the delay after a try. It doubles with each try. Half of the
// delay is random, so that calls that failed together are not all repeated at
// once.
func (t *retryTransport) delay(try int) time.Duration {
	delay := min(firstRetryDelay<<min(try-1, 16), maxRetryDelay)
	return delay/2 + time.Duration(t.random()*float64(delay/2))
}

// failureOf describes the last failure.
func failureOf(response *http.Response, err error) string {
	if err != nil {
		return "the last try failed: " + err.Error()
	}
	return fmt.Sprintf("the last try was answered with HTTP %d", response.StatusCode)
}

// masheryCode is the header in which the proxy in front of the API gives its
// reason for refusing a request.
const masheryCode = "X-Mashery-Error-Code"

// isThrottle reports whether the proxy refused a request because there were too many.
// The proxy answers with status 403 both then and for a wrong key; only the header
// distinguishes the two.
func isThrottle(response *http.Response) bool {
	if response.StatusCode == http.StatusTooManyRequests {
		return true
	}
	code := response.Header.Get(masheryCode)
	return response.StatusCode == http.StatusForbidden &&
		(strings.Contains(code, "OVER_QPS") || strings.Contains(code, "OVER_RATE"))
}

// retryAfter returns the delay that the service requests. The Retry-After header holds
// seconds or a date.
func retryAfter(response *http.Response, now time.Time) time.Duration {
	header := strings.TrimSpace(response.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(header, 64); err == nil && seconds >= 0 && seconds < 1e8 {
		return time.Duration(seconds * float64(time.Second))
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}

// pause waits until the delay has passed on the clock. It returns the error of the
// context if the context ends first.
func pause(ctx context.Context, clock clockwork.Clock, delay time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if delay <= 0 {
		return nil
	}
	timer := clock.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.Chan():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
