// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package simulator

import (
	"testing"
	"time"
)

func TestHandDrivenClockBootsServers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.HandDriven = true })
	m := w.boot("web", 0) // the clock jumps from the creation to the end of the boot
	want(t, "host name", w.run(m, "hostname"), "web\n")
	w.ok("grid.server.power", "id="+m.id, "power=restart")
	w.pass(time.Hour)
	want(t, "boots", w.guest(m.id).Boots, 2)
	w.run(m, "true")
	want(t, "date of a guest", w.run(m, "date +%s"), w.run(m, "date +%s"))
}

// If the clock runs by itself, servers boot without any call.
func TestServersBootByThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Speed = 60 })
	m := machine{ip: w.add("web", 0)}
	ctx := inTime(t)
	for range 11 { // in steps of one grid minute, because driveGuests waits only for the next event
		if err := w.clock.BlockUntilContext(ctx, 1); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Second + time.Millisecond)
	}
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		if client, err := w.login(m); err == nil || !isRefused(err) {
			if err == nil {
				_ = client.Close()
			}
			return // the guest answers, and the test has made no call
		}
		w.clock.Advance(10 * time.Millisecond)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatal("the server did not boot")
		}
	}
}

func TestSleepInAGuestFollowsTheGridsClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.boot("web", 0)
	ended := w.start(m, "sleep 600")
	w.sleepers.await(t, 10*time.Minute)
	w.pass(10*time.Minute - time.Millisecond)
	w.run(m, "true")
	select {
	case err := <-ended:
		t.Fatalf("the command ended too early: %v", err)
	default:
	}
	w.sleepers.await(t, time.Millisecond)
	w.pass(time.Millisecond)
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the command ended with %v", err)
		}
	case <-inTime(t).Done():
		t.Fatal("the command still runs after ten minutes")
	}
}

func TestPoweroffFromWithinSwitchesTheServerOff(t *testing.T) {
	t.Parallel()
	state := stateOf(t)
	w := newWorld(t, state)
	m := w.boot("web", 0)
	w.run(m, "echo kept > /root/file")
	_ = w.start(m, "poweroff")
	w.awaitState(m, "Off")
	w.silent("after poweroff", m)

	w = w.again(state)
	want(t, "state after a restart of the grid", w.state(m.id), "Off")
	w.silent("after a restart of the grid", m)
	w.ok("grid.server.power", "id="+m.id, "power=start")
	w.pass(time.Hour)
	want(t, "file", w.run(m, "cat /root/file"), "kept\n")
}

func TestRebootFromWithinKeepsTheServerOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.boot("web", 0)
	_ = w.start(m, "reboot")
	w.sleepers.await(t, 20*time.Second)
	want(t, "state meanwhile", w.state(m.id), "On")
	w.silent("while it reboots", m)
	w.pass(20 * time.Second)
	w.run(m, "true")
	want(t, "state", w.state(m.id), "On")
}

// awaitState waits until a server is in a state, without moving the clock.
func (w *world) awaitState(m machine, state string) {
	w.t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for ctx := inTime(w.t); w.state(m.id) != state; {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			w.t.Fatalf("the server is %v, want %s", w.state(m.id), state)
		}
	}
}

// A stepped clock reaches the end of a boot and of a sleep even if no client
// makes a call.
func TestSteppedClockBootsServersAndEndsSleeps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Stepped, o.Speed = true, 600 })
	w.add("web", 0)
	w.await("On")
	up := w.grid.Now()
	m := machine{id: number64(w.ok("grid.server.get", "name=web").one()["id"]), ip: publicIP(0)}
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	pass := func(until func() bool) {
		t.Helper()
		for !until() {
			w.clock.Advance(20 * time.Millisecond)
			select {
			case <-ticker.C:
			case <-t.Context().Done():
				t.Fatal("the clock did not reach the expected time")
			}
		}
	}
	pass(func() bool { return w.grid.Now().After(up) })
	want(t, "time of a boot", w.grid.Now().Sub(up), 3*time.Minute)
	w.awaitGuests()
	m.password = w.listedPassword(m.id)
	ended := w.start(m, "sleep 600")
	pass(func() bool {
		select {
		case err := <-ended:
			want(t, "end of the sleep", err, nil)
			return true
		default:
			return false
		}
	})
	want(t, "time of a sleep", w.grid.Now().Sub(up), 13*time.Minute)
}
