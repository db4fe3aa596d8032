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

// limitTransport spaces out the tries of all calls of a client.
type limitTransport struct {
	next    http.RoundTripper
	clock   clockwork.Clock
	limiter *rate.Limiter
}

// newLimitTransport returns next itself if there is no limit. As many requests
// as are allowed in a second may go at once.
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
		return nil, fmt.Errorf("waiting for a turn within the allowed requests per second: %w", err)
	}
	return t.next.RoundTrip(request)
}
