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

// between answers a method otherwise from one moment to another, counted from
// now. Other methods are answered by the grid.
func between(g *grid, method string, from, to time.Duration, answered reply) {
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
			{"jobs lag behind a failed creation", pending, []string{ipJSON(1, address, true, true)}, []string{failed}},
			{"an earlier server had the address", []string{serverJSON(3, "old", address, StateOn)}, []string{ipJSON(1, address, true, true)}, nil},
		} {
			t.Run(fmt.Sprintf("%s for %s", test.name, lag), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c, g, _ := watched(t)
					g.set(func(g *grid) { g.servers, g.ips, g.jobs = test.servers, test.ips, test.jobs })
					at(g, lag, func(g *grid) {
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

// A server whose job has succeeded exists, even if no list ever shows it.
func TestSucceededJobIsNeverGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := watched(t)
		g.set(func(g *grid) {
			g.ips = []string{ipJSON(1, "203.0.113.7", true, false)}
			g.jobs = []string{jobJSON(6, JobCreateVirtualServer, "web", "203.0.113.7", "", JobSucceeded)}
		})
		_, err := c.Watch.Server(deadlineIn(t, 20*time.Minute), createWait)
		if !IsUnseen(err) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "Succeeded") {
			t.Errorf("got %v, want an unseen wait that names the job", err)
		}
	})
}

// A list without jobs for a while is not a proof that no job makes the server.
func TestCreateWaitWithoutJobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := watched(t)
		g.set(func(g *grid) { g.ips = []string{ipJSON(1, "203.0.113.7", true, false)} })
		between(g, "grid.job.list", 0, time.Hour, failure(500, "", "oops"))
		if _, err := c.Watch.Server(deadlineIn(t, 20*time.Minute), createWait); !IsUnseen(err) {
			t.Errorf("got %v, want an unseen wait", err)
		}
	})
}

// Jobs of an earlier server of the same name and address do not count for long.
func TestStaleJobOfAnEarlierServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := watched(t)
		const name, address = "web", "203.0.113.7"
		g.set(func(g *grid) {
			g.servers, g.ips = []string{serverJSON(0, name, address, StateOff)}, []string{ipJSON(1, address, true, true)}
			g.jobs = []string{jobJSON(5, JobCreateVirtualServer, name, address, "Out of luck", JobFailed)}
		})
		at(g, 3*time.Minute, func(g *grid) {
			g.jobs = append([]string{jobJSON(6, JobCreateVirtualServer, name, address, "", JobProcessing)}, g.jobs...)
		})
		at(g, 10*time.Minute, func(g *grid) { g.servers = []string{serverJSON(7, name, address, StateOn)} })
		if server, err := c.Watch.Server(deadlineIn(t, time.Hour), createWait); err != nil || server == nil || server.ID != 7 {
			t.Errorf("got %v, %v", server, err)
		}
	})
}

// After a replacement an old list shows the replaced server: same name, same
// address, another id.
func TestCreateWaitDoesNotTakeTheReplacedServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := watched(t)
		const name, address = "web", "203.0.113.7"
		old, taken := serverJSON(3, name, address, StateOn), []string{ipJSON(1, address, true, true)}
		if _, err := c.Watch.Server(deadlineIn(t, time.Hour), ServerWait{
			Operation: OperationDeleteServer, ID: 3, Done: func(s *Server) bool { return s == nil },
		}); err != nil {
			t.Fatal(err)
		}
		g.set(func(g *grid) { g.servers, g.ips = []string{old}, taken })
		between(g, "grid.server.get", 0, time.Hour, notFound())
		at(g, 90*time.Second, func(g *grid) { g.servers = []string{serverJSON(7, name, address, StateOn)} })
		if server, err := c.Watch.Server(deadlineIn(t, time.Hour), createWait); err != nil || server == nil || server.ID != 7 {
			t.Errorf("got %v, %v, want server 7", server, err)
		}
	})
}

