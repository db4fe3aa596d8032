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

// A wait for a deletion ends only when the absence of the server is proven,
// whatever earlier lists show.
func TestDeleteWaitNeedsProof(t *testing.T) {
	t.Parallel()
	const gone = 3 * time.Minute
	on := serverJSON(7, "web", "203.0.113.7", StateOn)
	other := serverJSON(8, "db", "203.0.113.8", StateOn)
	for _, test := range []struct {
		name   string
		method string
		answer reply
		to     time.Duration // when the faulty answers end
		want   time.Duration // when the wait ends
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
		{"old direct lookups", "grid.server.get", reply{body: success(on)}, 10 * time.Minute, 10 * time.Minute},
		{"failing direct lookups", "grid.server.get", failure(500, "", "oops"), 10 * time.Minute, 10 * time.Minute},
		{"empty direct lookups", "grid.server.get", empty, 10 * time.Minute, 10 * time.Minute},
		{"direct lookups that return another server", "grid.server.get", reply{body: success(other)}, 10 * time.Minute, 10 * time.Minute},
		{"failing jobs", "grid.job.list", failure(500, "", "oops"), time.Hour, gone},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := newGridClient(t)
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
				if _, err := c.Snapshot.Servers(t.Context()); err != nil { // the credential is now accepted
					t.Fatal(err)
				}
				overrideBetween(g, test.method, 0, test.to, test.answer)
				changeAfter(g, gone, func(g *grid) { g.servers = []string{other} })
				begun := time.Now()
				server, err := c.Watch.Server(deadlineIn(t, time.Hour), ServerWait{
					Operation: OperationDeleteServer, ID: 7, Address: "203.0.113.7", Name: "web",
					Done: func(s *Server) bool { return s == nil }, Job: JobDeleteVirtualServer,
				})
				if server != nil || err != nil {
					t.Errorf("got %v, %v", server, err)
				}
				if took := time.Since(begun); took < test.want || took > test.want+15*time.Second {
					t.Errorf("took %s, want %s or at most 15 s more", took, test.want)
				}
			})
		})
	}
}

// Incomplete or failed answers do not end a wait for a server that exists.
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
				c, g, _ := newGridClient(t)
				g.set(func(g *grid) { g.servers = []string{off} })
				overrideBetween(g, "grid.server.list", 15*time.Second, 4*time.Minute, answered)
				changeAfter(g, 5*time.Minute, func(g *grid) { g.servers = []string{on} })
				server, err := c.Watch.Server(deadlineIn(t, time.Hour), ServerWait{Operation: OperationPowerServer, ID: 7, Job: JobAny})
				if err != nil || server == nil || !server.State.Matches(StateOn) {
					t.Errorf("got %v, %v", server, err)
				}
			})
		})
	}
}

// A server that disappears ends a wait for another change only if its absence
// is proven.
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
		{"no direct lookups", "grid.server.get", failure(500, "", "oops"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := newGridClient(t)
				g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOff)} })
				overrideBetween(g, test.method, time.Minute, time.Hour, test.answer)
				changeAfter(g, time.Minute, func(g *grid) { g.servers = nil })
				_, err := c.Watch.Server(deadlineIn(t, 20*time.Minute), wait)
				var gone *GoneError
				if errors.As(err, &gone) != test.gone || IsStatusUnknown(err) == test.gone {
					t.Errorf("got %v, want a GoneError: %t, otherwise an unknown status", err, test.gone)
				}
				if !strings.Contains(err.Error(), "id 7, state Off") {
					t.Errorf("%q does not contain the last state", err)
				}
			})
		})
	}
}

// A wait for an image also needs proof that the image is absent.
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
		{"deleted, and no direct lookups", "grid.image.get", failure(500, "", "oops"), func(i *Image) bool { return i == nil }, "waiting"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, _ := newGridClient(t)
				g.set(func(g *grid) { g.images = []string{saving} })
				overrideBetween(g, test.method, 0, time.Hour, test.answer)
				changeAfter(g, 30*time.Minute, func(g *grid) { g.images = []string{imageJSON(9, "GSI-9", ImageAvailable)} })
				image, err := c.Watch.Image(deadlineIn(t, 2*time.Hour), ImageWait{Operation: OperationSaveImage, ID: 9, Done: test.done})
				if saved := err == nil && image != nil && image.ID == 9; saved != (test.want == "saved") {
					t.Errorf("got %v, %v, want an image that is %s", image, err, test.want)
				}
				var waited *WaitError
				if test.want == "waiting" && !errors.As(err, &waited) {
					t.Errorf("got %v, want a WaitError", err)
				}
			})
		})
	}
}

// One call looks up the missing objects of several waits. An answer that shows some
// of the servers proves nothing about the others.
func TestDirectLooksAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
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
		// For a minute, direct lookups find only server 100.
		g.set(func(g *grid) { g.servers = []string{serverJSON(100, "web", "203.0.113.7", StateOn)} })
		overrideBetween(g, "grid.server.list", 0, time.Hour, empty)
		changeAfter(g, time.Minute, func(g *grid) { g.servers = nil })
		advance(30 * time.Second)
		if left := len(c.Watch.servers.waiters); left != 1 {
			t.Errorf("%d waits remain, want only the wait for the server that direct lookups find", left)
		}
		if got := s.count("grid.server.get"); got > 6 {
			t.Errorf("%d direct lookups for %d servers", got, waits)
		}
		group.Wait()
	})
}
