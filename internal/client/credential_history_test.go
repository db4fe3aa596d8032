// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The client retries a refused read if the service accepted the credential, or the
// method, before. All other refused calls fail at once.
func TestRefusalsAfterAcceptedCalls(t *testing.T) {
	t.Parallel()
	const retries = 4
	list := func(t *testing.T, c *Client) error {
		_, err := c.Servers.List(t.Context(), ServerFilter{})
		return err
	}
	remove := func(t *testing.T, c *Client) error {
		_, err := c.Servers.Delete(t.Context(), 7)
		return err
	}
	images := func(t *testing.T, c *Client) error {
		_, err := c.Images.List(t.Context(), ImageFilter{})
		return err
	}
	for _, status := range []int{http.StatusForbidden, http.StatusUnauthorized} {
		for _, test := range []struct {
			name   string
			before []func(*testing.T, *Client) error
			call   func(*testing.T, *Client) error
			method string
			// refusals is the number of calls in a row that the service refuses.
			refusals int
			tries    map[int]int // by status
			ok       bool
		}{
			{"first call", nil, list, "grid.server.list", 1, map[int]int{403: 1, 401: 1}, false},
			{"first change", nil, remove, "grid.server.delete", 1, map[int]int{403: 1, 401: 1}, false},
			{"read, once", []func(*testing.T, *Client) error{list}, list, "grid.server.list", 1, map[int]int{403: 2, 401: 2}, true},
			{"change, once", []func(*testing.T, *Client) error{remove}, remove, "grid.server.delete", 1, map[int]int{403: 1, 401: 1}, false},
			{"read, as often as the client repeats it", []func(*testing.T, *Client) error{list}, list, "grid.server.list", retries, map[int]int{403: 5, 401: 5}, true},
			{"read, for good", []func(*testing.T, *Client) error{list}, list, "grid.server.list", 99, map[int]int{403: 5, 401: 5}, false},
			{"change, for good", []func(*testing.T, *Client) error{remove}, remove, "grid.server.delete", 99, map[int]int{403: 1, 401: 1}, false},
			{"another method, for good", []func(*testing.T, *Client) error{images}, remove, "grid.server.delete", 99, map[int]int{403: 1, 401: 1}, false},
		} {
			t.Run(fmt.Sprintf("%d, %s", status, test.name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					left := 0
					s := &service{answer: func(method string, form url.Values) reply {
						if left > 0 {
							left--
							return reply{status: status, body: "<h1>no</h1>"}
						}
						return reply{body: success(rowOf(method, form))}
					}}
					c := newTestClient(t, s, WithMaxRetries(retries))
					for _, accepted := range test.before {
						if err := accepted(t, c); err != nil {
							t.Fatal(err)
						}
					}
					before := s.count(test.method)
					left = test.refusals
					err := test.call(t, c)
					if got := s.count(test.method) - before; got != test.tries[status] {
						t.Errorf("%d tries, want %d", got, test.tries[status])
					}
					ok := test.ok && test.tries[status] > 1
					// The client checks whether a change took effect before it
					// sends the change again.
					another := status == http.StatusUnauthorized && strings.HasPrefix(test.name, "another")
					unknown := test.method == "grid.server.delete" && len(test.before) > 0 && !another
					if (err == nil) != ok || IsOutcomeUnknown(err) != unknown {
						t.Errorf("got %v, want success %t and an unknown outcome %t", err, ok, unknown)
					}
					if err != nil && (status == http.StatusForbidden && !IsUnauthenticated(err) || status == http.StatusUnauthorized && !IsDenied(err)) {
						t.Errorf("got %v, want an error that reports the refusal", err)
					}
				})
			})
		}
	}
}

// A wait continues if the service refuses calls after it has accepted some. If
// the refusals last until the deadline of the wait, the status of the server is
// unknown.
func TestWatchOutlastsRefusals(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusForbidden, http.StatusUnauthorized} {
		for _, test := range []struct {
			name string
			from time.Duration // start of the refusals; 0 if the service refuses the first call
			to   time.Duration
			want string
			in   time.Duration
		}{
			{"from the first call", 0, time.Hour, "", 2 * time.Second},
			{"after accepted calls", time.Minute, 5 * time.Minute, "done", 5 * time.Minute},
			{"after accepted calls, for good", time.Minute, time.Hour, "unseen", 20 * time.Minute},
		} {
			t.Run(fmt.Sprintf("%d, %s", status, test.name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c, g, _ := newGridClient(t)
					begun := time.Now()
					g.set(func(g *grid) {
						g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOff)}
						g.override = func(string, url.Values) (reply, bool) {
							passed := time.Since(begun)
							return reply{status: status, body: "<h1>no</h1>"}, passed >= test.from && passed < test.to
						}
					})
					changeAfter(g, 2*time.Minute, func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOn)} })
					_, err := c.Watch.Server(deadlineIn(t, 20*time.Minute), ServerWait{Operation: OperationPowerServer, ID: 7, Job: JobAny})
					if (err == nil) != (test.want == "done") || IsStatusUnknown(err) != (err != nil) {
						t.Errorf("got %v, want %s", err, test.want)
					}
					if test.want == "unseen" && !strings.Contains(err.Error(), "The last poll failed") {
						t.Errorf("%q does not mention that the last poll failed", err)
					}
					if took := time.Since(begun); took < test.in || took > test.in+15*time.Second {
						t.Errorf("took %s, want about %s", took, test.in)
					}
				})
			})
		}
	}
}
