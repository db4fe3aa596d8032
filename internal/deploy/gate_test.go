// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

var five = []string{"a", "b", "c", "d", "e"}

// TestGroup checks that all servers of a group get the release, and that the
// number of servers restarted at a time reaches but never exceeds the limit.
func TestGroup(t *testing.T) {
	t.Parallel()
	for limit := 1; limit <= 5; limit += 2 {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, five...)
			r.channel("v2", "v1")
			spec := r.spec("v2")
			spec.Limit = limit
			// The first restarts wait for each other, so a gate that admits fewer
			// servers than the limit hangs.
			var full sync.WaitGroup
			full.Add(limit)
			left := limit
			r.onRestart = func(string) {
				r.mu.Lock()
				left--
				count := left >= 0
				r.mu.Unlock()
				if count {
					full.Done()
					full.Wait()
				}
			}
			for name, err := range r.deployAll(spec, five...) {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				r.wantPin(name, "v2", false)
			}
			if r.mostRestarting != limit || len(r.restarts) != 5 {
				t.Errorf("up to %d servers were restarted at a time, want %d; restarted: %v", r.mostRestarting, limit, r.restarts)
			}
		})
	}
}

// TestGroupStops checks that the first failure stops the group. The other
// servers keep their pins and are not restarted, and their errors name the
// failed server. The next process continues the rollout.
func TestGroupStops(t *testing.T) {
	t.Parallel()
	r := newRig(t, five...)
	r.channel("v2", "v1")
	r.setBroken("v2", "install")
	failed := ""
	for name, err := range r.deployAll(r.spec("v2"), five...) {
		var stopped *StoppedError
		if errors.As(err, &stopped) {
			wantError[*ReleaseError](t, err, fmt.Sprintf(`the deploy of the group "web" has stopped, because server %[1]q failed: server %[1]q could not install the release v2`, stopped.Server))
			if got := r.pin(name); got.Release != "v1" || got.PreviousRelease != "" {
				t.Errorf("the pin of %s was changed: %+v", name, got)
			}
			continue
		}
		wantError[*ReleaseError](t, err)
		failed = name
	}
	r.wantRestarts(failed)

	r.Gates = &Gates{}
	r.setBroken("v2", "")
	for name, err := range r.deployAll(r.spec("v2"), five...) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(r.restarts) != 6 {
		t.Errorf("restarted: %v", r.restarts)
	}
}

// TestStopsDuringTheLook checks that a server is not admitted if another server
// fails during the check of the group.
func TestStopsDuringTheLook(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a", "b")
	spec := r.spec("v2")
	spec.Limit = 2
	leave, err := r.Enter(t.Context(), r.server("a"), spec)
	r.must(err)
	gate := r.Gates.of("web")
	gate.unavailable = nil // discard the cached result
	_, err = gate.enter(t.Context(), r.Deployer, "b", spec, func(context.Context) (map[string]error, error) {
		leave(errors.New("broken"))
		return nil, nil
	})
	wantError[*StoppedError](t, err, `server "a" failed: broken`)
}

// TestCannotLook checks that the group stops if Cloud Storage fails during the
// check of the other servers. Otherwise every server would wait for Cloud
// Storage in turn.
func TestCannotLook(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a", "b")
	r.shareErr = errors.New("no route to host")
	if _, err := r.Enter(t.Context(), r.server("a"), r.spec("v2")); !errors.Is(err, r.shareErr) {
		t.Errorf("got %v", err)
	}
	r.shareErr = nil
	_, err := r.Enter(t.Context(), r.server("b"), r.spec("v2"))
	wantError[*StoppedError](t, err, `server "a" failed: no route to host`)
}

// TestWrongListing checks that no server is restarted if the listing of pins is
// empty, or if the absence of a pin is not proven.
func TestWrongListing(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a", "b")
	r.setUnhealthy("b", true)
	r.channel("v2", "v1")
	r.emptyListings = true
	if err := r.deploy(t.Context(), "a", r.spec("v2")); !errors.Is(err, errPartialListing) {
		t.Errorf("with an empty listing: got %v", err)
	}
	r = newRig(t, "a")
	r.channel("v2", "v1")
	r.onRead = func(string) { r.shareErr = &storage.UnprovenError{Empty: true} }
	if err := r.deploy(t.Context(), "a", r.spec("v2")); !storage.IsUnproven(err) {
		t.Errorf("without proof: got %v", err)
	}
	if len(r.restarts) > 0 {
		t.Errorf("restarted: %v", r.restarts)
	}
}

