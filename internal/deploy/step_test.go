// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package deploy

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// wantError fails the test unless err has type T and its text contains all the
// given texts.
func wantError[T error](t *testing.T, err error, says ...string) {
	t.Helper()
	var kind T
	if !errors.As(err, &kind) {
		t.Fatalf("got %v, want a %T", err, kind)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("got %q, want an error that contains %q", err, text)
		}
	}
}

// wantPin checks which release a server loads next, and whether its step is open.
func (r *rig) wantPin(name, release string, open bool) {
	r.t.Helper()
	got := r.pin(name)
	if got.Release != release || got.open() != open {
		r.t.Errorf("%s is pinned to %s (open: %v), want %s (open: %v)", name, got.Release, got.open(), release, open)
	}
	if !open && (got.StepStatus != "" || got.StepJob != "") {
		r.t.Errorf("the pin of %s still contains an open step: %+v", name, got)
	}
}

func (r *rig) wantRestarts(names ...string) {
	r.t.Helper()
	if strings.Join(r.restarts, " ") != strings.Join(names, " ") {
		r.t.Errorf("restarted: %q, want %q", r.restarts, names)
	}
}

func TestNewServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.spec("v1")
	r.must(r.Announce(t.Context(), "a", spec))
	r.wantPin("a", "v1", true)
	if got := r.pin("a"); got.Address != "" || got.Group != "web" {
		t.Errorf("the pin of a new server is %+v; other servers must not depend on it yet", got)
	}
	r.boot("a")
	r.must(r.Converge(t.Context(), r.server("a"), spec, r.restarter("a")))
	r.wantPin("a", "v1", false)
	r.wantRestarts()
	if got := r.pin("a"); got.Address != r.server("a").Address || got.Private != "10.0.0.1" || got.UpdatedBy != "shop" || got.UpdatedAt == "" {
		t.Errorf("the pin is %+v", got)
	}
}

// TestStaleStatus checks that the status of an earlier server with the same name is
// ignored.
func TestStaleStatus(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.write(startup.StatusFile("a"), `{"release": "v1", "wanted": "v1", "result": "ok", "started": "long ago"}`)
	spec := r.spec("v1")
	spec.Health.Timeout = time.Nanosecond
	r.must(r.Announce(t.Context(), "a", spec))
	err := r.Converge(t.Context(), r.server("a"), spec, r.restarter("a"))
	wantError[*ReleaseError](t, err, `server "a" has not reported that it runs the release v1`, "status/a.json is not newer than its restart")
}

func TestRelease(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.channel("v2", "v1")
	r.must(r.deploy(t.Context(), "a", r.spec("v2")))
	r.wantRestarts("a")
	r.wantPin("a", "v2", false)
	if got := r.pin("a"); got.PreviousRelease != "v1" {
		t.Errorf("the previous release is %q, want v1", got.PreviousRelease)
	}
	r.must(r.deploy(t.Context(), "a", r.spec("v2")))
	r.wantRestarts("a") // the server already runs v2
	r.must(r.deploy(t.Context(), "a", r.spec("v1")))
	r.wantRestarts("a", "a")
	if status := r.reported("a"); status.Release != "v1" {
		t.Errorf("the server runs %s", status.Release)
	}
}