// A deletion is done only when it is proven, whatever lists say meanwhile.
func TestDeleteWaitNeedsProof(t *testing.T) {
	t.Parallel()
	const gone = 3 * time.Minute
	on := serverJSON(7, "web", "203.0.113.7", StateOn)
	other := serverJSON(8, "db", "203.0.113.8", StateOn)
	for _, test := range []struct {
		name   string
		method string
		answer reply
		to     time.Duration // the faulty answers end
		want   time.Duration // the wait ends
	}{
		{"sound lists", "", reply{}, 0, gone},
		{"empty lists", "grid.server.list", empty, time.Hour, gone},
		{"null lists", "grid.server.list", reply{body: `{"status":"success","list":null}`}, 10 * time.Minute, 10 * time.Minute},
		{"bare lists", "grid.server.list", reply{body: `{"status":"success"}`}, 10 * time.Minute, 10 * time.Minute},
		{"cut lists", "grid.server.list", reply{body: listed(`"total":2,"returned":2`, other)}, 10 * time.Minute, 10 * time.Minute},
		{"lists without totals", "grid.server.list", reply{body: listed(``, other)}, 10 * time.Minute, 10 * time.Minute},
		{"lists with a broken row", "grid.server.list", reply{body: success(other, `{"id":7}`)}, 10 * time.Minute, 10 * time.Minute},
		{"old lists", "grid.server.list", reply{body: success(on, other)}, 10 * time.Minute, 10 * time.Minute},
		{"failing lists", "grid.server.list", failure(500, "", "oops"), 10 * time.Minute, 10 * time.Minute},
		{"refused lists", "grid.server.list", reply{status: 403, body: "<h1>no</h1>"}, 10 * time.Minute, 10 * time.Minute},
		{"old direct looks", "grid.server.get", reply{body: success(on)}, 10 * time.Minute, 10 * time.Minute},
		{"failing direct looks", "grid.server.get", failure(500, "", "oops"), 10 * time.Minute, 10 * time.Minute},
		{"empty direct looks", "grid.server.get", empty, 10 * time.Minute, 10 * time.Minute},
		{"direct looks at another server", "grid.server.get", reply{body: success(other)}, 10 * time.Minute, 10 * time.Minute},
		{"failing jobs", "grid.job.list", failure(500, "", "oops"), time.Hour, gone},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := watched(t)
				g.set(func(g *grid) {
					g.servers, g.ips = []string{on, other}, []string{ipJSON(1, "203.0.113.7", true, true)}
					g.override = answerChanges
				})
				if _, err := c.Servers.Delete(t.Context(), 7); err != nil {
					t.Fatal(err)
				}
				if _, err := c.Snapshot.IPs(t.Context()); err != nil {
					t.Fatal(err)
				}
				if _, err := c.Snapshot.Servers(t.Context()); err != nil { // the credential is good
					t.Fatal(err)
				}
				between(g, test.method, 0, test.to, test.answer)
				at(g, gone, func(g *grid) { g.servers = []string{other} })
				begun := time.Now()
				server, err := c.Watch.Server(deadlineIn(t, time.Hour), ServerWait{
					Operation: OperationDeleteServer, ID: 7, Address: "203.0.113.7", Name: "web",
					Done: func(s *Server) bool { return s == nil }, Job: JobDeleteVirtualServer,
				})
				if server != nil || err != nil {
					t.Errorf("got %v, %v", server, err)
				}
				if took := time.Since(begun); took < test.want || took > test.want+15*time.Second {
					t.Errorf("took %s, want %s and little more", took, test.want)
				}
			})
		})
	}
}

// One bad answer does not end a wait for a server that exists.
func TestWaitOutlastsBadAnswers(t *testing.T) {
	t.Parallel()
	on, off := serverJSON(7, "web", "203.0.113.7", StateOn), serverJSON(7, "web", "203.0.113.7", StateOff)
	for name, answered := range map[string]reply{
		"empty": empty, "null": {body: `{"status":"success","list":null}`}, "bare": {body: `{"status":"success"}`},
		"cut": {body: listed(`"total":1`)}, "refused": {status: 403, body: "<h1>no</h1>"}, "failed": failure(500, "", "oops"),
		"not an answer": {body: "<html>"}, "another's": {body: success(serverJSON(8, "db", "203.0.113.8", StateOn))},
		"a row without its name": {body: success(strings.Replace(on, `"name":"web",`, "", 1))},
		"a state without a name": {body: success(strings.Replace(on, `"state":{"id":1,"name":"On"`, `"state":{"id":1`, 1))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := watched(t)
				g.set(func(g *grid) { g.servers = []string{off} })
				between(g, "grid.server.list", 15*time.Second, 4*time.Minute, answered)
				at(g, 5*time.Minute, func(g *grid) { g.servers = []string{on} })
				server, err := c.Watch.Server(deadlineIn(t, time.Hour), ServerWait{Operation: OperationPowerServer, ID: 7, Job: JobAny})
				if err != nil || server == nil || !server.State.Matches(StateOn) {
					t.Errorf("got %v, %v", server, err)
				}
			})
		})
	}
}

