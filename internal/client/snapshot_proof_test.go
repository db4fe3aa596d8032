// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// scripted sets the answers to consecutive calls of a method. The last answer
// repeats. The grid answers calls of other methods.
func scripted(g *grid, method string, answers ...reply) {
	calls := 0
	g.set(func(g *grid) {
		before := g.override
		g.override = func(called string, form url.Values) (reply, bool) {
			if called != method {
				if before != nil {
					return before(called, form)
				}
				return reply{}, false
			}
			calls++
			answered := answers[min(calls, len(answers))-1]
			// For the zero reply, the grid answers.
			return answered, answered.body != "" || answered.err != nil
		}
	})
}

var (
	empty    = reply{body: success()}
	fromGrid = reply{}
)

// A server counts as absent only if two lists lack the server and a direct
// lookup does not find it.
func TestServerIsAbsentOnlyOnProof(t *testing.T) {
	t.Parallel()
	seven, eight := serverJSON(7, "web", "203.0.113.7", StateOn), serverJSON(8, "db", "203.0.113.8", StateOn)
	cut := reply{body: listed(`"total":2,"returned":2`, eight)}
	for _, test := range []struct {
		name    string
		servers []string
		lists   []reply
		gets    []reply
		want    string // present, absent, unproven or failed
		calls   [2]int // lists and direct lookups
	}{
		{"present", []string{seven, eight}, []reply{fromGrid}, nil, "present", [2]int{1, 0}},
		{"absent", []string{eight}, []reply{fromGrid}, nil, "absent", [2]int{2, 1}},
		{"absent from an empty grid", nil, []reply{fromGrid}, nil, "absent", [2]int{2, 1}},
		{"one empty list", []string{seven, eight}, []reply{empty, fromGrid}, nil, "present", [2]int{2, 0}},
		{"one cut list", []string{seven, eight}, []reply{cut, fromGrid}, nil, "present", [2]int{2, 0}},
		{"only empty lists", []string{seven, eight}, []reply{empty}, nil, "present", [2]int{2, 1}},
		{"only cut lists", []string{seven, eight}, []reply{cut}, nil, "present", [2]int{2, 1}},
		{"only cut lists, and the server does not exist", []string{eight}, []reply{cut}, nil, "unproven", [2]int{2, 1}},
		{"one cut list, and the server does not exist", []string{eight}, []reply{cut, fromGrid}, nil, "absent", [2]int{2, 1}},
		{"lists without totals", []string{eight}, []reply{{body: listed(``, eight)}}, nil, "unproven", [2]int{2, 1}},
		{"another row twice", []string{eight}, []reply{{body: listed(`"total":2,"returned":2`, eight, eight)}}, nil, "unproven", [2]int{2, 1}},
		{"null lists", []string{seven}, []reply{{body: `{"status":"success","list":null}`}}, nil, "failed", [2]int{1, 0}},
		{"no second list", []string{seven}, []reply{empty, failure(500, "", "oops")}, nil, "failed", [2]int{2, 0}},
		{"no direct lookup", []string{eight}, []reply{fromGrid}, []reply{failure(500, "", "oops")}, "unproven", [2]int{2, 1}},
		{"a direct lookup refused", []string{eight}, []reply{fromGrid}, []reply{{status: 403, body: "<h1>no</h1>"}}, "unproven", [2]int{2, 1}},
		{"a direct lookup that fails with HTTP 404", []string{eight}, []reply{fromGrid}, []reply{{status: 404, body: "<h1>404</h1>"}}, "unproven", [2]int{2, 1}},
		{"an invalid direct lookup", []string{eight}, []reply{fromGrid}, []reply{failure(400, "", "argument type mismatch")}, "unproven", [2]int{2, 1}},
		{"an empty direct lookup", []string{eight}, []reply{fromGrid}, []reply{empty}, "unproven", [2]int{2, 1}},
		{"a bare direct lookup", []string{eight}, []reply{fromGrid}, []reply{{body: `{"status":"success"}`}}, "unproven", [2]int{2, 1}},
		{"a direct lookup that returns another server", []string{eight}, []reply{fromGrid}, []reply{{body: success(eight)}}, "unproven", [2]int{2, 1}},
		{"a direct lookup that returns two servers", []string{eight}, []reply{fromGrid}, []reply{{body: success(seven, eight)}}, "unproven", [2]int{2, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, s := newGridClient(t)
				g.set(func(g *grid) { g.servers = test.servers })
				scripted(g, "grid.server.list", test.lists...)
				if test.gets != nil {
					scripted(g, "grid.server.get", test.gets...)
				}
				server, err := c.Snapshot.Server(t.Context(), 7)
				got := "failed"
				switch {
				case server != nil && err == nil && server.ID == 7:
					got = "present"
				case server == nil && err == nil:
					got = "absent"
				case server == nil && IsUnproven(err):
					got = "unproven"
				}
				if calls := [2]int{s.count("grid.server.list"), s.count("grid.server.get")}; got != test.want || calls != test.calls {
					t.Errorf("%s after %d calls, want %s after %d: %v", got, calls, test.want, test.calls, err)
				}
				if got == "unproven" && !strings.Contains(err.Error(), "server 7") {
					t.Errorf("%q does not name the server", err)
				}
			})
		})
	}
}

