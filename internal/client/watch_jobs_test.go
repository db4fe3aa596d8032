// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatchJobs(t *testing.T) {
	t.Parallel()
	const name, address = "web", "203.0.113.7"
	restart := ServerWait{Operation: OperationPowerServer, ID: 7, Job: JobRestartVirtualServer, NeedsJob: true}
	on := []string{serverJSON(7, name, address, StateOn)}
	pending := []string{serverJSON(0, name, address, StateOff)}
	create := ServerWait{Operation: OperationCreateServer, Name: name, Address: address, Job: JobCreateVirtualServer}
	for _, test := range []struct {
		name    string
		wait    ServerWait
		servers []string
		first   []string // jobs from the start
		then    []string // jobs after three minutes
		denied  bool
		wantID  int64
		wantErr string
		atLeast time.Duration
		atMost  time.Duration
	}{
		{
			name: "a failed creation ends the wait at once", wait: create,
			first:   []string{jobJSON(5, JobCreateVirtualServer, name, address, "No room left on the node", JobQueued, JobFailed)},
			wantErr: "No room left on the node", atMost: 10 * time.Second,
		},
		{
			name: "a failed creation of a server that is still listed", wait: create, servers: pending,
			first:   []string{jobJSON(5, JobCreateVirtualServer, name, address, "No room left on the node", JobQueued, JobFailed)},
			wantErr: "No room left on the node", atLeast: absenceTimeout, atMost: absenceTimeout + 30*time.Second,
		},
		{
			name: "a job of another server with the same name does not count", wait: restart, servers: on,
			first: []string{
				jobJSON(6, JobRestartVirtualServer, name, "203.0.113.8", "", JobFailed),
				jobJSON(5, JobRestartVirtualServer, name, address, "", JobSucceeded),
			},
			wantID: 7, atMost: 10 * time.Second,
		},
		{
			name: "an older failed job does not count", wait: restart, servers: on,
			first: []string{
				jobJSON(5, JobRestartVirtualServer, name, address, "", JobFailed),
				jobJSON(6, JobRestartVirtualServer, name, address, "", JobSucceeded),
			},
			wantID: 7, atMost: 10 * time.Second,
		},
		{
			name: "an unfinished required job keeps the wait running", wait: restart, servers: on,
			first:  []string{jobJSON(5, JobRestartVirtualServer, name, address, "", JobQueued, JobProcessing)},
			then:   []string{jobJSON(5, JobRestartVirtualServer, name, address, "", JobQueued, JobProcessing, JobSucceeded)},
			wantID: 7, atLeast: 3 * time.Minute, atMost: 200 * time.Second,
		},
		{
			name: "a required job may have an unknown command", wait: restart, servers: on,
			first:  []string{jobJSON(5, "CycleVirtualServer", name, address, "", JobProcessing)},
			then:   []string{jobJSON(5, "CycleVirtualServer", name, address, "", JobSucceeded)},
			wantID: 7, atLeast: 3 * time.Minute, atMost: 200 * time.Second,
		},
		{
			name: "any command", wait: ServerWait{Operation: OperationEditServer, ID: 7, Job: JobAny, NeedsJob: true}, servers: on,
			first:   []string{jobJSON(5, "EditSomething", name, address, "There is already a pending request for this vm", JobFailed)},
			wantErr: "already a pending request", atMost: 10 * time.Second,
		},
		{
			name: "a required job that is never listed", wait: restart, servers: on,
			wantID: 7, atLeast: 10 * time.Second, atMost: time.Minute,
		},
		{
			name: "a key that may not list jobs", wait: restart, servers: on, denied: true,
			wantID: 7, atMost: 10 * time.Second,
		},
		{
			name: "gone", wait: create, wantErr: "is not on the grid", atLeast: absenceTimeout, atMost: absenceTimeout + 30*time.Second,
		},
		{
			name: "missing while the job is running", wait: create,
			first:   []string{jobJSON(5, JobCreateVirtualServer, name, address, "", JobProcessing)},
			then:    []string{jobJSON(5, JobCreateVirtualServer, name, address, "Out of luck", JobFailed)},
			wantErr: "Out of luck", atLeast: 3 * time.Minute, atMost: 4 * time.Minute,
		},
		{
			name: "the address now belongs to another server", wait: create, servers: []string{serverJSON(9, "other", address, StateOn)},
			wantErr: "is not on the grid", atLeast: absenceTimeout, atMost: absenceTimeout + 30*time.Second,
		},
		{
			name: "deleted", wait: ServerWait{
				Operation: OperationDeleteServer, ID: 7, Done: func(s *Server) bool { return s == nil }, Job: JobDeleteVirtualServer,
			},
			atMost: 10 * time.Second,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := newGridClient(t)
				g.set(func(g *grid) {
					g.servers, g.jobs, g.ips = test.servers, test.first, []string{ipJSON(1, address, true, false)}
					if test.denied {
						g.override = func(method string, _ url.Values) (reply, bool) {
							return failure(http.StatusUnauthorized, "", "no"), method == "grid.job.list"
						}
					}
				})
				if test.then != nil {
					changeAfter(g, 3*time.Minute, func(g *grid) { g.jobs = test.then })
				}
				begun := time.Now()
				server, err := c.Watch.Server(deadlineIn(t, time.Hour), test.wait)
				if took := time.Since(begun); took < test.atLeast || took > test.atMost {
					t.Errorf("took %s, want %s to %s", took, test.atLeast, test.atMost)
				}
				switch {
				case test.wantErr == "" && err != nil:
					t.Fatal(err)
				case test.wantErr != "" && (err == nil || !strings.Contains(err.Error(), test.wantErr)):
					t.Fatalf("got error %v, want one with %q", err, test.wantErr)
				case test.wantErr == "" && test.wantID == 0 && server != nil:
					t.Errorf("got %v, want none", server)
				case test.wantID != 0 && server.ID != test.wantID:
					t.Errorf("got id %d, want %d", server.ID, test.wantID)
				}
			})
		})
	}
}