// TestReadsOnce checks that each file is read only once before the restart.
func TestReadsOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.channel("v2", "v1")
	reads := map[string]int{}
	count := func(at string) { reads[at]++ }
	r.onRead = count
	r.onRestart = func(string) { r.onRead = func(string) {} }
	r.must(r.Converge(t.Context(), r.server("a"), r.spec("v2"), r.restarter("a")))
	want := map[string]int{startup.ServerFile("a"): 1, startup.StatusFile("a"): 1, startup.ChannelFile("web"): 1}
	if !maps.Equal(reads, want) {
		t.Errorf("read before the restart: %v, want %v", reads, want)
	}
	r.wantRestarts("a")

	// The server already runs the release, so it is not restarted.
	reads, r.onRead = map[string]int{}, count
	r.must(r.Converge(t.Context(), r.server("a"), r.spec("v2"), r.restarter("a")))
	if !maps.Equal(reads, want) {
		t.Errorf("read without a restart: %v, want %v", reads, want)
	}

	// Resume a step whose restart was not sent.
	r.channel("v3", "v2")
	s, err := r.readStep(t.Context(), r.server("a"), r.spec("v3"))
	r.must(err)
	r.must(s.begin(t.Context(), stepRestart, "1"))
	reads = map[string]int{}
	r.must(r.Converge(t.Context(), r.server("a"), r.spec("v3"), r.restarter("a")))
	delete(want, startup.ChannelFile("web"))
	if !maps.Equal(reads, want) {
		t.Errorf("read before the restart of a resumed step: %v, want %v", reads, want)
	}
	r.wantRestarts("a", "a")
}

func TestUnknownRelease(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.channel("v2", "v1")
	wantError[*UnknownReleaseError](t, r.deploy(t.Context(), "a", r.spec("v3")), `the channel "web" names the release v2, and v1 before, but not v3`)
	r.wantPin("a", "v1", false)
	r.wantRestarts()
	r.channel("v2", "")
	wantError[*UnknownReleaseError](t, r.Announce(t.Context(), "b", r.spec("v3")), `names the release v2, but not v3`)
	spec := r.spec("v1")
	spec.Channel = "nowhere"
	wantError[*UnknownReleaseError](t, r.Announce(t.Context(), "b", spec), `there is no channel "nowhere"`)
	r.must(r.Converge(t.Context(), r.server("a"), spec, r.restarter("a"))) // the server's pin names the archive
}

// TestKilled checks that a second apply resumes the step of an apply that was
// killed in any phase, and that the server is restarted only once.
func TestKilled(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		// until simulates what the killed apply did.
		until    func(*rig)
		restarts int // by the second apply
	}{
		"before the pin":     {func(*rig) {}, 1},
		"before the restart": {func(r *rig) { r.openStep("") }, 1},
		"after the restart": {func(r *rig) {
			r.openStep("")
			r.restarts = append(r.restarts, "a")
		}, 0},
		"after the report": {func(r *rig) {
			r.openStep("")
			r.restarts = append(r.restarts, "a")
			r.boot("a")
		}, 0},
		"after the server had booted without a restart request": {func(r *rig) {
			r.openStep("")
			r.boot("a")
		}, 0},
		"after an earlier restart": {func(r *rig) {
			r.restarts = append(r.restarts, "a")
			r.openStep("1")
		}, 1},
		"after the end": {func(r *rig) { r.must(r.deploy(r.t.Context(), "a", r.spec("v2"))) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "a")
			r.channel("v2", "v1")
			tc.until(r)
			before := len(r.restarts)
			if status := r.reported("a"); status.Release == "v1" && tc.restarts == 0 {
				var booting sync.WaitGroup
				booting.Go(func() { r.boot("a") })
				defer booting.Wait()
			}
			r.must(r.deploy(t.Context(), "a", r.spec("v2")))
			if got := len(r.restarts) - before; got != tc.restarts {
				t.Errorf("restarted %d more times, want %d", got, tc.restarts)
			}
			r.wantPin("a", "v2", false)
			if status := r.reported("a"); status.Release != "v2" {
				t.Errorf("the server runs %s", status.Release)
			}
		})
	}
}

// openStep opens a step to v2.
func (r *rig) openStep(job string) {
	s, err := r.readStep(r.t.Context(), r.server("a"), r.spec("v2"))
	r.must(err)
	r.must(s.begin(r.t.Context(), stepRestart, job))
}

// TestRolledBackWhenKilled checks that an open step is not resumed if the plan now
// asks for another release.
func TestRolledBackWhenKilled(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.channel("v2", "v1")
	r.openStep("")
	r.must(r.deploy(t.Context(), "a", r.spec("v1")))
	r.wantRestarts()
	r.wantPin("a", "v1", false)
}

