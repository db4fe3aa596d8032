// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var createWait = ServerWait{Operation: OperationCreateServer, Name: "web", Address: "203.0.113.7", Job: JobCreateVirtualServer}

// A list that lags behind the add does not end the wait for the server.
func TestCreateWaitOutlastsALaggingList(t *testing.T) {
	t.Parallel()
	const name, address = "web", "203.0.113.7"
	create := func(states ...string) []string {
		return []string{jobJSON(6, JobCreateVirtualServer, name, address, "", states...)}
	}
	deleted := jobJSON(5, JobDeleteVirtualServer, name, address, "", JobSucceeded)
	failed := jobJSON(5, JobCreateVirtualServer, name, address, "Out of luck", JobFailed)
	pending, on := []string{serverJSON(0, name, address, StateOff)}, []string{serverJSON(7, name, address, StateOn)}
	for _, lag := range []time.Duration{90 * time.Second, 4 * time.Minute} {
		for _, test := range []struct {
			name    string
			servers []string // while the lists lag
			ips     []string
			jobs    []string
		}{
			{"the address is assigned", nil, []string{ipJSON(1, address, true, true)}, nil},
			{"the job is at work", nil, []string{ipJSON(1, address, true, false)}, create(JobProcessing)},
			{"the job has succeeded", nil, []string{ipJSON(1, address, true, false)}, create(JobSucceeded)},
			{"everything lags", nil, []string{ipJSON(1, address, true, false)}, nil},
			{"everything lags behind a deletion", nil, []string{ipJSON(1, address, true, false)}, []string{deleted}},
			{"the newest listed job is an earlier failed creation", pending, []string{ipJSON(1, address, true, true)}, []string{failed}},
			{"an earlier server had the address", []string{serverJSON(3, "old", address, StateOn)}, []string{ipJSON(1, address, true, true)}, nil},
		} {
			t.Run(fmt.Sprintf("%s for %s", test.name, lag), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c, g, _ := newGridClient(t)
					g.set(func(g *grid) { g.servers, g.ips, g.jobs = test.servers, test.ips, test.jobs })
					changeAfter(g, lag, func(g *grid) {
						g.servers, g.ips, g.jobs = on, []string{ipJSON(1, address, true, true)}, create(JobSucceeded)
					})
					begun := time.Now()
					server, err := c.Watch.Server(deadlineIn(t, time.Hour), createWait)
					if err != nil || server == nil || server.ID != 7 {
						t.Errorf("got %v, %v", server, err)
					}
					if took := time.Since(begun); took > lag+30*time.Second {
						t.Errorf("took %s for a lag of %s", took, lag)
					}
				})
			})
		}
	}
}

// A server whose creation job has succeeded does not count as gone, even if no
// list ever shows the server.
func TestSucceededJobIsNeverGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := newGridClient(t)
		g.set(func(g *grid) {
			g.ips = []string{ipJSON(1, "203.0.113.7", true, false)}
			g.jobs = []string{jobJSON(6, JobCreateVirtualServer, "web", "203.0.113.7", "", JobSucceeded)}
		})
		_, err := c.Watch.Server(deadlineIn(t, 20*time.Minute), createWait)
		if !IsStatusUnknown(err) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "Succeeded") {
			t.Errorf("got %v, want an unknown status and the state of the job", err)
		}
	})
}

// If the client cannot list jobs, a job may be creating the server, so its
// absence is not proven.
func TestCreateWaitWithoutJobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := newGridClient(t)
		g.set(func(g *grid) { g.ips = []string{ipJSON(1, "203.0.113.7", true, false)} })
		overrideBetween(g, "grid.job.list", 0, time.Hour, failure(500, "", "oops"))
		if _, err := c.Watch.Server(deadlineIn(t, 20*time.Minute), createWait); !IsStatusUnknown(err) {
			t.Errorf("got %v, want an unknown status", err)
		}
	})
}

// A failed job of an earlier server with the same name and address does not end the
// wait.
func TestStaleJobOfAnEarlierServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := newGridClient(t)
		const name, address = "web", "203.0.113.7"
		g.set(func(g *grid) {
			g.servers, g.ips = []string{serverJSON(0, name, address, StateOff)}, []string{ipJSON(1, address, true, true)}
			g.jobs = []string{jobJSON(5, JobCreateVirtualServer, name, address, "Out of luck", JobFailed)}
		})
		changeAfter(g, 3*time.Minute, func(g *grid) {
			g.jobs = append([]string{jobJSON(6, JobCreateVirtualServer, name, address, "", JobProcessing)}, g.jobs...)
		})
		changeAfter(g, 10*time.Minute, func(g *grid) { g.servers = []string{serverJSON(7, name, address, StateOn)} })
		if server, err := c.Watch.Server(deadlineIn(t, time.Hour), createWait); err != nil || server == nil || server.ID != 7 {
			t.Errorf("got %v, %v", server, err)
		}
	})
}

// After a replacement an old list may show the replaced server, which has the same
// name and address but another id. The wait ignores it.
func TestCreateWaitDoesNotTakeTheReplacedServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := newGridClient(t)
		const name, address = "web", "203.0.113.7"
		old, taken := serverJSON(3, name, address, StateOn), []string{ipJSON(1, address, true, true)}
		if _, err := c.Watch.Server(deadlineIn(t, time.Hour), ServerWait{
			Operation: OperationDeleteServer, ID: 3, Done: func(s *Server) bool { return s == nil },
		}); err != nil {
			t.Fatal(err)
		}
		g.set(func(g *grid) { g.servers, g.ips = []string{old}, taken })
		overrideBetween(g, "grid.server.get", 0, time.Hour, notFound())
		changeAfter(g, 90*time.Second, func(g *grid) { g.servers = []string{serverJSON(7, name, address, StateOn)} })
		if server, err := c.Watch.Server(deadlineIn(t, time.Hour), createWait); err != nil || server == nil || server.ID != 7 {
			t.Errorf("got %v, %v, want server 7", server, err)
		}
	})
}