// TestManyAway checks that the error names only ten servers and counts the
// rest.
func TestManyAway(t *testing.T) {
	t.Parallel()
	unavailable := &UnavailableError{Group: "web", Limit: 1, Unavailable: map[string]error{}}
	for i := range 30 {
		unavailable.Unavailable[fmt.Sprintf("web-%02d", i)] = errors.New("refused")
	}
	if text := unavailable.Error(); !strings.Contains(text, "web-00 (refused), ") || !strings.HasSuffix(text, "web-09 (refused) and 20 more") {
		t.Errorf("got %s", text)
	}
}

// TestGroupsAreApart checks that a failure stops only its own group.
func TestGroupsAreApart(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a", "b")
	leave, err := r.Enter(t.Context(), r.server("a"), r.spec("v2"))
	r.must(err)
	leave(errors.New("broken"))
	other := r.spec("v2")
	other.Group = "db"
	leave, err = r.Enter(t.Context(), r.server("b"), other)
	r.must(err)
	leave(nil)
	_, err = r.Enter(t.Context(), r.server("b"), r.spec("v2"))
	wantError[*StoppedError](t, err, `server "a" failed: broken`)
}

// TestAway checks that an unhealthy server counts toward the limit, and that
// the server itself may still be restarted.
func TestAway(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a", "b", "c")
	r.setUnhealthy("b", true)
	spec := r.spec("v2")
	spec.Health.Timeout = time.Nanosecond
	_, err := r.Enter(t.Context(), r.server("a"), spec)
	wantError[*UnavailableError](t, err, `at most 1 of the servers in group "web" may be unavailable at a time`, "b (GET http://127.0.0.1:", "answered 503")

	leave, err := r.Enter(t.Context(), r.server("b"), spec)
	r.must(err)
	r.setUnhealthy("b", false)
	leave(nil)
	leave, err = r.Enter(t.Context(), r.server("a"), spec)
	r.must(err)
	leave(nil)

	r.setUnhealthy("b", true)
	spec.Limit = 2
	r.Gates = &Gates{}
	leave, err = r.Enter(t.Context(), r.server("a"), spec)
	r.must(err)
	leave(nil)
	spec.Limit = 1
	spec.Health.URL = ""
	r.Gates = &Gates{}
	leave, err = r.Enter(t.Context(), r.server("a"), spec)
	r.must(err) // without a health check the group counts as healthy
	leave(nil)
}

// TestWaitedEnough checks that servers that arrive after a timeout do not wait
// for the full time limit, unless a server was admitted after the timeout.
func TestWaitedEnough(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a", "b", "c")
	r.setUnhealthy("c", true)
	spec := r.spec("v2")
	spec.Health.Timeout = time.Nanosecond
	_, err := r.Enter(t.Context(), r.server("a"), spec)
	wantError[*UnavailableError](t, err)

	spec.Health.Timeout = time.Hour
	checks := 0
	enter := func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		_, err := r.Gates.of("web").enter(ctx, r.Deployer, "b", spec, func(ctx context.Context) (map[string]error, error) {
			if checks++; checks == 3 {
				cancel()
			}
			return r.findUnavailable(ctx, "b", spec)
		})
		return err
	}
	wantError[*UnavailableError](t, enter(t.Context()), "c (GET")
	leave, err := r.Enter(t.Context(), r.server("c"), spec)
	r.must(err)
	leave(nil)
	checks = 0
	if err := enter(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a canceled wait for c", err)
	}
}

// TestReleaseInTheURL checks that a health check of the group requests the URL
// of the release that a server runs, not of the release to which it is pinned.
func TestReleaseInTheURL(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a", "b")
	r.health.URL += "/{release}"
	r.channel("v2", "v1")
	r.must(r.Pin(t.Context(), r.server("b"), r.spec("v2"), false)) // loaded at the next boot
	spec := r.spec("v2")
	if unavailable, err := r.findUnavailable(t.Context(), "b", spec); err != nil || len(unavailable) != 0 {
		t.Errorf("unavailable: %v, %v", unavailable, err)
	}
	r.setUnhealthy("b", true)
	spec.Health.Timeout = time.Nanosecond
	_, err := r.Enter(t.Context(), r.server("a"), spec)
	wantError[*UnavailableError](t, err, "b (GET http://127.0.0.1:", "answered 503")
}

