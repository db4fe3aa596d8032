// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rate  float64
		calls int
		want  time.Duration
	}{
		{0, 100, 0},
		{1, 5, 4 * time.Second},
		{0.5, 3, 4 * time.Second},
		// 10 calls at once, then one call every tenth of a second.
		{10, 30, 2 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &service{answer: func(string, url.Values) reply { return reply{body: success()} }}
			c := newTestClient(t, s, WithMaxRequestsPerSecond(test.rate))
			begun := time.Now()
			var group sync.WaitGroup
			for range test.calls {
				group.Go(func() {
					if _, err := c.IPs.List(t.Context(), IPFilter{}); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			if took := time.Since(begun); took < test.want || took > test.want+time.Millisecond {
				t.Errorf("%d calls at %v a second took %s, want %s", test.calls, test.rate, took, test.want)
			}
		})
	}
}

func TestLimitHonoursTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{answer: func(string, url.Values) reply {
			return reply{body: success(serverJSON(7, "web", "203.0.113.7", StateOn))}
		}}
		c := newTestClient(t, s, WithMaxRequestsPerSecond(0.01))
		if _, err := c.Servers.Power(t.Context(), 7, PowerOn); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		_, err := c.Servers.Power(deadlineIn(t, time.Second), 7, PowerOn)
		if !errors.Is(err, context.DeadlineExceeded) || IsOutcomeUnknown(err) || time.Since(begun) != time.Second {
			t.Errorf("got %v after %s, want a deadline error with a known outcome after one second", err, time.Since(begun))
		}
		// Other calls may use a canceled reservation.
		begun = time.Now()
		if _, err := c.Servers.Power(t.Context(), 7, PowerOn); err != nil || time.Since(begun) > 100*time.Second {
			t.Errorf("got %v after %s, want success within 100 s", err, time.Since(begun))
		}
	})
}
