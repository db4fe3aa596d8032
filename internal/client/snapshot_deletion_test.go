// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestDeletionOf(t *testing.T) {
	t.Parallel()
	const name, address = "web", "203.0.113.7"
	job := func(id int64, command, state string) string { return jobJSON(id, command, name, address, "", state) }
	elsewhere := jobJSON(6, JobDeleteVirtualServer, name, "203.0.113.8", "", JobProcessing)
	for _, test := range []struct {
		name string
		jobs []string
		want int64
	}{
		{name: "no job"},
		{name: "queued", jobs: []string{job(6, JobDeleteVirtualServer, JobQueued), job(5, JobCreateVirtualServer, JobSucceeded)}, want: 6},
		{name: "processing", jobs: []string{job(6, JobDeleteVirtualServer, JobProcessing)}, want: 6},
		{name: "succeeded", jobs: []string{job(6, JobDeleteVirtualServer, JobSucceeded)}, want: 6},
		{name: "failed", jobs: []string{job(6, JobDeleteVirtualServer, JobFatal)}},
		{name: "of another server", jobs: []string{elsewhere}},
		{name: "stopped", jobs: []string{job(6, JobStopVirtualServer, JobSucceeded)}},
		{name: "with a newer command that failed", jobs: []string{job(7, JobStartVirtualServer, JobFatal), job(6, JobDeleteVirtualServer, JobProcessing)}, want: 6},
		{name: "with a newer deletion that failed", jobs: []string{job(7, JobDeleteVirtualServer, JobFatal), job(6, JobDeleteVirtualServer, JobProcessing)}, want: 6},
		{name: "of an earlier server", jobs: []string{job(6, JobDeleteVirtualServer, JobSucceeded), job(7, JobCreateVirtualServer, JobSucceeded)}},
		{name: "of an earlier server, while the next server is being created", jobs: []string{job(6, JobDeleteVirtualServer, JobSucceeded), job(7, JobCreateVirtualServer, JobQueued)}},
		{name: "with a newer creation that failed", jobs: []string{job(7, JobCreateVirtualServer, JobFatal), job(6, JobDeleteVirtualServer, JobProcessing)}, want: 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := newGridClient(t)
				g.set(func(g *grid) { g.servers, g.jobs = []string{serverJSON(7, name, address, StateOff)}, test.jobs })
				server, err := c.Snapshot.Server(t.Context(), 7)
				if err != nil || server == nil {
					t.Fatalf("got %v, %v", server, err)
				}
				shared, err := c.Snapshot.Deletion(t.Context(), server)
				if err != nil {
					t.Fatal(err)
				}
				fresh, err := c.Snapshot.FreshDeletion(t.Context(), server)
				if err != nil {
					t.Fatal(err)
				}
				for kind, found := range map[string]*Job{"shared": shared, "fresh": fresh} {
					if found == nil && test.want != 0 || found != nil && found.ID != test.want {
						t.Errorf("%s: got %v, want job %d", kind, found, test.want)
					}
				}
			})
		})
	}
}

// Readers of the same list of servers share one list of jobs. A newer list of
// servers needs a newer list of jobs, because a deletion may have begun in the
// meantime.
func TestDeletionSharesJobsPerList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		off := []string{serverJSON(7, "web", "203.0.113.7", StateOff), serverJSON(8, "db", "203.0.113.8", StateOff)}
		g.set(func(g *grid) { g.servers = off })
		deletions := func() (found int) {
			t.Helper()
			servers, err := c.Snapshot.Servers(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var group sync.WaitGroup
			var mu sync.Mutex
			for range 10 {
				for i := range servers {
					group.Go(func() {
						job, err := c.Snapshot.Deletion(t.Context(), &servers[i])
						mu.Lock()
						defer mu.Unlock()
						if err != nil {
							t.Error(err)
						}
						if job != nil {
							found++
						}
					})
				}
			}
			group.Wait()
			return found
		}
		if found, calls := deletions(), s.count("grid.job.list"); found != 0 || calls != 1 {
			t.Errorf("got %d deletions after %d lists of jobs, want 0 after 1", found, calls)
		}
		g.set(func(g *grid) {
			g.jobs = []string{jobJSON(5, JobDeleteVirtualServer, "web", "203.0.113.7", "", JobProcessing)}
		})
		c.Snapshot.Refresh(KindServers)
		if found, calls := deletions(), s.count("grid.job.list"); found != 10 || calls != 2 {
			t.Errorf("got %d deletions after %d lists of jobs, want 10 after 2", found, calls)
		}
		if server, err := c.Snapshot.FreshServer(t.Context(), 7); err != nil || server == nil {
			t.Fatal(server, err)
		}
		if found, calls := deletions(), s.count("grid.job.list"); found != 10 || calls != 3 {
			t.Errorf("after a direct lookup: got %d deletions after %d lists of jobs, want 10 after 3", found, calls)
		}
	})
}