// If an incomplete list lacks the servers of a thousand readers, the readers
// share the second list.
func TestManyReadersShareTheSecondList(t *testing.T) {
	t.Parallel()
	const readers = 1000
	var rows []string
	for i := range readers {
		rows = append(rows, serverJSON(int64(1000+i), "web", fmt.Sprintf("10.1.%d.%d", i/256, i%256), StateOn))
	}
	for _, test := range []struct {
		name        string
		bad         []reply
		together    bool
		lists, gets int
	}{
		{"one empty list", []reply{empty, fromGrid}, true, 2, 0},
		{"one empty list, one by one", []reply{empty, fromGrid}, false, 2, 0},
		{"one cut list, one by one", []reply{{body: listed(`"total":1000,"returned":1000`, rows[:500]...)}, fromGrid}, false, 2, 0},
		{"cut lists only, one by one", []reply{{body: listed(`"total":1000,"returned":1000`, rows[:990]...)}}, false, 2, 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, s := newGridClient(t)
				g.set(func(g *grid) { g.servers = rows })
				scripted(g, "grid.server.list", test.bad...)
				var group sync.WaitGroup
				for i := range readers {
					read := func() {
						if server, err := c.Snapshot.Server(t.Context(), int64(1000+i)); err != nil || server == nil || server.ID != int64(1000+i) {
							t.Errorf("reader %d: got %v, %v", i, server, err)
						}
					}
					if test.together {
						group.Go(read)
					} else {
						read()
					}
				}
				group.Wait()
				if lists, gets := s.count("grid.server.list"), s.count("grid.server.get"); lists != test.lists || gets != test.gets {
					t.Errorf("%d lists and %d direct lookups, want %d and %d", lists, gets, test.lists, test.gets)
				}
			})
		})
	}
}

// A reader does not accept a recheck that began before the list that it checks.
func TestSecondListBeginsAfterTheFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t, WithSnapshotWindow(time.Hour))
		held := gate(s, "grid.ip.list")
		go func() {
			for range 2 { // release the first list and the list that polled fetches
				<-held.arrived
				held.release <- struct{}{}
			}
		}()
		if _, err := c.Snapshot.IPs(t.Context()); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		read := func() {
			if ip, err := c.Snapshot.IPAt(t.Context(), "203.0.113.7"); ip == nil || err != nil {
				t.Errorf("got %v, %v: the address was returned before the second list", ip, err)
			}
		}
		early := c.Snapshot.ips.begin() // a recheck by another reader is in progress
		done := c.Snapshot.ips.flight.DoChan("check", func() (any, error) {
			advance(time.Minute)
			early.store(listing[IP]{items: []IP{{ID: 1, Address: "203.0.113.254"}}})
			early.end()
			return nil, nil
		})
		advance(time.Second)
		if _, err := polled(t.Context(), c.Snapshot.ips); err != nil {
			t.Fatal(err)
		}
		g.set(func(g *grid) { g.ips = []string{ipJSON(2, "203.0.113.7", true, false)} })
		group.Go(read)
		synctest.Wait()
		<-done
		<-held.arrived
		held.release <- struct{}{}
		group.Wait()
		if got := s.count("grid.ip.list"); got != 3 {
			t.Errorf("%d lists, want 3", got)
		}
	})
}

