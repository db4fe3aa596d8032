// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// If the deadline passes during a poll, the result of another poll after the
// deadline counts, because the server may have become ready.
func TestLastLook(t *testing.T) {
	t.Parallel()
	const limit = 10 * time.Minute
	wait := ServerWait{Operation: OperationPowerServer, ID: 7}
	off, on := []string{serverJSON(7, "web", "203.0.113.7", StateOff)}, []string{serverJSON(7, "web", "203.0.113.7", StateOn)}
	for _, test := range []struct {
		name   string
		frozen time.Duration // duration of the last poll before the deadline
		then   []string
		last   reply // answers the polls after the deadline instead of the grid
		want   string
	}{
		{"finds the server on", 2 * time.Minute, on, reply{}, "on"},
		{"finds the server off", 2 * time.Minute, off, reply{}, "off"},
		{"finds nothing", 2 * time.Minute, nil, reply{}, "absent"},
		{"fails", 2 * time.Minute, on, failure(500, "", "oops"), "unseen"},
		{"is cut", 2 * time.Minute, nil, reply{body: listed(`"total":1`)}, "unseen"},
		{"never begins", 30 * time.Minute, on, reply{}, "unseen"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, s := newGridClient(t, WithRequestTimeout(time.Hour))
				g.set(func(g *grid) { g.servers = off })
				begun, plain, once := time.Now(), s.answer, sync.Once{}
				s.answer = func(method string, form url.Values) reply {
					answered := plain(method, form)
					if time.Since(begun) > limit-30*time.Second {
						once.Do(func() { advance(test.frozen) })
					}
					return answered
				}
				changeAfter(g, limit, func(g *grid) { g.servers = test.then })
				if test.last.body != "" {
					overrideBetween(g, "grid.server.list", limit, time.Hour, test.last)
				}
				server, err := c.Watch.Server(deadlineIn(t, limit), wait)
				var waited *WaitError
				switch {
				case test.want == "on":
					if err != nil || server == nil || !server.State.Matches(StateOn) {
						t.Errorf("got %v, %v", server, err)
					}
				case !errors.As(err, &waited) || !errors.Is(err, context.DeadlineExceeded):
					t.Errorf("got %v, want a WaitError with DeadlineExceeded", err)
				case waited.StatusUnknown != (test.want == "unseen"):
					t.Errorf("%v status unknown: %t", err, waited.StatusUnknown)
				}
				if took := time.Since(begun); took > limit+lastPollLimit {
					t.Errorf("took %s, although the limit was %s", took, limit)
				}
				advance(time.Hour) // let the blocked handler return
			})
		})
	}
}

// A wait that begins after its deadline still polls once.
func TestLastLookOfALateWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOn)} })
		late := deadlineIn(t, time.Second)
		advance(time.Minute)
		if server, err := c.Watch.Server(late, ServerWait{Operation: OperationPowerServer, ID: 7}); err != nil || server == nil {
			t.Errorf("got %v, %v", server, err)
		}
		if got := s.count("grid.server.list"); got != 1 {
			t.Errorf("%d polls, want 1", got)
		}
	})
}

// Waits whose deadlines pass together share one last poll.
func TestLastLookIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		const waits = 200
		for i := range waits {
			g.servers = append(g.servers, serverJSON(int64(1000+i), "web", fmt.Sprintf("10.1.%d.%d", i/256, i%256), StateOff))
		}
		const limit = 5*time.Minute + 5*time.Second // between two polls
		ctx := deadlineIn(t, limit)
		var group sync.WaitGroup
		for i := range waits {
			group.Go(func() {
				_, err := c.Watch.Server(ctx, ServerWait{Operation: OperationPowerServer, ID: int64(1000 + i)})
				if !errors.Is(err, context.DeadlineExceeded) || IsStatusUnknown(err) {
					t.Errorf("got %v", err)
				}
			})
		}
		advance(limit - time.Second)
		before := s.count("grid.server.list")
		group.Wait()
		if got := s.count("grid.server.list") - before; got != 1 {
			t.Errorf("%d polls after the deadline of %d waits, want 1", got, waits)
		}
	})
}

// A canceled context ends a wait at once, without a last poll.
func TestCanceledWaitsLeaveAtOnce(t *testing.T) {
	t.Parallel()
	for _, early := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			c, g, s := newGridClient(t)
			g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOff)} })
			ctx, cancel := context.WithCancel(deadlineIn(t, time.Hour))
			if early {
				cancel()
			}
			time.AfterFunc(time.Minute, cancel)
			begun := time.Now()
			_, err := c.Watch.Server(ctx, ServerWait{Operation: OperationPowerServer, ID: 7})
			took, polls := time.Since(begun), s.count("grid.server.list")
			if want := map[bool]time.Duration{true: 0, false: time.Minute}[early]; took != want || !errors.Is(err, context.Canceled) {
				t.Errorf("early %t: got %v after %s, want %s", early, err, took, want)
			}
			if IsStatusUnknown(err) != early {
				t.Errorf("early %t: %v status unknown: %t", early, err, IsStatusUnknown(err))
			}
			advance(time.Hour)
			if s.count("grid.server.list") != polls {
				t.Errorf("early %t: the client still polled after the wait", early)
			}
		})
	}
}

// If an outage lasts until the deadline, the status of the server is unknown.
func TestOutageUntilTheLimit(t *testing.T) {
	t.Parallel()
	for _, answered := range []reply{{err: errRefused}, {err: errReset}, failure(503, "", "down"), {status: 403, body: "<h1>no</h1>"}} {
		synctest.Test(t, func(t *testing.T) {
			c, g, _ := newGridClient(t, WithMaxRetries(4))
			g.set(func(g *grid) { g.servers = []string{serverJSON(0, "web", "203.0.113.7", StateOff)} })
			for _, method := range []string{"grid.server.list", "grid.server.get", "grid.job.list", "grid.ip.list"} {
				overrideBetween(g, method, time.Minute, 2*time.Hour, answered)
			}
			_, err := c.Watch.Server(deadlineIn(t, 30*time.Minute), createWait)
			var waited *WaitError
			if !errors.As(err, &waited) || !waited.StatusUnknown || waited.Failure == nil || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v: got %v, want an unknown status and the error of the last poll", answered, err)
			}
			if err != nil && !strings.Contains(err.Error(), "being provisioned") {
				t.Errorf("%q does not contain the last state", err)
			}
		})
	}
}