func TestWatchErrorsAreTyped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := newGridClient(t)
		g.set(func(g *grid) {
			g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOn)}
			g.jobs = []string{jobJSON(5, JobDeleteVirtualServer, "web", "203.0.113.7", "There is already a pending request for this vm", JobFailed)}
		})
		_, err := c.Watch.Server(t.Context(), ServerWait{
			Operation: OperationDeleteServer, ID: 7, Done: func(s *Server) bool { return s == nil }, Job: JobDeleteVirtualServer,
		})
		var job *JobError
		if !errors.As(err, &job) || job.Job.ID != 5 || job.Reason != "There is already a pending request for this vm" || !IsConflict(err) {
			t.Errorf("got %#v, want a JobError for job 5 that reports a conflict", err)
		}
		g.set(func(g *grid) { g.servers, g.jobs = nil, nil })
		_, err = c.Watch.Server(t.Context(), ServerWait{Operation: OperationPowerServer, ID: 7})
		var gone *GoneError
		if !errors.As(err, &gone) {
			t.Errorf("got %v, want a GoneError", err)
		}
	})
}

// With Idle set, a wait ends even if GoGrid never received the change.
func TestIdleWait(t *testing.T) {
	t.Parallel()
	const name, address = "web", "203.0.113.7"
	for _, test := range []struct {
		name  string
		first []string
		then  []string // jobs after three minutes
		fault reply    // answers the list of jobs
		in    time.Duration
		want  bool // the wait ends without an error
	}{
		{name: "no job", in: 10 * time.Second, want: true},
		{name: "a finished job", first: []string{jobJSON(5, "X", name, address, "", JobFailed)}, in: 10 * time.Second, want: true},
		{
			name: "a job at work", first: []string{jobJSON(5, "X", name, address, "", JobProcessing)},
			then: []string{jobJSON(5, "X", name, address, "", JobSucceeded)}, in: 200 * time.Second, want: true,
		},
		{name: "a job of another server", first: []string{jobJSON(5, "X", name, "203.0.113.8", "", JobProcessing)}, in: 10 * time.Second, want: true},
		{name: "no list of jobs", fault: failure(500, "", "oops"), in: 11 * time.Minute},
		{name: "no jobs for this key", fault: failure(http.StatusUnauthorized, "", "no"), in: 10 * time.Second, want: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := newGridClient(t)
				g.set(func(g *grid) { g.servers, g.jobs = []string{serverJSON(7, name, address, StateOff)}, test.first })
				if test.fault.body != "" {
					overrideBetween(g, "grid.job.list", 0, time.Hour, test.fault)
				}
				changeAfter(g, 3*time.Minute, func(g *grid) { g.jobs = test.then })
				begun := time.Now()
				server, err := c.Watch.Server(deadlineIn(t, 10*time.Minute), ServerWait{
					Operation: OperationPowerServer, ID: 7, Name: name, Address: address, Idle: true,
				})
				if (err == nil) != test.want || err == nil && (server == nil || server.ID != 7) {
					t.Errorf("got %v, %v", server, err)
				}
				if took := time.Since(begun); took > test.in {
					t.Errorf("took %s, want at most %s", took, test.in)
				}
			})
		})
	}
}