// Servers returns an error for an incomplete list, until the window of the
// snapshot has passed.
func TestSnapshotOfDoubtfulLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOn)} })
		cut := reply{body: listed(`"total":1,"returned":1`)}
		scripted(g, "grid.server.list", cut, cut, fromGrid)
		for range 3 {
			var incomplete *IncompleteError
			if all, err := c.Snapshot.Servers(t.Context()); !errors.As(err, &incomplete) || incomplete.Method != "grid.server.list" {
				t.Errorf("got %v, %v, want an incomplete list", all, err)
			}
		}
		if got := s.count("grid.server.list"); got != 2 {
			t.Errorf("%d lists, want 2", got)
		}
		advance(DefaultSnapshotWindow)
		if all, err := c.Snapshot.Servers(t.Context()); err != nil || len(all) != 1 {
			t.Errorf("got %v, %v after the window", all, err)
		}
	})
}

// Every account has addresses, so an empty list proves nothing.
func TestAddressIsAbsentOnlyOnProof(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		lists []reply
		want  string
	}{
		{"present", []reply{fromGrid}, "present"},
		{"one empty list", []reply{empty, fromGrid}, "present"},
		{"only empty lists", []reply{empty}, "unproven"},
		{"one list without it", []reply{{body: success(ipJSON(5, "203.0.113.5", true, false))}, fromGrid}, "present"},
		{"only lists without it", []reply{{body: success(ipJSON(5, "203.0.113.5", true, false))}}, "absent"},
		{"cut lists", []reply{{body: listed(`"total":2`, ipJSON(5, "203.0.113.5", true, false))}}, "unproven"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := newGridClient(t)
				g.set(func(g *grid) { g.ips = []string{ipJSON(1, "203.0.113.7", true, true)} })
				scripted(g, "grid.ip.list", test.lists...)
				ip, err := c.Snapshot.IPAt(t.Context(), "203.0.113.7")
				got := map[bool]string{true: "present", false: "absent"}[ip != nil]
				if IsUnproven(err) {
					got = "unproven"
				}
				if got != test.want {
					t.Errorf("got %s, want %s: %v", got, test.want, err)
				}
			})
		})
	}
}

func TestImageIsAbsentOnlyOnProof(t *testing.T) {
	t.Parallel()
	nine := imageJSON(9, "GSI-9", ImageAvailable)
	for _, given := range []string{"9", "gsi-9"} {
		for _, test := range []struct {
			name  string
			rows  []string
			lists []reply
			gets  []reply
			want  string
		}{
			{"present", []string{nine}, []reply{fromGrid}, nil, "present"},
			{"absent", nil, []reply{fromGrid}, nil, "absent"},
			{"one empty list", []string{nine}, []reply{empty, fromGrid}, nil, "present"},
			{"only empty lists", []string{nine}, []reply{empty}, nil, "present"},
			{"cut lists, and the image does not exist", nil, []reply{{body: listed(`"total":1`)}}, nil, "unproven"},
			{"a direct lookup that fails", nil, []reply{fromGrid}, []reply{failure(500, "", "oops")}, "unproven"},
			{"a direct lookup that returns another image", nil, []reply{fromGrid}, []reply{{body: success(imageJSON(8, "GSI-8", ImageAvailable))}}, "unproven"},
			{"a bare list", []string{nine}, []reply{{body: `{"status":"success"}`}}, nil, "failed"},
		} {
			t.Run(given+", "+test.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c, g, _ := newGridClient(t)
					g.set(func(g *grid) { g.images = test.rows })
					scripted(g, "grid.image.list", test.lists...)
					if test.gets != nil {
						scripted(g, "grid.image.get", test.gets...)
					}
					image, err := c.Snapshot.Image(t.Context(), given)
					got := map[bool]string{true: "present", false: "absent"}[image != nil]
					switch {
					case IsUnproven(err):
						got = "unproven"
					case err != nil:
						got = "failed"
					}
					if got != test.want {
						t.Errorf("got %s, want %s: %v", got, test.want, err)
					}
				})
			})
		}
	}
}

