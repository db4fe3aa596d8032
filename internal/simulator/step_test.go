// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// created is the duration of a server's creation without jitter: the wait in the
// queue and the work.
const created = 7*time.Minute + time.Second

func stepped(o *Options) { o.HandDriven, o.Stepped, o.Admin, o.Speed = false, true, true, 600 }

// await polls until every server is in the given state, and advances the host's
// clock after each poll.
func (r *rig) await(state string) {
	r.t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for {
		all := true
		for _, server := range r.ok("grid.server.list").List {
			all = all && at(server, "state", "name") == state
		}
		if all {
			return
		}
		r.clock.Advance(20 * time.Millisecond)
		select {
		case <-ticker.C:
		case <-r.t.Context().Done():
			r.t.Fatalf("no server is %s", state)
		}
	}
}

func TestSteppedClockTakesWhatTheWorkTakes(t *testing.T) {
	t.Parallel()
	r := newRig(t, stepped)
	begun := r.grid.Now()
	r.clock.Advance(time.Hour) // there is no event
	want(t, "time before the first job", r.grid.Now(), begun)
	r.add("web-1", 0)
	r.clock.Advance(stepPause / 2) // a slow client
	r.ok("grid.image.list")
	r.clock.Advance(stepPause / 2)
	r.add("web-2", 1)
	r.await("On")
	want(t, "time of two creations", r.grid.Now().Sub(begun), created)
	r.clock.Advance(time.Hour)
	want(t, "time after them", r.grid.Now().Sub(begun), created)
	if usd := r.grid.Inspect().Bills[0].USD; usd != 0.04 { // 2 GB for 421 s
		t.Errorf("the bill is %v", usd)
	}
}

// The clock also steps to events that change no object: a new state of a failing job,
// and the moment when a password is listed.
func TestSteppedClockGetsToWhatOnlyShows(t *testing.T) {
	t.Parallel()
	r := newRig(t, stepped)
	r.add("web", 0)
	r.await("On")
	id := number64(r.ok("grid.server.get", "name=web").one()["id"])
	r.ok("grid.server.power", "id="+id, "power=start") // the server is on, so the job fails
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	failed, listed := false, false
	for !failed || !listed {
		all := states(r.lastJob("web"))
		failed = all[len(all)-1] == "Fatal"
		listed = len(r.ok("support.password.list").List) == 2
		r.clock.Advance(20 * time.Millisecond)
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatalf("job failed: %t, password listed: %t", failed, listed)
		}
	}
}

func TestSteppedClockOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	state := func(path string) func(*Options) { return func(o *Options) { o.State = path } }(filepath.Join(t.TempDir(), "grid.db"))
	r := newRig(t, stepped, state)
	r.add("web", 0)
	r.await("On")
	before := r.grid.Now()
	if err := r.grid.Close(); err != nil {
		t.Fatal(err)
	}
	clock := r.clock
	clock.Advance(time.Hour)
	r = newRig(t, stepped, state, func(o *Options) { o.Clock = clock })
	want(t, "time after a restart", r.grid.Now(), before)
}

func TestSteppedClockIsSwitchedByTheAdmin(t *testing.T) {
	t.Parallel()
	r := newRig(t, stepped)
	order := func(body string) string {
		return r.send(adminRequest("POST", "clock", body)).body
	}
	begun := r.grid.Now()
	if got := order(`{"stepped":false}`); !strings.Contains(got, `"stepped":false`) {
		t.Errorf("switched off: %s", got)
	}
	r.clock.Advance(time.Second)
	want(t, "time with stepping off", r.grid.Now().Sub(begun), 10*time.Minute)
	if got := order(`{"stepped":true}`); !strings.Contains(got, `"stepped":true`) {
		t.Errorf("switched on: %s", got)
	}
	r.clock.Advance(time.Second)
	want(t, "time with stepping on", r.grid.Now().Sub(begun), 10*time.Minute)
	r.add("web", 0)
	r.await("On")
	want(t, "time of a creation", r.grid.Now().Sub(begun), 10*time.Minute+created)

	if _, err := New(Options{HandDriven: true, Stepped: true}); err == nil || !strings.Contains(err.Error(), "cannot be stepped") {
		t.Errorf("by hand and stepped: %v", err)
	}
}

// After each new call, the clock stands still for another pause. The pause is
// longer if the gaps between new calls are long.
func TestSteppedClockWaitsForBusyClients(t *testing.T) {
	t.Parallel()
	r := newRig(t, stepped)
	begun := r.grid.Now()
	r.add("web-1", 0)
	pass := func(d time.Duration) (stepped time.Duration) {
		t.Helper()
		for range stepRepeats + 1 {
			r.ok("grid.server.list")
		}
		r.clock.Advance(d)
		r.grid.tryStep() // does nothing if the clock has already stepped
		return r.grid.Now().Sub(begun)
	}
	const gap = stepPause - time.Millisecond
	want(t, "step before the pause is over", pass(gap), time.Duration(0))
	r.ok("grid.image.list")
	want(t, "step a pause after a new call", pass(stepPause), time.Duration(0))
	want(t, "step after a longer pause", pass(stepGaps*gap-stepPause), time.Second)
	r.clock.Advance(time.Hour)
	r.grid.tryStep()
	want(t, "step without a waiting client", r.grid.Now().Sub(begun), time.Second)
}