// A missing server ends a wait for another change only if its absence is
// proven.
func TestGoneNeedsProof(t *testing.T) {
	t.Parallel()
	wait := ServerWait{Operation: OperationPowerServer, ID: 7}
	for _, test := range []struct {
		name   string
		method string
		answer reply
		gone   bool
	}{
		{"proven", "", reply{}, true},
		{"cut lists", "grid.server.list", reply{body: listed(`"total":1`)}, false},
		{"no direct looks", "grid.server.get", failure(500, "", "oops"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := watched(t)
				g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOff)} })
				between(g, test.method, time.Minute, time.Hour, test.answer)
				at(g, time.Minute, func(g *grid) { g.servers = nil })
				_, err := c.Watch.Server(deadlineIn(t, 20*time.Minute), wait)
				var gone *GoneError
				if errors.As(err, &gone) != test.gone || IsUnseen(err) == test.gone {
					t.Errorf("got %v, want a GoneError %t or an unseen wait", err, test.gone)
				}
				if !strings.Contains(err.Error(), "id 7, state Off") {
					t.Errorf("%q does not name what was seen last", err)
				}
			})
		})
	}
}

// When the limit passes during a poll, a poll after the limit decides: the
// server may be ready by then.
func TestLastLook(t *testing.T) {
	t.Parallel()
	const limit = 10 * time.Minute
	wait := ServerWait{Operation: OperationPowerServer, ID: 7}
	off, on := []string{serverJSON(7, "web", "203.0.113.7", StateOff)}, []string{serverJSON(7, "web", "203.0.113.7", StateOn)}
	for _, test := range []struct {
		name   string
		frozen time.Duration // how long the last poll before the limit takes
		then   []string
		last   reply // answers the polls after the limit in place of the grid
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
				c, g, s := watched(t, WithRequestTimeout(time.Hour))
				g.set(func(g *grid) { g.servers = off })
				begun, plain, once := time.Now(), s.answer, sync.Once{}
				s.answer = func(method string, form url.Values) reply {
					answered := plain(method, form)
					if time.Since(begun) > limit-30*time.Second {
						once.Do(func() { pass(test.frozen) })
					}
					return answered
				}
				at(g, limit, func(g *grid) { g.servers = test.then })
				if test.last.body != "" {
					between(g, "grid.server.list", limit, time.Hour, test.last)
				}
				server, err := c.Watch.Server(deadlineIn(t, limit), wait)
				var waited *WaitError
				switch {
				case test.want == "on":
					if err != nil || server == nil || !server.State.Matches(StateOn) {
						t.Errorf("got %v, %v", server, err)
					}
				case !errors.As(err, &waited) || !errors.Is(err, context.DeadlineExceeded):
					t.Errorf("got %v, want a WaitError of the deadline", err)
				case waited.Unseen != (test.want == "unseen"):
					t.Errorf("%v is unseen: %t", err, waited.Unseen)
				}
				if took := time.Since(begun); took > limit+lastLookLimit {
					t.Errorf("took %s with a limit of %s", took, limit)
				}
				pass(time.Hour) // the service that does not answer ends
			})
		})
	}
}

// A wait that begins after its limit still takes one look.
func TestLastLookOfALateWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := watched(t)
		g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOn)} })
		late := deadlineIn(t, time.Second)
		pass(time.Minute)
		if server, err := c.Watch.Server(late, ServerWait{Operation: OperationPowerServer, ID: 7}); err != nil || server == nil {
			t.Errorf("got %v, %v", server, err)
		}
		if got := s.count("grid.server.list"); got != 1 {
			t.Errorf("%d polls, want 1", got)
		}
	})
}

// Waits whose limits end together share one last poll.
func TestLastLookIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := watched(t)
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
				if !errors.Is(err, context.DeadlineExceeded) || IsUnseen(err) {
					t.Errorf("got %v", err)
				}
			})
		}
		pass(limit - time.Second)
		before := s.count("grid.server.list")
		group.Wait()
		if got := s.count("grid.server.list") - before; got != 1 {
			t.Errorf("%d polls after the limit of %d waits, want 1", got, waits)
		}
	})
}

// A context that is canceled ends a wait at once: no last look.
func TestCanceledWaitsLeaveAtOnce(t *testing.T) {
	t.Parallel()
	for _, early := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			c, g, s := watched(t)
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
			if IsUnseen(err) != early {
				t.Errorf("early %t: %v is unseen: %t", early, err, IsUnseen(err))
			}
			pass(time.Hour)
			if s.count("grid.server.list") != polls {
				t.Errorf("early %t: polled after the wait", early)
			}
		})
	}
}