// Image finds an image by a numeric name, even if the first list lacks the
// image.
func TestImageNamedByANumber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := newGridClient(t)
		g.set(func(g *grid) { g.images = []string{imageJSON(9, "77", ImageAvailable)} })
		scripted(g, "grid.image.list", empty, fromGrid)
		if image, err := c.Snapshot.Image(t.Context(), "77"); err != nil || image == nil || image.ID != 9 {
			t.Errorf("got %v, %v", image, err)
		}
	})
}

func TestAddedServerIsAbsentOnlyOnProof(t *testing.T) {
	t.Parallel()
	const name, address = "web", "203.0.113.7"
	free, taken := ipJSON(1, address, true, false), ipJSON(1, address, true, true)
	other := serverJSON(9, "other", address, StateOn)
	job := func(command string, states ...string) []string {
		return []string{jobJSON(5, command, name, address, "", states...)}
	}
	for _, test := range []struct {
		name    string
		servers []string
		ips     []string
		jobs    []string
		faults  map[string][]reply
		want    string
	}{
		{name: "being made", servers: []string{serverJSON(0, "WEB", address, StateOff)}, ips: []string{taken}, want: "present"},
		{name: "made", servers: []string{serverJSON(7, name, address, StateOn)}, ips: []string{taken}, want: "present"},
		{name: "absent", ips: []string{free}, want: "absent"},
		{name: "its creation failed", ips: []string{free}, jobs: job(JobCreateVirtualServer, JobFailed), want: "absent"},
		{name: "deleted", ips: []string{free}, jobs: job(JobDeleteVirtualServer, JobSucceeded), want: "absent"},
		{name: "address is assigned", ips: []string{taken}, want: "unproven"},
		{name: "address is not the account's", ips: []string{ipJSON(1, "203.0.113.9", true, false)}, want: "absent"},
		{name: "a job is creating the server", ips: []string{free}, jobs: job(JobCreateVirtualServer, JobProcessing), want: "unproven"},
		{name: "a job has created the server", ips: []string{free}, jobs: job(JobCreateVirtualServer, JobSucceeded), want: "unproven"},
		{name: "no jobs for this key", ips: []string{free}, faults: map[string][]reply{"grid.job.list": {failure(401, "", "no")}}, want: "absent"},
		{name: "no list of jobs", ips: []string{free}, faults: map[string][]reply{"grid.job.list": {failure(500, "", "no")}}, want: "unproven"},
		{name: "no list of addresses", faults: map[string][]reply{"grid.ip.list": {empty}}, want: "unproven"},
		{
			name: "only empty lists", servers: []string{serverJSON(7, name, address, StateOn)}, ips: []string{taken},
			faults: map[string][]reply{"grid.server.list": {empty}}, want: "unproven",
		},
		{
			name: "one empty list", servers: []string{serverJSON(7, name, address, StateOn)}, ips: []string{taken},
			faults: map[string][]reply{"grid.server.list": {empty, fromGrid}}, want: "present",
		},
		{name: "cut lists", ips: []string{free}, faults: map[string][]reply{"grid.server.list": {{body: listed(`"total":1`)}}}, want: "unproven"},
		{name: "another server has the address", servers: []string{other}, ips: []string{taken}, want: "absent"},
		{
			name: "an old list shows another server at the address", servers: []string{serverJSON(7, name, address, StateOn)}, ips: []string{taken},
			faults: map[string][]reply{"grid.server.list": {{body: success(other)}}}, want: "unproven",
		},
		{
			name: "the other server now has another address", servers: []string{serverJSON(9, "other", "203.0.113.9", StateOn)}, ips: []string{taken},
			faults: map[string][]reply{"grid.server.list": {{body: success(other)}}}, want: "unproven",
		},
		{
			name: "another server has the address, but a job is creating the server", servers: []string{other}, ips: []string{taken},
			jobs: job(JobCreateVirtualServer, JobQueued), want: "unproven",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := newGridClient(t)
				g.set(func(g *grid) { g.servers, g.ips, g.jobs = test.servers, test.ips, test.jobs })
				for method, answers := range test.faults {
					scripted(g, method, answers...)
				}
				server, err := c.Snapshot.AddedServer(t.Context(), name, address)
				got := map[bool]string{true: "present", false: "absent"}[server != nil]
				if IsUnproven(err) {
					got = "unproven"
				}
				if got != test.want {
					t.Errorf("got %s, want %s: %v", got, test.want, err)
				}
			})
		})
	}
}

