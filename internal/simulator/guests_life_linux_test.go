// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package simulator

import (
	"testing"
	"time"
)

func TestServerIsOnBeforeItAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := machine{ip: w.add("web", 0)}
	want(t, "guests of a server that is being created", len(w.grid.Guests()), 0)
	w.pass(7*time.Minute + time.Second)
	m.id = number64(w.ok("grid.server.get", "name=web").one()["id"])
	want(t, "state", w.state(m.id), "On")
	w.silent("right after it is On", m)
	w.sleepers.await(t, 3*time.Minute)
	w.pass(3*time.Minute - time.Millisecond)
	w.silent("a millisecond before its boot ends", m)
	want(t, "reachable before", w.guest(m.id).Reachable, false)
	m.password = w.listedPassword(m.id)
	w.pass(time.Millisecond)
	want(t, "output", w.run(m, "hostname"), "web\n")
	want(t, "reachable after", w.guest(m.id).Reachable, true)
}

func TestGuestBootTakesTheTimeThatIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Timings.GuestBoot = -1 })
	m := machine{ip: w.add("web", 0)}
	w.pass(7*time.Minute + time.Second)
	m.id = number64(w.ok("grid.server.get", "name=web").one()["id"])
	want(t, "reachable at once", w.guest(m.id).Reachable, true)
}

func TestGuestFollowsThePowerOfItsServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.boot("web", 0)
	w.run(m, "echo kept > /root/file")
	key := w.hostKey(m)
	for i, step := range []struct {
		power, during string
		up            bool
	}{{"stop", "Stopping", false}, {"start", "Starting", true}, {"restart", "Restarting", true}} {
		w.ok("grid.server.power", "id="+m.id, "power="+step.power)
		w.pass(2 * time.Second)
		want(t, "state", w.state(m.id), step.during)
		w.silent(step.during, m)
		w.pass(10 * time.Minute)
		want(t, "up after "+step.power, w.guest(m.id).Up, step.up)
		if !step.up {
			w.silent("when it is off", m)
			continue
		}
		want(t, "boots", w.guest(m.id).Boots, 1+i)
		want(t, "file after "+step.power, w.run(m, "cat /root/file"), "kept\n")
		want(t, "host key after "+step.power, w.hostKey(m), key)
	}
}

func TestStoppingEndsWhatRunsInAGuest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.boot("web", 0)
	ended := w.start(m, "sleep 86400")
	w.sleepers.await(t, 24*time.Hour)
	w.ok("grid.server.power", "id="+m.id, "power=stop")
	w.pass(2 * time.Second)
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the command succeeded although its server was switched off")
		}
	case <-inTime(t).Done():
		t.Fatal("the command still runs although its server is off")
	}
}

// A power command whose job fails never affects the guest.
func TestFailedJobLeavesTheGuestAlone(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(w *world, m machine){
		"stop":    func(w *world, m machine) { w.ok("grid.server.power", "id="+m.id, "power=stop") },
		"restart": func(w *world, m machine) { w.ok("grid.server.power", "id="+m.id, "power=restart") },
		"delete":  func(w *world, m machine) { w.ok("grid.server.delete", "id="+m.id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			m := w.boot("web", 0)
			if err := w.grid.AddFaults(Fault{Method: "*", Kind: FaultJob}); err != nil {
				t.Fatal(err)
			}
			begin(w, m)
			for range 3 {
				w.run(m, "true")
				w.pass(2 * time.Second)
			}
			w.pass(time.Hour)
			want(t, "state", w.state(m.id), "On")
			want(t, "boots", w.guest(m.id).Boots, 1)
			w.run(m, "true")
		})
	}
}

func TestDeletedServerTakesItsDiskAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m, other := w.boot("web", 0), w.boot("other", 1)
	want(t, "disk", w.hasDisk("server", m.id), true)
	w.ok("grid.server.delete", "id="+m.id)
	w.pass(2 * time.Second)
	w.run(m, "true") // the server still shows On
	w.pass(3 * time.Second)
	want(t, "state while it is deleted", w.state(m.id), "Off")
	w.silent("while it is deleted", m)
	w.pass(time.Minute)
	w.silent("after its deletion", m)
	want(t, "disk after", w.hasDisk("server", m.id), false)
	want(t, "guests left", len(w.grid.Guests()), 1)
	w.run(other, "true")

	again := w.boot("again", 0) // at the address of the deleted server
	want(t, "host name", w.run(again, "hostname"), "again\n")
}

func TestServerThatCannotBeCreatedHasNoDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.grid.AddFaults(Fault{Method: "grid.server.add", Kind: FaultJob}); err != nil {
		t.Fatal(err)
	}
	m := machine{ip: w.add("web", 0)}
	for range 4 {
		w.pass(5 * time.Minute)
		w.silent("though it was never created", m)
	}
	want(t, "guests", len(w.grid.Guests()), 0)
	want(t, "folders", w.folders(), "")
}
