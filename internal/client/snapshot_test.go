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

func TestSnapshotSharesOneList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		const readers = 1000
		g.set(func(g *grid) {
			for i := range readers {
				g.servers = append(g.servers, serverJSON(int64(1000+i), fmt.Sprintf("web-%d", i), fmt.Sprintf("10.1.%d.%d", i/256, i%256), StateOn))
			}
		})
		var group sync.WaitGroup
		for i := range readers {
			group.Go(func() {
				byID, err := c.Snapshot.Server(t.Context(), int64(1000+i))
				if err != nil || byID == nil || byID.Name != fmt.Sprintf("web-%d", i) {
					t.Errorf("server %d: got %v, %v", i, byID, err)
				}
				at, err := c.Snapshot.ServerAt(t.Context(), fmt.Sprintf("10.1.%d.%d", i/256, i%256))
				if err != nil || at == nil || at.ID != int64(1000+i) {
					t.Errorf("server at %d: got %v, %v", i, at, err)
				}
			})
		}
		group.Wait()
		if all, err := c.Snapshot.Servers(t.Context()); err != nil || len(all) != readers {
			t.Errorf("got %d servers, %v", len(all), err)
		}
		if absent, err := c.Snapshot.Server(t.Context(), 1); absent != nil || err != nil {
			t.Errorf("absent: got %v, %v", absent, err)
		}
		// The read of the absent server causes the second list and the direct
		// lookup.
		if lists, gets := s.count("grid.server.list"), s.count("grid.server.get"); lists != 2 || gets != 1 {
			t.Errorf("%d readers and one read of an absent server caused %d lists and %d direct lookups", readers, lists, gets)
		}
	})
}

func TestSnapshotWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _, s := newGridClient(t, WithSnapshotWindow(10*time.Second))
		read := func(want int) {
			t.Helper()
			if _, err := c.Snapshot.IPs(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := s.count("grid.ip.list"); got != want {
				t.Errorf("%d lists, want %d", got, want)
			}
		}
		read(1)
		advance(9 * time.Second)
		read(1)
		advance(2 * time.Second)
		read(2)
		c.Snapshot.Refresh(KindImages)
		read(2)
		c.Snapshot.Refresh(KindIPs)
		read(3)
		read(3)
	})
}

func TestSnapshotImagesAndLookups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		g.set(func(g *grid) {
			// The name of the second image is the id of the first.
			g.images = []string{imageJSON(9, "GSI-9", ImageAvailable), imageJSON(10, "9", ImageAvailable), imageJSON(11, "77", ImageAvailable)}
			g.override = func(method string, form url.Values) (reply, bool) {
				return reply{body: success(optionJSON(1, "one of "+form.Get("lookup")))}, method == "common.lookup.list"
			}
		})
		for given, want := range map[string]int64{"9": 9, "gsi-9": 9, "10": 10, "77": 11, "none": 0, "": 0} {
			image, err := c.Snapshot.Image(t.Context(), given)
			if err != nil || (image == nil) != (want == 0) || (image != nil && image.ID != want) {
				t.Errorf("%q: got %v, %v; want %d", given, image, err, want)
			}
		}
		if all, err := c.Snapshot.Images(t.Context()); err != nil || len(all) != 3 || s.count("grid.image.list") != 2 || s.count("grid.image.get") != 1 {
			t.Errorf("got %d images in %d lists and %d direct lookups, want 2 and 1 for the absent image, %v",
				len(all), s.count("grid.image.list"), s.count("grid.image.get"), err)
		}
		for range 3 {
			for _, name := range []string{LookupServerRAM, LookupDatacenter} {
				options, err := c.Snapshot.Lookup(t.Context(), name)
				if err != nil || len(options) != 1 || options[0].Name != "one of "+name {
					t.Errorf("%s: got %v, %v", name, options, err)
				}
			}
			advance(time.Hour)
		}
		if got := s.count("common.lookup.list"); got != 2 {
			t.Errorf("%d calls for two lookups", got)
		}
	})
}

// gated blocks each call of a method until the test releases the call.
type gated struct {
	next    *service
	method  string
	arrived chan struct{}
	release chan struct{}
}

func gate(s *service, method string) *gated {
	g := &gated{next: s, method: method, arrived: make(chan struct{}, 100), release: make(chan struct{})}
	plain := s.answer
	s.answer = func(called string, form url.Values) reply {
		answered := plain(called, form)
		if called == g.method {
			g.arrived <- struct{}{}
			<-g.release
		}
		return answered
	}
	return g
}

func TestSnapshotReadersHonourTheirOwnContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		g.set(func(g *grid) { g.ips = []string{ipJSON(1, "203.0.113.7", true, false)} })
		held := gate(s, "grid.ip.list")
		impatient, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := c.Snapshot.IPs(impatient); !errors.Is(err, context.Canceled) {
				t.Errorf("the canceled reader got %v", err)
			}
		})
		<-held.arrived
		for range 10 {
			group.Go(func() {
				if ips, err := c.Snapshot.IPs(t.Context()); err != nil || len(ips) != 1 {
					t.Errorf("a reader that was not canceled got %v, %v", ips, err)
				}
			})
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(held.release)
		group.Wait()
		if got := s.count("grid.ip.list"); got != 1 {
			t.Errorf("got %d lists, want one: its fetch must continue after the first reader has left", got)
		}
	})
}

func TestSnapshotFailureIsNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, _ := newGridClient(t)
		broken := true
		g.set(func(g *grid) {
			g.override = func(string, url.Values) (reply, bool) { return failure(500, "", "oops"), broken }
		})
		if _, err := c.Snapshot.Servers(t.Context()); err == nil {
			t.Error("got no error")
		}
		g.set(func(*grid) { broken = false })
		if _, err := c.Snapshot.Servers(t.Context()); err != nil {
			t.Errorf("got %v after the service had recovered", err)
		}
	})
}

// A change must be visible at once, without another list. An older list that
// arrives later must not hide the change.
func TestSnapshotWriteThrough(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		t.Run(fmt.Sprintf("list under way %t", late), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, s := newGridClient(t)
				g.set(func(g *grid) {
					g.servers = []string{serverJSON(7, "old", "203.0.113.7", StateOn)}
					g.ips = []string{ipJSON(1, "203.0.113.7", true, true), ipJSON(2, "203.0.113.8", true, false), ipJSON(3, "10.0.0.8", false, false)}
					g.override = answerChanges
				})
				readAll(t, c)
				var group sync.WaitGroup
				finish := func() {}
				if late {
					finish = lateLists(t, c, s, &group)
				}
				if _, err := c.Servers.Edit(t.Context(), 7, ServerEdit{Description: pointer("edited")}); err != nil {
					t.Fatal(err)
				}
				if !late {
					readAll(t, c)
				}
				if _, err := c.Servers.Add(t.Context(), ServerAdd{Name: "new", IP: "203.0.113.8", PrivateIP: "10.0.0.8"}); err != nil {
					t.Fatal(err)
				}
				finish()
				group.Wait()
				lists := s.count("grid.server.list") + s.count("grid.ip.list")

				added, err := c.Snapshot.ServerAt(t.Context(), "203.0.113.8")
				if err != nil || added == nil || !added.Pending() || added.Name != "new" {
					t.Errorf("added: got %v, %v", added, err)
				}
				if private, err := c.Snapshot.ServerAt(t.Context(), "10.0.0.8"); err != nil || private != added {
					t.Errorf("by private address: got %v, %v", private, err)
				}
				edited, err := c.Snapshot.Server(t.Context(), 7)
				if err != nil || edited == nil || edited.Description != "edited" {
					t.Errorf("edited: got %v, %v", edited, err)
				}
				if all, err := c.Snapshot.Servers(t.Context()); err != nil || len(all) != 2 {
					t.Errorf("%d servers, want 2: %v", len(all), err)
				}
				for _, address := range []string{"203.0.113.7", "203.0.113.8", "10.0.0.8"} {
					if ip, err := c.Snapshot.IPAt(t.Context(), address); err != nil || !ip.Assigned() {
						t.Errorf("%s is not assigned: %v, %v", address, ip, err)
					}
				}
				if got := s.count("grid.server.list") + s.count("grid.ip.list"); got != lists {
					t.Errorf("%d lists after the changes", got-lists)
				}
			})
		})
	}
}

func answerChanges(method string, form url.Values) (reply, bool) {
	switch method {
	case "grid.server.add":
		body := serverJSON(0, form.Get("name"), form.Get("ip"), StateOff)
		private := fmt.Sprintf(`,"privateip":%s}`, ipJSON(3, form.Get("privateip"), false, true))
		return reply{body: success(strings.TrimSuffix(body, "}") + private)}, true
	case "grid.server.edit":
		body := serverJSON(7, "old", "203.0.113.7", StateUpdating)
		return reply{body: success(strings.TrimSuffix(body, "}") + `,"description":"edited"}`)}, true
	case "grid.server.delete":
		return reply{body: success(serverJSON(7, "old", "203.0.113.7", StateOn))}, true
	default:
		return reply{}, false
	}
}

func readAll(t *testing.T, c *Client) {
	t.Helper()
	_, serversErr := c.Snapshot.Servers(t.Context())
	_, ipsErr := c.Snapshot.IPs(t.Context())
	if err := errors.Join(serversErr, ipsErr); err != nil {
		t.Fatal(err)
	}
}