// TestRolledBackWhenBooting rolls back a step whose restart was requested, so
// the server may be loading the abandoned release. The new step must ignore the
// report of that boot.
func TestRolledBackWhenBooting(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.channel("v2", "v1")
	r.openStep("")
	r.restarts = append(r.restarts, "a")
	r.setBroken("v1", "silent")
	r.onRestart = func(string) {
		r.write(startup.StatusFile("a"), `{"release": "v2", "wanted": "v2", "result": "ok", "started": "boot 2"}`)
		reads := 0
		r.onRead = func(at string) {
			if reads++; reads == 3 {
				r.setBroken("v1", "")
				r.boot("a")
			}
		}
	}
	r.must(r.deploy(t.Context(), "a", r.spec("v1")))
	r.wantRestarts("a", "a")
	r.wantPin("a", "v1", false)
}

// TestTellsOfAnotherBoot checks the error for a server whose newest report
// concerns another boot.
func TestTellsOfAnotherBoot(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.channel("v2", "v1")
	r.setBroken("v2", "silent")
	r.onRestart = func(string) {
		r.write(startup.StatusFile("a"), `{"release": "v1", "wanted": "v1", "result": "ok", "started": "boot 2"}`)
	}
	spec := r.spec("v2")
	spec.Health.Timeout = time.Nanosecond
	wantError[*ReleaseError](t, r.deploy(t.Context(), "a", spec), `server "a" has not reported that it runs the release v2: in 1ns, its file status/a.json reports another boot, which should have loaded v1; see its own log`)
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for broken, tc := range map[string]struct {
		pinned string
		says   []string
	}{
		"install": {"v1", []string{`server "a" could not install the release v2 and has gone back to v1: a step failed`}},
		"health":  {"v2", []string{`server "a" has installed the release v2 but is not healthy: after 1ns`, "answered 503"}},
		"silent":  {"v2", []string{`server "a" has not reported that it runs the release v2: in 1ns`}},
	} {
		t.Run(broken, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "a")
			r.channel("v2", "v1")
			r.setBroken("v2", broken)
			spec := r.spec("v2")
			spec.Health.Timeout = time.Nanosecond
			wantError[*ReleaseError](t, r.deploy(t.Context(), "a", spec), tc.says...)
			r.wantPin("a", tc.pinned, false)

			// The next process tries again, and succeeds with the repaired release.
			r.Gates = &Gates{}
			r.setBroken("v2", "")
			r.must(r.deploy(t.Context(), "a", r.spec("v2")))
			r.wantPin("a", "v2", false)
		})
	}
}

// TestFirstReleaseFails checks a failure without a previous release.
func TestFirstReleaseFails(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.setBroken("v1", "install")
	r.must(r.Announce(t.Context(), "a", r.spec("v1")))
	r.boot("a")
	wantError[*ReleaseError](t, r.Converge(t.Context(), r.server("a"), r.spec("v1"), r.restarter("a")), "could not install the release v1 and has no earlier release")
	r.wantPin("a", "v1", false)
}

// TestRefusedRestart checks that a failed restart leaves the step open, because
// the grid's jobs show only later whether the restart happened.
func TestRefusedRestart(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.channel("v2", "v1")
	r.restartErr = errors.New("the grid is on fire")
	if err := r.deploy(t.Context(), "a", r.spec("v2")); err == nil || !strings.Contains(err.Error(), "on fire") {
		t.Errorf("got %v", err)
	}
	r.wantPin("a", "v2", true)
	r.Gates = &Gates{}
	r.must(r.deploy(t.Context(), "a", r.spec("v2")))
	r.wantRestarts("a")
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.channel("v2", "v1")
	r.setBroken("v2", "silent")
	ctx, cancel := context.WithCancel(t.Context())
	r.onRestart = func(string) { cancel() }
	err := r.deploy(ctx, "a", r.spec("v2"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	r.wantPin("a", "v2", true)
	if report, err := r.Report(t.Context(), "a"); err != nil || !report.UnderWay {
		t.Errorf("under way: %v, %v", report.UnderWay, err)
	}
	r.setBroken("v2", "")
	r.Gates = &Gates{}
	r.boot("a")
	r.must(r.deploy(t.Context(), "a", r.spec("v2")))
	r.wantRestarts("a")
}

// TestNoTimeLeft checks that the error for an exceeded deadline does not
// mention an interruption.
func TestNoTimeLeft(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.channel("v2", "v1")
	r.setBroken("v2", "silent")
	ctx, cancel := context.WithCancelCause(t.Context())
	reads := 0
	r.onRestart = func(string) {
		r.onRead = func(string) {
			if reads++; reads == 2 {
				cancel(context.DeadlineExceeded)
			}
		}
	}
	err := r.deploy(ctx, "a", r.spec("v2"))
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), `the time limit passed while waiting for server "a" to run the release v2`) {
		t.Errorf("got %v", err)
	}
	r.wantPin("a", "v2", true)
}

