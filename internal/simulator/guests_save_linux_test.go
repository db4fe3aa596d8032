// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package simulator

import (
	"strings"
	"testing"
	"time"
)

// save saves a server as an image and returns the image's id. The job has not begun.
func (w *world) save(m machine, name string) string {
	w.t.Helper()
	return number64(w.ok("grid.image.save", "server="+m.id, "friendlyName="+name).one()["id"])
}

func (w *world) imageState(id string) any {
	w.t.Helper()
	return at(w.ok("grid.image.get", "id="+id).one(), "state", "name")
}

// prepared returns a sandbox with files, keys, a certificate and a configured adapter, ready to be saved.
func (w *world) prepared(n int) machine {
	w.t.Helper()
	box := w.boot("box", n, "isSandbox=true")
	w.run(box, `set -e
mkdir -p /srv/app; echo content > /srv/app/file
useradd deploy; echo stays8 | passwd --stdin deploy
echo KEY > /etc/pki/tls/private/site.key; echo CERT > /etc/pki/tls/site.crt
ip addr add 10.110.0.9/24 dev eth1; ip link set eth1 up
gogrid-prep`)
	return box
}

func TestServersOfASavedSandbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	box := w.prepared(0)
	image := w.save(box, "web 1")
	want(t, "state of the image", w.imageState(image), "Saving")
	w.pass(time.Hour)
	want(t, "state of the image", w.imageState(image), "Available")
	want(t, "disk of the image", w.hasDisk("image", image), true)

	one, two := w.bootOf(image, "one", 1), w.bootOf(image, "two", 2)
	for name, m := range map[string]machine{"one": one, "two": two} {
		want(t, "file", w.run(m, "cat /srv/app/file"), "content\n")
		want(t, "host name", w.run(m, "hostname"), name+"\n")
		want(t, "private keys", w.run(m, "ls /etc/pki/tls/private"), "")
		want(t, "certificate", w.run(m, "cat /etc/pki/tls/site.crt"), "CERT\n")
		adapter := w.guest(m.id).Private
		want(t, "private adapter enabled", adapter.Enabled, false)
		want(t, "mode of the private adapter", adapter.Mode, "static")
		if _, err := w.login(machine{ip: m.ip, password: box.password}); err == nil {
			t.Errorf("%s still has the sandbox's password", name)
		}
	}
	if one.password == two.password || one.password == box.password {
		t.Error("the root passwords of the sandbox and its servers are not all different")
	}
	keys := map[string]bool{w.hostKey(one): true, w.hostKey(two): true}
	want(t, "host keys", len(keys), 2)

	w.run(one, "echo changed > /srv/app/file")
	want(t, "file of the other server after a change of the first", w.run(two, "cat /srv/app/file"), "content\n")
	want(t, "file of a later server", w.run(w.bootOf(image, "three", 3), "cat /srv/app/file"), "content\n")
}

// Without the prep step, a server of the image boots with the identity of the
// sandbox, as users of the real service reported.
func TestServerOfASandboxThatWasNotPrepared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	box := w.boot("box", 0, "isSandbox=true")
	image := w.save(box, "raw")
	w.pass(time.Hour)
	m := w.bootOf(image, "web", 1)
	if _, err := w.login(m); err == nil {
		t.Error("the listed password logs in")
	}
	m.password = box.password
	want(t, "host name", w.run(m, "hostname"), "box\n")
	if text := strings.Join(w.guest(m.id).BootLog, "\n"); !strings.Contains(text, "was not prepared") {
		t.Errorf("the boot log does not say that the sandbox was not prepared:\n%s", text)
	}
}

func TestSandboxWhileAndAfterItIsSaved(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Options)
		state  string
		up     bool
	}{
		"sandbox era":          {func(*Options) {}, "Off", false},
		"sandbox that runs on": {func(o *Options) { o.SandboxStaysOn = true }, "On", true},
		"direct era":           {func(o *Options) { o.Era = EraDirect }, "On", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.change)
			m := w.boot("box", 0, "isSandbox=true")
			w.run(m, "echo saved > /root/file")
			image := w.save(m, "one")
			w.pass(2 * time.Second)
			want(t, "up while it is saved", w.guest(m.id).Up, test.up)
			want(t, "state while it is saved", w.state(m.id), "On/Saving")
			if test.up {
				w.run(m, "echo later > /root/file")
			}
			w.pass(time.Hour)
			want(t, "state after", w.state(m.id), test.state)
			want(t, "up after", w.guest(m.id).Up, test.up)
			if !test.up {
				w.silent("after its save", m)
				w.ok("grid.server.power", "id="+m.id, "power=start")
				w.pass(time.Hour)
			}
			w.run(m, "true") // the server accepts commands again
			if test.up {
				want(t, "boots", w.guest(m.id).Boots, 1)
			}
			again := w.bootOf(image, "web", 1)
			again.password = m.password // without the prep step, the server keeps the password of the saved server
			if test.change != nil {
				w.ok("grid.server.power", "id="+m.id, "power=stop")
			}
			want(t, "file in the image", w.run(again, "cat /root/file"), "saved\n")
		})
	}
}