// lateLists starts fetching lists of servers and addresses that show the
// current grid. The lists arrive when the test calls the returned function.
func lateLists(t *testing.T, c *Client, s *service, group *sync.WaitGroup) func() {
	t.Helper()
	servers, ips := gate(s, "grid.server.list"), gate(s, "grid.ip.list")
	c.Snapshot.Refresh(KindServers)
	c.Snapshot.Refresh(KindIPs)
	group.Go(func() { _, _ = c.Snapshot.Servers(t.Context()) })
	group.Go(func() { _, _ = c.Snapshot.IPs(t.Context()) })
	<-servers.arrived
	<-ips.arrived
	return func() {
		close(servers.release)
		close(ips.release)
	}
}

// After Refresh, only a list whose fetch began later is fresh.
func TestSnapshotRefreshDuringAList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOff)} })
		held := gate(s, "grid.server.list")
		var group sync.WaitGroup
		group.Go(func() { _, _ = c.Snapshot.Servers(t.Context()) })
		<-held.arrived
		g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOn)} })
		c.Snapshot.Refresh(KindServers)
		group.Go(func() {
			server, err := c.Snapshot.Server(t.Context(), 7)
			if err != nil || !server.State.Matches(StateOn) {
				t.Errorf("after the refresh: got %v, %v", server, err)
			}
		})
		synctest.Wait()
		close(held.release)
		group.Wait()
		if got := s.count("grid.server.list"); got != 2 {
			t.Errorf("%d lists, want 2", got)
		}
	})
}

// A list whose fetch began before a refresh is not fresh, even if the list
// arrives after the refresh.
func TestSnapshotOldListIsNotFresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		old := c.Snapshot.servers.begin()
		c.Snapshot.Refresh(KindServers)
		old.store(listing[Server]{})
		old.end()
		g.set(func(g *grid) { g.servers = []string{serverJSON(7, "web", "203.0.113.7", StateOn)} })
		if server, err := c.Snapshot.Server(t.Context(), 7); err != nil || server == nil || s.count("grid.server.list") != 1 {
			t.Errorf("got %v, %v after %d lists", server, err, s.count("grid.server.list"))
		}
		// A list must not replace a list whose fetch began later.
		slow, quick := c.Snapshot.servers.begin(), c.Snapshot.servers.begin()
		quick.store(listing[Server]{items: []Server{{ID: 8}}})
		slow.store(listing[Server]{items: []Server{{ID: 9}}})
		if server, err := c.Snapshot.Server(t.Context(), 8); err != nil || server == nil {
			t.Errorf("got %v, %v: an older list replaced a newer one", server, err)
		}
	})
}

func TestRowsForgetOldKeys(t *testing.T) {
	t.Parallel()
	r := newIndexedList([]Server{{ID: 7, IP: IP{Address: "203.0.113.7"}}}, serverKeys)
	r.replace(idKey(7), &Server{ID: 7, IP: IP{Address: "203.0.113.8"}})
	if old, current := r.get(addressKey("203.0.113.7")), r.get(addressKey("203.0.113.8")); old != nil || current == nil || len(r.all()) != 1 {
		t.Errorf("got %v at the old address and %v at the new address, in the list %v", old, current, r.all())
	}
	r.replace(idKey(9), &Server{ID: 9})
	if got := r.get(idKey(9)); got != nil {
		t.Errorf("got %v, want nil: there was nothing to replace", got)
	}
}

// When the watch proves that a server is gone, its addresses become free.
func TestSnapshotLearnsFromTheWatch(t *testing.T) {
	t.Parallel()
	for _, readBefore := range []bool{true, false} {
		t.Run(fmt.Sprintf("servers read before %t", readBefore), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, s := newGridClient(t, WithSnapshotWindow(time.Hour))
				g.set(func(g *grid) {
					g.servers = []string{serverJSON(7, "old", "203.0.113.7", StateOn), serverJSON(8, "web", "203.0.113.8", StateOn)}
					g.ips = []string{ipJSON(1, "203.0.113.7", true, true), ipJSON(2, "203.0.113.8", true, true)}
					g.override = answerChanges
				})
				if _, err := c.Snapshot.IPs(t.Context()); err != nil {
					t.Fatal(err)
				}
				if readBefore {
					readAll(t, c)
				}
				if _, err := c.Servers.Delete(t.Context(), 7); err != nil {
					t.Fatal(err)
				}
				wait := ServerWait{Operation: OperationDeleteServer, ID: 7, Done: func(s *Server) bool { return s == nil }}
				changeAfter(g, time.Second, func(g *grid) { g.servers = g.servers[1:] })
				if _, err := c.Watch.Server(t.Context(), wait); err != nil {
					t.Fatal(err)
				}
				lists := s.count("grid.server.list")
				if gone, err := c.Snapshot.Server(t.Context(), 7); err != nil || gone != nil {
					t.Errorf("deleted: got %v, %v", gone, err)
				}
				for address, want := range map[string]bool{"203.0.113.7": false, "203.0.113.8": true} {
					if ip, err := c.Snapshot.IPAt(t.Context(), address); err != nil || ip.Assigned() != want {
						t.Errorf("%s: assigned %t, want %t: %v", address, ip.Assigned(), want, err)
					}
				}
				if s.count("grid.server.list") != lists || s.count("grid.ip.list") != 1 {
					t.Errorf("the reads caused %d lists of servers and %d lists of addresses", s.count("grid.server.list")-lists, s.count("grid.ip.list"))
				}
			})
		})
	}
}

