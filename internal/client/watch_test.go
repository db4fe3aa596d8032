// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// watched is a client over a scripted grid, inside a bubble of virtual time.
func watched(t *testing.T, settings ...Setting) (*Client, *grid, *service) {
	t.Helper()
	g := &grid{}
	s := &service{answer: g.answer}
	return newTestClient(t, s, settings...), g, s
}

// pass lets virtual time pass.
func pass(d time.Duration) { <-time.NewTimer(d).C }

// at changes the grid after a while.
func at(g *grid, after time.Duration, change func(*grid)) {
	time.AfterFunc(after, func() { g.set(change) })
}

func TestWatchSharesPolls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := watched(t)
		const waits = 200
		pending, on := make([]string, waits), make([]string, waits)
		for i := range waits {
			name, address := fmt.Sprintf("web-%d", i), fmt.Sprintf("203.0.113.%d", i)
			pending[i] = serverJSON(0, name, address, StateOff)
			on[i] = serverJSON(int64(1000+i), name, address, StateOn)
		}
		g.set(func(g *grid) { g.servers = pending })
		at(g, 5*time.Minute, func(g *grid) { g.servers = on })

		var group sync.WaitGroup
		begun := time.Now()
		for i := range waits {
			group.Go(func() {
				server, err := c.Watch.Server(deadlineIn(t, time.Hour), ServerWait{
					Operation: OperationCreateServer, Name: fmt.Sprintf("web-%d", i),
					Address: fmt.Sprintf("203.0.113.%d", i), Job: JobCreateVirtualServer,
				})
				if err != nil || server.ID != int64(1000+i) {
					t.Errorf("wait %d: got %v, %v", i, server, err)
				}
			})
		}
		group.Wait()
		took := time.Since(begun)
		if took > 5*time.Minute+DefaultPollInterval {
			t.Errorf("the waits took %s, want at most one poll interval more than the grid", took)
		}
		lists, jobs := s.count("grid.server.list"), s.count("grid.job.list")
		// 2 s after the start, every 30 s until half of the usual 7 minutes, then every 10 s.
		if lists != jobs || lists < 10 || lists > 20 {
			t.Errorf("%d waits cost %d server lists and %d job lists, want the same of both and 10 to 20", waits, lists, jobs)
		}
		if size := s.form("grid.job.list", 0).Get("num_items"); size != "600" {
			t.Errorf("jobs were asked for %s at a time, want 600: three for each wait", size)
		}
	})
}

func TestWatchStopsWithTheLastWaiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := watched(t)
		g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOff)} })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := c.Watch.Server(ctx, ServerWait{Operation: OperationPowerServer, ID: 7})
			ended <- err
		}()
		pass(time.Minute)
		cancel()
		err := <-ended
		var waited *WaitError
		if !errors.Is(err, context.Canceled) || !errors.As(err, &waited) {
			t.Fatalf("got %v, want a WaitError that wraps context.Canceled", err)
		}
		if !strings.Contains(err.Error(), "id 7, state Off") {
			t.Errorf("%q does not tell what was seen last", err)
		}
		synctest.Wait()
		before := s.count("grid.server.list")
		pass(time.Hour)
		if after := s.count("grid.server.list"); after != before {
			t.Errorf("%d polls after the last waiter had left", after-before)
		}
		if c.Watch.servers.running {
			t.Error("the poller still runs")
		}
	})
}

func TestWatchEndsThePollUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		block := &blocked{}
		c := newTestClient(t, block)
		err := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_, err := c.Watch.Server(ctx, ServerWait{Operation: OperationPowerServer, ID: 7})
			return err
		}()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		synctest.Wait()
		if c.Watch.servers.running {
			t.Error("the poller waits for an answer that nobody needs")
		}
	})
}

// blocked never answers.
type blocked struct{}