// The grid saves the disk when the job begins, not when it accepts the call.
func TestSaveTakesTheDiskWhenItsJobBegins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Timings.Queue = 5 * time.Minute })
	w.add("box", 0, "isSandbox=true")
	w.pass(time.Hour)
	id := number64(w.ok("grid.server.get", "name=box").one()["id"])
	m := machine{id, publicIP(0), w.listedPassword(id)}
	image := w.save(m, "one")
	w.pass(time.Minute)
	want(t, "disk of the image before the job", w.hasDisk("image", image), false)
	w.run(m, "echo late > /root/file")
	w.pass(5 * time.Minute)
	want(t, "disk of the image", w.hasDisk("image", image), true)
	w.pass(time.Hour)
	again := w.bootOf(image, "web", 1)
	again.password = m.password
	want(t, "file in the image", w.run(again, "cat /root/file"), "late\n")
}

func TestSaveOverTheLimitFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Guests.SaveLimit = 1 << 20 })
	small, large := w.boot("small", 0, "isSandbox=true"), w.boot("large", 1, "isSandbox=true")
	w.run(large, "seq 200000 > /root/large") // 1.3 MB
	kept, failed := w.save(small, "small"), w.save(large, "large")
	w.pass(time.Hour)
	want(t, "state of the image within the limit", w.imageState(kept), "Available")
	job := w.lastJob("large")
	want(t, "end of the job", at(job, "currentstate", "name"), "Fatal")
	want(t, "note", job["history"].([]any)[3].(fields)["note"], noteFault)
	want(t, "disk of the image", w.hasDisk("image", failed), false)
	want(t, "state of the sandbox", w.state(large.id), "On")
	w.run(large, "rm /root/large")
	image := w.save(large, "smaller")
	w.pass(time.Hour)
	want(t, "state after making room", w.imageState(image), "Available")
}

func TestFailedSaveLeavesNoDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.boot("box", 0, "isSandbox=true")
	if err := w.grid.AddFaults(Fault{Method: "grid.image.save", Kind: FaultJob}); err != nil {
		t.Fatal(err)
	}
	failed := w.save(m, "fails")
	w.pass(2 * time.Second)
	w.run(m, "true") // the server still runs
	w.ok("grid.server.edit", "id="+m.id, "description=busy")
	refused := w.save(m, "refused")
	w.pass(time.Hour)
	for _, image := range []string{failed, refused} {
		want(t, "disk of the image", w.hasDisk("image", image), false)
	}
	want(t, "state of the sandbox", w.state(m.id), "On")
	want(t, "boots", w.guest(m.id).Boots, 1)
}

// An image in the trash can be restored, and servers then boot from it again.
func TestImageKeepsItsDiskInTheTrash(t *testing.T) {
	t.Parallel()
	state := stateOf(t)
	w := newWorld(t, state)
	box := w.prepared(0)
	image := w.save(box, "web")
	w.pass(time.Hour)
	w.ok("grid.image.delete", "id="+image)
	w.pass(time.Minute)
	want(t, "state of the image", w.imageState(image), "Trash")
	w = w.again(state)
	w.ok("grid.image.restore", "id="+image)
	w.pass(time.Minute)
	want(t, "file", w.run(w.bootOf(image, "web", 1), "cat /srv/app/file"), "content\n")
}

// An image keeps its disk after its sandbox is deleted, and a server keeps its
// disk after its image is deleted.
func TestDisksOutliveWhatTheyWereCopiedFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	box := w.prepared(0)
	image := w.save(box, "web")
	w.pass(time.Hour)
	w.ok("grid.server.delete", "id="+box.id)
	w.pass(time.Minute)
	one := w.bootOf(image, "one", 1)
	w.ok("grid.image.delete", "id="+image)
	w.pass(time.Minute)
	w.ok("grid.server.power", "id="+one.id, "power=restart")
	w.pass(time.Hour)
	want(t, "file", w.run(one, "cat /srv/app/file"), "content\n")
}

// If a sandbox is deleted immediately after its save has begun, the image still
// has the complete disk.
func TestSandboxDeletedRightAfterItsSave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	box := w.prepared(0)
	image := w.save(box, "web")
	w.grid.Advance(time.Hour)
	w.ok("grid.server.delete", "id="+box.id)
	w.grid.Advance(time.Hour)
	want(t, "file", w.run(w.bootOf(image, "web", 0), "cat /srv/app/file"), "content\n")
}