// A deletion whose answer was lost also frees the addresses, once the server is
// proven to be gone.
func TestSnapshotLearnsOfADoubtfulDeletion(t *testing.T) {
	t.Parallel()
	for _, readBefore := range []bool{true, false} {
		t.Run(fmt.Sprintf("servers read before %t", readBefore), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, g, s := newGridClient(t, WithSnapshotWindow(time.Hour))
				assigned := ipJSON(1, "203.0.113.7", true, true)
				g.set(func(g *grid) {
					g.servers, g.ips = []string{serverJSON(7, "old", "203.0.113.7", StateOn)}, []string{assigned}
					g.override = func(method string, _ url.Values) (reply, bool) {
						return reply{err: errReset}, method == "grid.server.delete"
					}
				})
				if _, err := c.Snapshot.IPs(t.Context()); err != nil {
					t.Fatal(err)
				}
				if readBefore {
					readAll(t, c)
				}
				if _, err := c.Servers.Delete(t.Context(), 7); !IsOutcomeUnknown(err) {
					t.Fatalf("got %v, want an unknown outcome", err)
				}
				if ip, err := c.Snapshot.IPAt(t.Context(), "203.0.113.7"); err != nil || !ip.Assigned() {
					t.Errorf("got %v, %v, want an assigned address while the server exists", ip, err)
				}
				changeAfter(g, time.Minute, func(g *grid) { g.servers, g.ips = nil, []string{ipJSON(1, "203.0.113.7", true, false)} })
				wait := ServerWait{Operation: OperationDeleteServer, ID: 7, Done: func(s *Server) bool { return s == nil }}
				if _, err := c.Watch.Server(deadlineIn(t, time.Hour), wait); err != nil {
					t.Fatal(err)
				}
				if ip, err := c.Snapshot.IPAt(t.Context(), "203.0.113.7"); err != nil || ip.Assigned() {
					t.Errorf("got %v, %v, want a free address after the deletion", ip, err)
				}
				if want := map[bool]int{true: 1, false: 2}[readBefore]; s.count("grid.ip.list") != want {
					t.Errorf("%d lists of addresses, want %d", s.count("grid.ip.list"), want)
				}
			})
		})
	}
}

func TestSnapshotOfImagesWriteThrough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, g, s := newGridClient(t)
		g.set(func(g *grid) {
			g.images = []string{imageJSON(1, "base", ImageAvailable)}
			g.override = func(method string, _ url.Values) (reply, bool) {
				switch method {
				case "grid.image.save":
					return reply{body: success(imageJSON(9, "GSI-9", ImageSaving))}, true
				case "grid.image.edit":
					return reply{body: success(strings.Replace(imageJSON(9, "GSI-9", ImageSaving), "image GSI-9", "better", 1))}, true
				default:
					return reply{}, false
				}
			}
		})
		if _, err := c.Snapshot.Images(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Images.Save(t.Context(), ImageSave{ServerID: 7, FriendlyName: "image GSI-9"}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Images.Edit(t.Context(), 9, ImageEdit{FriendlyName: pointer("better")}); err != nil {
			t.Fatal(err)
		}
		image, err := c.Snapshot.Image(t.Context(), "gsi-9")
		if err != nil || image == nil || image.FriendlyName != "better" || s.count("grid.image.list") != 1 {
			t.Errorf("got %v, %v after %d lists", image, err, s.count("grid.image.list"))
		}
	})
}

// BenchmarkSnapshotRead measures parallel reads of a list that is already cached.
func BenchmarkSnapshotRead(b *testing.B) {
	body := string(thousandServers(b))
	c := newTestClient(b, &service{answer: func(string, url.Values) reply { return reply{body: body} }}, WithSnapshotWindow(time.Hour))
	if _, err := c.Snapshot.Servers(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if server, err := c.Snapshot.Server(b.Context(), 700500); err != nil || server == nil {
				b.Error(server, err)
			}
		}
	})
}
