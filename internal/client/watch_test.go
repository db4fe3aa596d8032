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

// newGridClient returns a client of a fake grid. It must be called inside a
// synctest bubble.
func newGridClient(t *testing.T, settings ...Setting) (*Client, *grid, *service) {
	t.Helper()
	g := &grid{}
	s := &service{answer: g.answer}
	return newTestClient(t, s, settings...), g, s
}

// advance waits until d has passed on the virtual clock.
func advance(d time.Duration) { <-time.NewTimer(d).C }

// changeAfter changes the grid after a delay.
func changeAfter(g *grid, after time.Duration, change func(*grid)) {
	time.AfterFunc(after, func() { g.set(change) })
}

// overrideBetween answers calls of a method with answered from the time from
// until the time to, both counted from now. The grid answers all other calls.
func overrideBetween(g *grid, method string, from, to time.Duration, answered reply) {
	begun := time.Now()
	g.set(func(g *grid) {
		before := g.override
		g.override = func(called string, form url.Values) (reply, bool) {
			passed := time.Since(begun)
			if called == method && passed >= from && passed < to {
				return answered, true
			}
			if before != nil {
				return before(called, form)
			}
			return reply{}, false
		}
	})
}

func TestWatchSharesPolls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		const waits = 200
		pending, on := make([]string, waits), make([]string, waits)
		for i := range waits {
			name, address := fmt.Sprintf("web-%d", i), fmt.Sprintf("203.0.113.%d", i)
			pending[i] = serverJSON(0, name, address, StateOff)
			on[i] = serverJSON(int64(1000+i), name, address, StateOn)
		}
		g.set(func(g *grid) { g.servers = pending })
		changeAfter(g, 5*time.Minute, func(g *grid) { g.servers = on })

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
			t.Errorf("the waits took %s, want at most 5 minutes and one poll interval", took)
		}
		lists, jobs := s.count("grid.server.list"), s.count("grid.job.list")
		// The expected polls: 2 s after the start, every 30 s until half of the
		// usual 7 minutes have passed, then every 10 s.
		if lists != jobs || lists < 10 || lists > 20 {
			t.Errorf("%d waits caused %d server lists and %d job lists, want equal numbers from 10 to 20", waits, lists, jobs)
		}
		if size := s.form("grid.job.list", 0).Get("num_items"); size != "600" {
			t.Errorf("each poll requested %s jobs, want 600: three for each wait", size)
		}
	})
}

func TestWatchStopsWithTheLastWaiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOff)} })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := c.Watch.Server(ctx, ServerWait{Operation: OperationPowerServer, ID: 7})
			ended <- err
		}()
		advance(time.Minute)
		cancel()
		err := <-ended
		var waited *WaitError
		if !errors.Is(err, context.Canceled) || !errors.As(err, &waited) {
			t.Fatalf("got %v, want a WaitError that wraps context.Canceled", err)
		}
		if !strings.Contains(err.Error(), "id 7, state Off") {
			t.Errorf("%q does not name the last state", err)
		}
		synctest.Wait()
		before := s.count("grid.server.list")
		advance(time.Hour)
		if after := s.count("grid.server.list"); after != before {
			t.Errorf("got %d polls after the last waiter had left, want 0", after-before)
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
			t.Error("the poller is still waiting for an answer, although it has no waiters")
		}
	})
}

// blocked never answers.
type blocked struct{}

func (*blocked) RoundTrip(request *http.Request) (*http.Response, error) {
	<-request.Context().Done()
	return nil, request.Context().Err()
}

func TestWatchAsksOnceWhetherItMayListJobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		g.set(func(g *grid) {
			g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOff)}
			g.override = func(method string, _ url.Values) (reply, bool) {
				return failure(http.StatusUnauthorized, "", "no"), method == "grid.job.list"
			}
		})
		_, err := c.Watch.Server(deadlineIn(t, 5*time.Minute), ServerWait{Operation: OperationPowerServer, ID: 7, Job: JobStartVirtualServer})
		if !errors.Is(err, context.DeadlineExceeded) || s.count("grid.job.list") != 1 || s.count("grid.server.list") < 10 {
			t.Errorf("got %v after %d job lists and %d server lists", err, s.count("grid.job.list"), s.count("grid.server.list"))
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
		{"all polls of an hour except the last", 360, failure(500, "UnexpectedException", "oops"), "", 361},
		{"all polls of an hour", 9999, failure(500, "UnexpectedException", "oops"), "The last poll failed: grid.server.list: GoGrid answered: oops", 361},
		{"denied", 1, failure(401, "", "no"), "role", 1},
		{"wrong secret", 1, reply{status: 403, body: "<h1>403 Not Authorized</h1>"}, "does not accept the API key", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, s := newGridClient(t)
				left := test.failures
				g.set(func(g *grid) {
					g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOn)}
					g.override = func(string, url.Values) (reply, bool) {
						left--
						return test.answer, left >= 0
					}
				})
				// The deadline is between two polls.
				_, err := c.Watch.Server(deadlineIn(t, time.Hour+5*time.Second), ServerWait{Operation: OperationPowerServer, ID: 7})
				if (err == nil) != (test.wantErr == "") || (err != nil && !strings.Contains(err.Error(), test.wantErr)) {
					t.Errorf("got error %v, want one with %q", err, test.wantErr)
				}
				if IsStatusUnknown(err) != (err != nil) {
					t.Errorf("%v status unknown: %t", err, IsStatusUnknown(err))
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
				c, g, _ := newGridClient(t)
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

// A poll that began before a change must not end the wait for the change: the newest
// job in that poll may belong to an earlier change.
func TestWatchJudgesOnlyByLaterPolls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
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

// BenchmarkWatchTick measures one poll for 1,000 waiters and 1,000 servers, without
// the network.
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
		p.pollOnce()
	}
	if len(p.waiters) != 1000 {
		b.Fatalf("%d waiters left", len(p.waiters))
	}
}