// TestSlowLook checks that the servers that wait for a slow check reuse its
// result instead of checking again.
func TestSlowLook(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClock()
	d := &Deployer{Clock: clock, Interval: time.Second, Gates: &Gates{}}
	spec := Spec{Group: "web", Limit: 1, Health: Health{Timeout: time.Nanosecond}}
	checks := 0
	for _, name := range []string{"a", "b"} {
		_, err := d.Gates.of("web").enter(t.Context(), d, name, spec, func(context.Context) (map[string]error, error) {
			checks++
			clock.Advance(time.Hour)
			return map[string]error{"c": errors.New("silent")}, nil
		})
		wantError[*UnavailableError](t, err)
	}
	if checks != 1 {
		t.Errorf("checked %d times, want once", checks)
	}
}

// TestTurnLeftOpen checks that a server counts as unavailable, although it
// still answers, if an apply was killed after it had requested the restart of
// the server.
func TestTurnLeftOpen(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a", "b")
	r.channel("v2", "v1")
	r.openStep("")
	spec := r.spec("v2")
	spec.Health.Timeout = time.Nanosecond
	if unavailable, err := r.findUnavailable(t.Context(), "b", spec); err != nil || len(unavailable) != 0 {
		t.Errorf("unavailable before the restart is sent: %v, %v", unavailable, err)
	}
	r.restarts = append(r.restarts, "a")
	_, err := r.Enter(t.Context(), r.server("b"), spec)
	wantError[*UnavailableError](t, err, "a (restarted, but has not reported its new status yet)")
	leave, err := r.Enter(t.Context(), r.server("a"), spec)
	r.must(err)
	r.boot("a")
	leave(nil)
	leave, err = r.Enter(t.Context(), r.server("b"), spec)
	r.must(err)
	leave(nil)
}

// TestNotAway checks which unhealthy servers do not count as unavailable: servers
// of other groups and deployments, and servers that are off, deleted or new.
func TestNotAway(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a", "other", "foreign", "off", "gone")
	for _, name := range []string{"other", "foreign", "off", "gone", "new"} {
		r.setUnhealthy(name, true)
	}
	change := func(name string, to func(*pin)) {
		p := r.pin(name)
		to(&p)
		r.write("servers/"+name+".json", string(p.encode()))
	}
	change("other", func(p *pin) { p.Group = "db" })
	change("foreign", func(p *pin) { p.UpdatedBy = "blog" })
	r.must(r.Pin(t.Context(), r.server("off"), r.spec("v1"), true))
	r.must(r.Announce(t.Context(), "new", r.spec("v1")))
	leave, err := r.Enter(t.Context(), r.server("a"), r.spec("v2"))
	r.must(err)
	leave(nil)
}

// TestRepairedFirst checks that an unhealthy server is restarted first and that
// the other servers wait for it, whatever the order of arrival.
func TestRepairedFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t, five...)
	r.channel("v2", "v1")
	r.setUnhealthy("c", true)
	r.onRestart = func(name string) {
		if name == "c" {
			r.setUnhealthy("c", false)
		}
	}
	for name, err := range r.deployAll(r.spec("v2"), five...) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r.restarts[0] != "c" || len(r.restarts) != 5 {
		t.Errorf("restarted: %v, want c first", r.restarts)
	}
}

// TestWaitIsCancelled checks that a canceled wait does not count toward the
// limit.
func TestWaitIsCancelled(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a", "b")
	leave, err := r.Enter(t.Context(), r.server("a"), r.spec("v2"))
	r.must(err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := r.Enter(ctx, r.server("b"), r.spec("v2"))
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	leave(nil)
	leave, err = r.Enter(t.Context(), r.server("b"), r.spec("v2"))
	r.must(err)
	leave(nil)
}

func TestReports(t *testing.T) {
	t.Parallel()
	r := newRig(t, "b", "a")
	r.channel("v2", "v1")
	r.openStep("")
	r.write("status/old.json", `{"release": "v0", "result": "ok", "started": "x"}`)
	r.write("servers/deep/er.json", "{}")
	reports, err := r.Reports(t.Context(), "")
	r.must(err)
	var got []string
	for _, report := range reports {
		got = append(got, fmt.Sprintf("%s runs %s, pinned %s, group %s, under way %v", report.Server, report.Status.Release, report.Pinned, report.Group, report.UnderWay))
	}
	want := []string{"a runs v1, pinned v2, group web, under way true", "b runs v1, pinned v1, group web, under way false", "old runs v0, pinned , group , under way false"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if reports, err := r.Reports(t.Context(), "web"); err != nil || len(reports) != 2 {
		t.Errorf("reports of the group: %v, %v", reports, err)
	}
}