// If the API key may not list jobs, Deletion returns nil. If listing the jobs
// fails, Deletion returns an error.
func TestDeletionWithoutJobs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		answer reply
		failed bool
	}{{"denied", failure(401, "", "no"), false}, {"failed", failure(500, "", "no"), true}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := newGridClient(t)
				g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOff)} })
				scripted(g, "grid.job.list", test.answer)
				server, err := c.Snapshot.Server(t.Context(), 7)
				if err != nil {
					t.Fatal(err)
				}
				job, err := c.Snapshot.Deletion(t.Context(), server)
				fresh, freshErr := c.Snapshot.FreshDeletion(t.Context(), server)
				if job != nil || fresh != nil || (err != nil) != test.failed || (freshErr != nil) != test.failed {
					t.Errorf("got %v, %v and %v, %v; want errors: %t", job, err, fresh, freshErr, test.failed)
				}
			})
		})
	}
}

// The state of a server that is being deleted is On, then Off. Neither state
// ends a wait: a wait ends only when the server is absent or its deletion has
// failed.
func TestWaitsOutlastADeletion(t *testing.T) {
	t.Parallel()
	const name, address = "web", "203.0.113.7"
	state := func(name string) func(*Server) bool {
		return func(s *Server) bool { return s != nil && s.State.Matches(name) }
	}
	for label, wait := range map[string]ServerWait{
		"for Off":     {Operation: OperationPowerServer, ID: 7, Done: state(StateOff), Job: JobAny},
		"for On":      {Operation: OperationPowerServer, ID: 7, Done: state(StateOn), Job: JobAny},
		"creation":    {Operation: OperationCreateServer, Name: name, Address: address, Job: JobCreateVirtualServer},
		"restart":     {Operation: OperationPowerServer, ID: 7, Done: state(StateOn), Job: JobRestartVirtualServer, NeedsJob: true},
		"edit, idle":  {Operation: OperationEditServer, ID: 7, Done: state(StateOff), Job: JobAny, Idle: true},
		"with memory": {Operation: OperationPowerServer, ID: 7, Name: name, Address: address, Done: state(StateOff), Job: JobStopVirtualServer},
	} {
		for _, fails := range []bool{false, true} {
			t.Run(label+map[bool]string{true: "/failed", false: "/gone"}[fails], func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c, g, _ := newGridClient(t)
					made := jobJSON(4, JobCreateVirtualServer, name, address, "", JobSucceeded)
					restarted := jobJSON(5, JobRestartVirtualServer, name, address, "", JobSucceeded)
					deletes := func(state string) []string {
						return []string{jobJSON(6, JobDeleteVirtualServer, name, address, "", state), restarted, made}
					}
					ends := StateOn
					if strings.HasPrefix(label, "for Off") || label == "edit, idle" || label == "with memory" {
						ends = StateOff
					}
					g.set(func(g *grid) {
						g.servers, g.jobs = []string{serverJSON(7, name, address, StateOn)}, deletes(JobProcessing)
						g.ips = []string{ipJSON(1, address, true, true)}
					})
					changeAfter(g, time.Minute, func(g *grid) { g.servers = []string{serverJSON(7, name, address, StateOff)} })
					changeAfter(g, 2*time.Minute, func(g *grid) {
						if fails {
							g.servers, g.jobs = []string{serverJSON(7, name, address, ends)}, append(deletes(JobFatal)[1:], deletes(JobFatal)[0])
							return
						}
						g.servers, g.jobs = nil, deletes(JobSucceeded)
					})
					begun := time.Now()
					_, err := c.Watch.Server(deadlineIn(t, time.Hour), wait)
					var gone *GoneError
					switch took := time.Since(begun); {
					case took < 2*time.Minute:
						t.Errorf("the wait ended after %s, before the deletion: %v", took, err)
					case !fails && !errors.As(err, &gone):
						t.Errorf("got %v, want a GoneError", err)
					case fails && wait.Job != JobAny && err != nil:
						t.Errorf("got %v, but the server still exists", err)
					}
				})
			})
		}
	}
}

// The error of a wait names the job that deletes the server.
func TestWaitNamesADeletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := newGridClient(t)
		g.set(func(g *grid) {
			g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOff)}
			g.jobs = []string{jobJSON(6, JobDeleteVirtualServer, "web", "203.0.113.7", "", JobProcessing)}
		})
		_, err := c.Watch.Server(deadlineIn(t, time.Minute), ServerWait{Operation: OperationPowerServer, ID: 7, Job: JobStartVirtualServer})
		if err == nil || !strings.Contains(err.Error(), "state Off; job 6 (DeleteVirtualServer) is Processing") {
			t.Errorf("got %v", err)
		}
	})
}