// A list that shows a server that is proven to be gone must be outdated,
// because the service does not reuse ids.
func TestOldListsDoNotBringServersBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		old := serverJSON(7, "web", "203.0.113.7", StateOn)
		if server, err := c.Snapshot.Server(t.Context(), 7); server != nil || err != nil {
			t.Fatalf("got %v, %v", server, err)
		}
		scripted(g, "grid.server.list", reply{body: success(old)})
		c.Snapshot.Refresh(KindServers)
		if at, err := c.Snapshot.ServerAt(t.Context(), "203.0.113.7"); at != nil || err != nil {
			t.Errorf("at its address: got %v, %v", at, err)
		}
		if all, err := c.Snapshot.Servers(t.Context()); !IsUnproven(err) || !strings.Contains(err.Error(), "which is gone") {
			t.Errorf("all: got %v, %v, want an incomplete list", all, err)
		}
		calls := s.count("grid.server.list") + s.count("grid.server.get")
		if server, err := c.Snapshot.Server(t.Context(), 7); server != nil || err != nil || s.count("grid.server.list")+s.count("grid.server.get") != calls {
			t.Errorf("got %v, %v, want nil without any call, because the server is proven to be gone", server, err)
		}
		// A direct lookup that finds the server overrides all lists.
		g.set(func(g *grid) { g.servers = []string{old} })
		if server, err := c.Snapshot.FreshServer(t.Context(), 7); server == nil || err != nil {
			t.Errorf("fresh: got %v, %v", server, err)
		}
		if server, err := c.Snapshot.Server(t.Context(), 7); server == nil || err != nil {
			t.Errorf("after the direct lookup: got %v, %v", server, err)
		}
	})
}

func TestFreshServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t, WithSnapshotWindow(time.Hour))
		g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOff)} })
		if _, err := c.Snapshot.Servers(t.Context()); err != nil {
			t.Fatal(err)
		}
		g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOn)} })
		if server, err := c.Snapshot.FreshServer(t.Context(), 7); err != nil || !server.State.Matches(StateOn) {
			t.Errorf("got %v, %v", server, err)
		}
		if server, err := c.Snapshot.Server(t.Context(), 7); err != nil || !server.State.Matches(StateOn) || s.count("grid.server.list") != 1 {
			t.Errorf("the snapshot: got %v, %v after %d lists", server, err, s.count("grid.server.list"))
		}
		if server, err := c.Snapshot.FreshServer(t.Context(), 8); server != nil || err != nil {
			t.Errorf("absent: got %v, %v", server, err)
		}
		for _, answered := range []reply{failure(http.StatusInternalServerError, "", "oops"), empty, {body: success(serverJSON(9, "x", "203.0.113.9", StateOn))}} {
			scripted(g, "grid.server.get", answered)
			if server, err := c.Snapshot.FreshServer(t.Context(), 7); server != nil || err == nil {
				t.Errorf("%v: got %v, %v, want an error", answered, server, err)
			}
		}
	})
}

// Reads succeed whatever the order of the rows in a list.
func TestShuffledLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t, WithSnapshotWindow(0))
		var rows []string
		for i := range 10 {
			rows = append(rows, serverJSON(int64(10+i), fmt.Sprintf("web-%d", i), fmt.Sprintf("203.0.113.%d", i), StateOn))
		}
		for i := range 10 {
			rows = append(slices.Clone(rows[1:]), rows[0])
			g.set(func(g *grid) { g.servers = rows })
			if server, err := c.Snapshot.Server(t.Context(), int64(10+i)); err != nil || server == nil || server.Name != fmt.Sprintf("web-%d", i) {
				t.Errorf("server %d: got %v, %v", i, server, err)
			}
		}
		if lists, gets := s.count("grid.server.list"), s.count("grid.server.get"); lists != 10 || gets != 0 {
			t.Errorf("%d lists and %d direct lookups for 10 reads, want 10 and 0", lists, gets)
		}
	})
}