// TestPin checks that a pin decides which release the next boot loads.
func TestPin(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.channel("v2", "v1")
	r.must(r.Pin(t.Context(), r.server("a"), r.spec("v2"), false))
	r.wantPin("a", "v2", false)
	r.wantRestarts()
	if status := r.reported("a"); status.Release != "v1" {
		t.Errorf("the server runs %s", status.Release)
	}
	written := r.files[startup.ServerFile("a")]
	r.must(r.Pin(t.Context(), r.server("a"), r.spec("v2"), false))
	if r.files[startup.ServerFile("a")] != written {
		t.Error("an unchanged pin was written again")
	}
	r.must(r.Pin(t.Context(), r.server("a"), r.spec("v2"), true))
	if got := r.pin("a"); got.Address != "" {
		t.Errorf("the pin of a server that is off contains the address %s", got.Address)
	}
	r.must(r.Unpin(t.Context(), "a"))
	r.boot("a")
	if status := r.reported("a"); status.Release != "v2" {
		t.Errorf("without a pin the server runs %s, want v2", status.Release)
	}
	r.must(r.RemoveFiles(t.Context(), "a"))
	if len(r.files) != 1 {
		t.Errorf("files left: %v", r.files)
	}
}

// TestPinsAreReadByServers checks that servers can read a pin that also
// contains keys for the provider only.
func TestPinsAreReadByServers(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.channel("v2", "v1")
	r.openStep("")
	text := r.files[startup.ServerFile("a")]
	for _, line := range []string{`  "release": "v2",`, `  "group": "web",`, `  "turn": "restart",`, `  "turn_status": "boot 1"`, `  "previous_release": "v1",`} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("%s lacks the line %s", text, line)
		}
	}
	if got, err := startup.DecodePointer(text); err != nil || got.Release != "v2" {
		t.Errorf("servers read %+v, %v", got, err)
	}
	for _, damaged := range []string{"", "{", `{"release": "v2"}`, strings.Replace(text, `"turn": "restart"`, `"turn": 7`, 1)} {
		r.write(startup.ServerFile("a"), damaged)
		if got, err := r.readPin(t.Context(), "a"); err != nil || got != (pin{}) {
			t.Errorf("%q: got %+v, %v, want an empty pin", damaged, got, err)
		}
	}
}

func TestShareIsDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, "a")
	r.shareErr = errors.New("no route to host")
	for name, err := range map[string]error{
		"announce": r.Announce(t.Context(), "a", r.spec("v1")),
		"converge": r.Converge(t.Context(), r.server("a"), r.spec("v1"), r.restarter("a")),
		"enter":    r.deploy(t.Context(), "a", r.spec("v1")),
		"pin":      r.Pin(t.Context(), r.server("a"), r.spec("v1"), false),
		"forget":   r.RemoveFiles(t.Context(), "a"),
	} {
		if !errors.Is(err, r.shareErr) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := r.Reports(t.Context(), ""); !errors.Is(err, r.shareErr) {
		t.Errorf("reports: got %v", err)
	}
}