// An outage until the limit leaves open what became of the server.
func TestOutageUntilTheLimit(t *testing.T) {
	t.Parallel()
	for _, answered := range []reply{{err: errRefused}, {err: errReset}, failure(503, "", "down"), {status: 403, body: "<h1>no</h1>"}} {
		synctest.Test(t, func(t *testing.T) {
			c, g, _ := watched(t, WithMaxRetries(4))
			g.set(func(g *grid) { g.servers = []string{serverJSON(0, "web", "203.0.113.7", StateOff)} })
			for _, method := range []string{"grid.server.list", "grid.server.get", "grid.job.list", "grid.ip.list"} {
				between(g, method, time.Minute, 2*time.Hour, answered)
			}
			_, err := c.Watch.Server(deadlineIn(t, 30*time.Minute), createWait)
			var waited *WaitError
			if !errors.As(err, &waited) || !waited.Unseen || waited.Failure == nil || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v: got %v, want an unseen wait with its failure", answered, err)
			}
			if err != nil && !strings.Contains(err.Error(), "being provisioned") {
				t.Errorf("%q does not name what was seen last", err)
			}
		})
	}
}

// Idle ends a wait for a change that GoGrid may never have received.
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
				c, g, _ := watched(t)
				g.set(func(g *grid) { g.servers, g.jobs = []string{serverJSON(7, name, address, StateOff)}, test.first })
				if test.fault.body != "" {
					between(g, "grid.job.list", 0, time.Hour, test.fault)
				}
				at(g, 3*time.Minute, func(g *grid) { g.jobs = test.then })
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

// The wait for an image follows the same rules.
func TestImageWaitNeedsProof(t *testing.T) {
	t.Parallel()
	saving := imageJSON(9, "GSI-9", ImageSaving)
	for _, test := range []struct {
		name   string
		method string
		answer reply
		done   func(*Image) bool
		want   string
	}{
		{"one bad hour of lists", "grid.image.list", empty, nil, "saved"},
		{"cut lists", "grid.image.list", reply{body: listed(`"total":1`)}, nil, "saved"},
		{"failing lists", "grid.image.list", failure(500, "", "oops"), nil, "saved"},
		{"deleted", "grid.image.list", empty, func(i *Image) bool { return i == nil }, "waiting"},
		{"deleted, and no direct looks", "grid.image.get", failure(500, "", "oops"), func(i *Image) bool { return i == nil }, "waiting"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := watched(t)
				g.set(func(g *grid) { g.images = []string{saving} })
				between(g, test.method, 0, time.Hour, test.answer)
				at(g, 30*time.Minute, func(g *grid) { g.images = []string{imageJSON(9, "GSI-9", ImageAvailable)} })
				image, err := c.Watch.Image(deadlineIn(t, 2*time.Hour), ImageWait{Operation: OperationSaveImage, ID: 9, Done: test.done})
				if saved := err == nil && image != nil && image.ID == 9; saved != (test.want == "saved") {
					t.Errorf("got %v, %v, want it %s", image, err, test.want)
				}
				var waited *WaitError
				if test.want == "waiting" && !errors.As(err, &waited) {
					t.Errorf("got %v, want a WaitError", err)
				}
			})
		})
	}
}

// One call looks at the missing objects of several waits, and an answer about
// some of the servers proves nothing of the others.
func TestDirectLooksAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := watched(t)
		const waits = 20
		gone := func(s *Server) bool { return s == nil }
		var group sync.WaitGroup
		for i := range waits {
			group.Go(func() {
				if _, err := c.Watch.Server(deadlineIn(t, time.Hour), ServerWait{Operation: OperationDeleteServer, ID: int64(100 + i), Done: gone}); err != nil {
					t.Error(err)
				}
			})
		}
		// One of them is found by direct looks for a while.
		g.set(func(g *grid) { g.servers = []string{serverJSON(100, "web", "203.0.113.7", StateOn)} })
		between(g, "grid.server.list", 0, time.Hour, empty)
		at(g, time.Minute, func(g *grid) { g.servers = nil })
		pass(30 * time.Second)
		if left := len(c.Watch.servers.waiters); left != 1 {
			t.Errorf("%d waits go on, want only the wait for the server that is found", left)
		}
		if got := s.count("grid.server.get"); got > 6 {
			t.Errorf("%d direct looks for %d servers", got, waits)
		}
		group.Wait()
	})
}