func (*blocked) RoundTrip(request *http.Request) (*http.Response, error) {
	<-request.Context().Done()
	return nil, request.Context().Err()
}

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
		then    []string // jobs after a minute
		denied  bool
		wantID  int64
		wantErr string
		atLeast time.Duration
		atMost  time.Duration
	}{
		{
			name: "failed create ends at once with the better note", wait: create, servers: pending,
			first:   []string{jobJSON(5, JobCreateVirtualServer, name, address, "No room left on the node", JobQueued, JobFailed)},
			wantErr: "No room left on the node", atMost: 10 * time.Second,
		},
		{
			name: "a job of another server of that name does not count", wait: create, servers: on,
			first:  []string{jobJSON(5, JobCreateVirtualServer, name, "203.0.113.8", "", JobFailed)},
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
			name: "a needed job keeps the wait going", wait: restart, servers: on,
			first:  []string{jobJSON(5, JobRestartVirtualServer, name, address, "", JobQueued, JobProcessing)},
			then:   []string{jobJSON(5, JobRestartVirtualServer, name, address, "", JobQueued, JobProcessing, JobSucceeded)},
			wantID: 7, atLeast: time.Minute, atMost: 80 * time.Second,
		},
		{
			name: "a needed job may have an unknown command", wait: restart, servers: on,
			first:  []string{jobJSON(5, "CycleVirtualServer", name, address, "", JobProcessing)},
			then:   []string{jobJSON(5, "CycleVirtualServer", name, address, "", JobSucceeded)},
			wantID: 7, atLeast: time.Minute, atMost: 80 * time.Second,
		},
		{
			name: "any command", wait: ServerWait{Operation: OperationEditServer, ID: 7, Job: JobAny, NeedsJob: true}, servers: on,
			first:   []string{jobJSON(5, "EditSomething", name, address, "There is already a pending request for this vm", JobFailed)},
			wantErr: "already a pending request", atMost: 10 * time.Second,
		},
		{
			name: "a needed job that never shows", wait: restart, servers: on,
			wantID: 7, atLeast: 10 * time.Second, atMost: time.Minute,
		},
		{
			name: "a key that may not list jobs", wait: restart, servers: on, denied: true,
			wantID: 7, atMost: 10 * time.Second,
		},
		{
			name: "gone", wait: create, wantErr: "is not on the grid", atMost: 2 * time.Minute,
		},
		{
			name: "missing while its job is at work", wait: create,
			first:   []string{jobJSON(5, JobCreateVirtualServer, name, address, "", JobProcessing)},
			then:    []string{jobJSON(5, JobCreateVirtualServer, name, address, "Out of luck", JobFailed)},
			wantErr: "Out of luck", atLeast: time.Minute, atMost: 2 * time.Minute,
		},
		{
			name: "the address is another's by now", wait: create, servers: []string{serverJSON(9, "other", address, StateOn)},
			wantErr: "is not on the grid", atMost: 2 * time.Minute,
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
				c, g, _ := watched(t)
				g.set(func(g *grid) {
					g.servers, g.jobs = test.servers, test.first
					if test.denied {
						g.override = func(method string, _ url.Values) (reply, bool) {
							return failure(http.StatusUnauthorized, "", "no"), method == "grid.job.list"
						}
					}
				})
				if test.then != nil {
					at(g, time.Minute, func(g *grid) { g.jobs = test.then })
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
		c, g, _ := watched(t)
		g.set(func(g *grid) {
			g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOn)}
			g.jobs = []string{jobJSON(5, JobDeleteVirtualServer, "web", "203.0.113.7", "There is already a pending request for this vm", JobFailed)}
		})
		_, err := c.Watch.Server(t.Context(), ServerWait{
			Operation: OperationDeleteServer, ID: 7, Done: func(s *Server) bool { return s == nil }, Job: JobDeleteVirtualServer,
		})
		var job *JobError
		if !errors.As(err, &job) || job.Job.ID != 5 || job.Reason != "There is already a pending request for this vm" || !IsConflict(err) {
			t.Errorf("got %#v, want a JobError of job 5 that is a conflict", err)
		}
		g.set(func(g *grid) { g.servers, g.jobs = nil, nil })
		_, err = c.Watch.Server(t.Context(), ServerWait{Operation: OperationPowerServer, ID: 7})
		var gone *GoneError
		if !errors.As(err, &gone) {
			t.Errorf("got %v, want a GoneError", err)
		}
	})
}

func TestWatchToleratesFailedPolls(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		failures int
		answer   reply
		wantErr  string
		wantPoll int
	}{
		{"five in a row", 5, failure(500, "UnexpectedException", "oops"), "", 6},
		{"six in a row", 6, failure(500, "UnexpectedException", "oops"), "6 polls in a row failed", 6},
		{"denied", 1, failure(401, "", "no"), "role", 1},
		{"wrong secret", 1, reply{status: 403, body: "<h1>403 Not Authorized</h1>"}, "does not accept the API key", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, s := watched(t)
				left := test.failures
				g.set(func(g *grid) {
					g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOn)}
					g.override = func(string, url.Values) (reply, bool) {
						left--
						return test.answer, left >= 0
					}
				})
				_, err := c.Watch.Server(deadlineIn(t, time.Hour), ServerWait{Operation: OperationPowerServer, ID: 7})
				if (err == nil) != (test.wantErr == "") || (err != nil && !strings.Contains(err.Error(), test.wantErr)) {
					t.Errorf("got error %v, want one with %q", err, test.wantErr)
				}
				if got := s.count("grid.server.list"); got != test.wantPoll {
					t.Errorf("%d polls, want %d", got, test.wantPoll)
				}
			})
		})
	}
}

