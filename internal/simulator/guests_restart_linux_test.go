// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package simulator

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// stateOf returns an option that keeps a grid in a state file in the test's
// directory.
func stateOf(t *testing.T) func(*Options) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "grid.db")
	return func(o *Options) { o.State = path }
}

// again closes the grid, and opens the next grid with the same files and port.
func (w *world) again(change ...func(*Options)) *world {
	w.t.Helper()
	if err := w.grid.Close(); err != nil {
		w.t.Fatal(err)
	}
	port := w.port
	next := newWorld(w.t, append(change, func(o *Options) { o.Guests.SSHPort = port })...)
	next.port = port
	next.awaitGuests()
	return next
}

func TestGuestsAreTheSameAfterARestart(t *testing.T) {
	t.Parallel()
	state := stateOf(t)
	w := newWorld(t, state)
	m, off := w.boot("web", 0), w.boot("off", 1)
	w.run(m, "echo kept > /root/file; useradd deploy; systemctl enable httpd")
	key := w.hostKey(m)
	w.ok("grid.server.power", "id="+off.id, "power=stop")
	w.pass(time.Minute)

	w = w.again(state)
	want(t, "host key", w.hostKey(m), key)
	want(t, "contents of the disk", w.run(m, "cat /root/file; id -u deploy"), "kept\n1000\n")
	want(t, "boots", w.guest(m.id).Boots, 1)
	w.silent("a server that was switched off", off)
	w.ok("grid.server.power", "id="+off.id, "power=start")
	w.pass(time.Hour)
	w.run(off, "true")
}

func TestBootGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	state := stateOf(t)
	w := newWorld(t, state)
	m := machine{ip: w.add("web", 0)}
	w.pass(8*time.Minute + time.Second)
	m.id = number64(w.ok("grid.server.get", "name=web").one()["id"])

	w = w.again(state)
	w.silent("two minutes before its boot ends", m)
	w.sleepers.await(t, 2*time.Minute)
	w.pass(2 * time.Minute)
	m.password = w.listedPassword(m.id)
	want(t, "host name", w.run(m, "hostname"), "web\n")
}

// If the creation of a server ends while no grid runs, the server boots when
// the next grid opens.
func TestServerIsCreatedWhileTheGridIsClosed(t *testing.T) {
	t.Parallel()
	state := stateOf(t)
	w := newWorld(t, state)
	m := machine{ip: w.add("web", 0)}
	w = w.again(state, func(o *Options) { o.Clock.(*watchedClock).Advance(time.Hour) })
	m.id = number64(w.ok("grid.server.get", "name=web").one()["id"])
	m.password = w.listedPassword(m.id)
	want(t, "host name", w.run(m, "hostname"), "web\n")
}

func TestSaveIsMadeGoodAfterARestart(t *testing.T) {
	t.Parallel()
	state := stateOf(t)
	w := newWorld(t, state)
	box := w.prepared(0)
	image := w.save(box, "web")
	w.pass(2 * time.Second)
	want(t, "state of the image", w.imageState(image), "Saving")
	// Create the files that a grid leaves behind if it is killed before or during
	// the copy.
	dir := w.guestDir()
	if err := w.grid.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "image-"+image), filepath.Join(dir, "image-"+image+".partial")); err != nil {
		t.Fatal(err)
	}
	w = w.again(state)
	want(t, "disk of the image", w.hasDisk("image", image), true)
	want(t, "half a disk", w.hasDisk("image", image+".partial"), false)
	w.pass(time.Hour)
	want(t, "file", w.run(w.bootOf(image, "web", 1), "cat /srv/app/file"), "content\n")
}

// A grid deletes disks that belong to no record, but no other files.
func TestRestartDeletesDisksThatNobodyHas(t *testing.T) {
	t.Parallel()
	state := stateOf(t)
	w := newWorld(t, state)
	m := w.boot("web", 0)
	for _, name := range []string{"server-1", "image-1", "storage-1"} {
		if err := os.Mkdir(filepath.Join(w.guestDir(), name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	w = w.again(state)
	want(t, "folders", w.folders(), "image-12834 server-"+m.id+" storage-1")
	w.run(m, "true")
}

// Servers of a grid without guests get guests when the grid is opened with guests.
func TestGuestsCanComeLater(t *testing.T) {
	t.Parallel()
	state := stateOf(t)
	plain := newRig(t, state)
	id := plain.ready("web", 0)
	want(t, "guests", len(plain.grid.Guests()), 0)
	if err := plain.grid.Close(); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, state)
	w.awaitGuests()
	m := machine{id, publicIP(0), w.listedPassword(id)}
	want(t, "host name", w.run(m, "hostname"), "web\n")
}

// If a grid was killed before it copied a disk, the next grid copies the disk.
// The next grid does this even if the server has been deleted, because the
// first grid had accepted both calls.
func TestSaveIsMadeGoodThoughItsServerIsGone(t *testing.T) {
	t.Parallel()
	state := stateOf(t)
	w := newWorld(t, state)
	box := w.prepared(0)
	image := w.save(box, "web")
	w.pass(time.Hour)
	w.ok("grid.server.delete", "id="+box.id)
	w.pass(time.Hour)
	dir := w.guestDir()
	if err := w.grid.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "image-"+image), filepath.Join(dir, "server-"+box.id)); err != nil {
		t.Fatal(err)
	}
	w = w.again(state)
	want(t, "disk of the image", w.hasDisk("image", image), true)
	want(t, "disk of the server", w.hasDisk("server", box.id), false)
	want(t, "file", w.run(w.bootOf(image, "web", 1), "cat /srv/app/file"), "content\n")
}
