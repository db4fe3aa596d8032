// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"math"
	"net/http"

	"github.com/jonboulle/clockwork"
	"golang.org/x/time/rate"
)

// limitTransport limits the rate of all requests of a client, including
// retries.
type limitTransport struct {
	next    http.RoundTripper
	clock   clockwork.Clock
	limiter *rate.Limiter
}

// newLimitTransport returns next unchanged if perSecond is 0. A burst may
// contain as many requests as the limit allows in one second.
func newLimitTransport(next http.RoundTripper, clock clockwork.Clock, perSecond float64) http.RoundTripper {
	if perSecond == 0 {
		return next
	}
	burst := int(math.Max(1, math.Min(perSecond, maxConnections)))
	return &limitTransport{next: next, clock: clock, limiter: rate.NewLimiter(rate.Limit(perSecond), burst)}
}

// RoundTrip implements [http.RoundTripper].
func (t *limitTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	now := t.clock.Now()
	reservation := t.limiter.ReserveN(now, 1)
	if err := pause(request.Context(), t.clock, reservation.DelayFrom(now)); err != nil {
		reservation.CancelAt(t.clock.Now())
		return nil, fmt.Errorf("wait for the limit of requests per second: %w", err)
	}
	return t.next.RoundTrip(request)
}