func TestWatchImage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		images  []string
		jobs    []string
		done    func(*Image) bool
		wantErr string
	}{
		{name: "available", images: []string{imageJSON(9, "GSI-9", ImageAvailable)}},
		{name: "in the trash", images: []string{imageJSON(9, "GSI-9", ImageTrash)}, done: func(i *Image) bool { return i == nil || i.State.Matches(ImageTrash) }},
		{
			name: "save failed", images: []string{imageJSON(9, "GSI-9", ImageSaving)},
			jobs:    []string{jobJSON(5, JobSaveServerImage, "my image", "", "More than 50 GB of data", JobFailed)},
			wantErr: "More than 50 GB",
		},
		{name: "gone", wantErr: "is not on the grid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := watched(t)
				g.set(func(g *grid) { g.images, g.jobs = test.images, test.jobs })
				image, err := c.Watch.Image(deadlineIn(t, time.Hour), ImageWait{
					Operation: OperationSaveImage, ID: 9, FriendlyName: "My Image", Job: JobSaveServerImage, Done: test.done,
				})
				if (err == nil) != (test.wantErr == "") || (err != nil && !strings.Contains(err.Error(), test.wantErr)) {
					t.Fatalf("got error %v, want one with %q", err, test.wantErr)
				}
				if err == nil && image.ID != 9 {
					t.Errorf("got image %d, want 9", image.ID)
				}
			})
		})
	}
}

// A change asked for while a poll is under way must not be judged by what that
// poll brings: the newest job in it may be that of an earlier change.
func TestWatchJudgesOnlyByLaterPolls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := watched(t)
		old := []string{jobJSON(5, JobRestartVirtualServer, "web", "203.0.113.7", "", JobSucceeded)}
		g.set(func(g *grid) { g.servers, g.jobs = []string{serverJSON(7, "web", "203.0.113.7", StateOn)}, old })
		inPoll, goOn := make(chan struct{}), make(chan struct{})
		plain, once := s.answer, sync.Once{}
		s.answer = func(method string, form url.Values) reply {
			answered := plain(method, form)
			if method == "grid.server.list" {
				once.Do(func() { close(inPoll); <-goOn })
			}
			return answered
		}
		var group sync.WaitGroup
		wait := ServerWait{Operation: OperationPowerServer, ID: 7, Job: JobRestartVirtualServer, NeedsJob: true}
		group.Go(func() {
			if _, err := c.Watch.Server(t.Context(), wait); err != nil {
				t.Error(err)
			}
		})
		<-inPoll
		g.set(func(g *grid) {
			g.jobs = append([]string{jobJSON(6, JobRestartVirtualServer, "web", "203.0.113.7", "Did not work", JobFailed)}, old...)
		})
		group.Go(func() {
			if _, err := c.Watch.Server(t.Context(), wait); err == nil || !strings.Contains(err.Error(), "Did not work") {
				t.Errorf("got %v, want the failure of job 6", err)
			}
		})
		synctest.Wait()
		close(goOn)
		group.Wait()
	})
}

func TestOperationInterval(t *testing.T) {
	t.Parallel()
	const poll = 10 * time.Second
	for _, test := range []struct {
		operation Operation
		waited    time.Duration
		want      time.Duration
	}{
		{OperationCreateServer, 0, 30 * time.Second},
		{OperationCreateServer, 190 * time.Second, 20 * time.Second},
		{OperationCreateServer, 205 * time.Second, poll},
		{OperationCreateServer, time.Hour, poll},
		{OperationDeleteServer, 2 * time.Second, poll},
		{OperationSaveImage, time.Minute, 30 * time.Second},
		{"something else", 0, poll},
	} {
		if got := test.operation.interval(test.waited, poll); got != test.want {
			t.Errorf("%s after %s: got %s, want %s", test.operation, test.waited, got, test.want)
		}
	}
}

// One tick for 1,000 waiters over 1,000 servers, without the network.
func BenchmarkWatchTick(b *testing.B) {
	body := string(thousandServers(b))
	c := newTestClient(b, &service{answer: func(method string, _ url.Values) reply {
		if method == "grid.server.list" {
			return reply{body: body}
		}
		return reply{body: success()}
	}})
	p := c.Watch.servers
	for i := range 1000 {
		w := newServerWaiter(ServerWait{
			Operation: OperationPowerServer, ID: int64(700123 + i), Job: JobStopVirtualServer,
			Done: func(s *Server) bool { return s.State.Matches(StateOff) },
		})
		w.ctx, w.result = b.Context(), make(chan verdict[Server], 1)
		p.waiters[w] = true
	}
	b.ReportAllocs()
	for b.Loop() {
		p.tick()
	}
	if len(p.waiters) != 1000 {
		b.Fatalf("%d waiters left", len(p.waiters))
	}
}
