// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
)

// watchedClock stands still and records the waits for it. Only Advance moves a
// grid with this clock. A test can wait until a guest sleeps before the test
// advances the clock.
type watchedClock struct {
	*clockwork.FakeClock

	mu      sync.Mutex
	waits   map[time.Duration]bool
	changed chan struct{}
}

// After records the wait.
func (c *watchedClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits[d] = true
	close(c.changed)
	c.changed = make(chan struct{})
	return c.FakeClock.After(d)
}

// await waits until a guest has begun to sleep for d.
func (c *watchedClock) await(t *testing.T, d time.Duration) {
	t.Helper()
	for {
		c.mu.Lock()
		found, changed := c.waits[d+time.Microsecond], c.changed
		c.mu.Unlock()
		if found {
			return
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatalf("no guest sleeps for %v", d)
		}
	}
}

// world is a rig whose servers boot. Its guests have their own SSH port, which the
// test reserves at another loopback address.
type world struct {
	*rig

	sleepers *watchedClock
	port     int
}

func newWorld(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	w := &world{
		sleepers: &watchedClock{waits: map[time.Duration]bool{}, changed: make(chan struct{})},
		port:     freePort(t),
	}
	w.rig = newRig(t, append([]func(*Options){func(o *Options) {
		w.sleepers.FakeClock, _ = o.Clock.(*clockwork.FakeClock)
		o.Clock, o.HandDriven, o.Admin = w.sleepers, false, true
		o.Guests = &GuestOptions{SSHPort: w.port, DiskLimit: 64 << 20}
	}}, change...)...)
	return w
}

// freePort reserves a free port until the test ends.
func freePort(t testing.TB) int {
	t.Helper()
	var config net.ListenConfig
	held, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() })
	return held.Addr().(*net.TCPAddr).Port
}

// pass advances the grid's clock, and waits until the guests have caught up.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.grid.Advance(d)
	w.awaitGuests()
}

func (w *world) awaitGuests() {
	w.t.Helper()
	if err := w.grid.AwaitGuests(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// machine is a server that has booted.
type machine struct{ id, ip, password string }

// boot adds a server and waits until it has booted.
func (w *world) boot(name string, n int, more ...string) machine {
	w.t.Helper()
	id := w.ready(name, n, more...)
	w.awaitGuests()
	return machine{id, publicIP(n), w.listedPassword(id)}
}

// bootOf is like boot, but with a given image.
func (w *world) bootOf(image, name string, n int) machine {
	w.t.Helper()
	w.ok("grid.server.add", "name="+name, "image="+image, "server.ram=1GB", "ip="+publicIP(n))
	w.pass(15 * time.Minute)
	id := number64(w.ok("grid.server.get", "name="+name).one()["id"])
	return machine{id, publicIP(n), w.listedPassword(id)}
}

// listedPassword returns the password of a server in the account's list.
func (w *world) listedPassword(id string) string {
	w.t.Helper()
	for _, entry := range w.ok("support.password.list").List {
		if server, is := entry["server"].(fields); is && number64(server["id"]) == id {
			return entry["password"].(string)
		}
	}
	w.t.Fatalf("the list has no password for server %s", id)
	return ""
}

// guest returns the grid's description of a server's guest.
func (w *world) guest(id string) guestos.GuestInfo {
	w.t.Helper()
	for _, g := range w.grid.Guests() {
		if fmt.Sprint(g.Server) == id {
			return g
		}
	}
	w.t.Fatalf("server %s has no guest", id)
	return guestos.GuestInfo{}
}

func (w *world) login(m machine) (*ssh.Client, error) { return dialGuest(m, w.port) }

func dialGuest(m machine, port int) (*ssh.Client, error) {
	return ssh.Dial("tcp", fmt.Sprintf("%s:%d", m.ip, port), &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.Password(m.password)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
}

// run runs a command that must succeed, and returns its output.
func (w *world) run(m machine, command string) string {
	w.t.Helper()
	return runIn(w.t, m, w.port, command)
}

func runIn(t testing.TB, m machine, port int, command string) string {
	t.Helper()
	client, err := dialGuest(m, port)
	if err != nil {
		t.Fatalf("log in to %s: %v", m.ip, err)
	}
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	text, err := session.CombinedOutput(command)
	if err != nil {
		t.Fatalf("%q: %v\n%s", command, err, text)
	}
	return string(text)
}

// silent fails the test unless a server refuses SSH connections.
func (w *world) silent(when string, m machine) {
	w.t.Helper()
	client, err := w.login(m)
	if err == nil {
		_ = client.Close()
	}
	if !isRefused(err) {
		w.t.Errorf("%s: logging in returned %v, want a refused connection", when, err)
	}
}

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// hostKey returns the fingerprint of a server's host key.
func (w *world) hostKey(m machine) (fingerprint string) {
	w.t.Helper()
	client, err := ssh.Dial("tcp", fmt.Sprintf("%s:%d", m.ip, w.port), &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.Password(m.password)},
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			fingerprint = ssh.FingerprintSHA256(key)
			return nil
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	_ = client.Close()
	return fingerprint
}

// hasDisk reports whether a server or an image has a disk folder.
func (w *world) hasDisk(kind, id string) bool {
	w.t.Helper()
	_, err := os.Stat(filepath.Join(w.guestDir(), kind+"-"+id))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	return err == nil
}

func (w *world) guestDir() string {
	return w.grid.folder
}

// start starts a command, and returns a channel that delivers its result.
func (w *world) start(m machine, command string) <-chan error {
	w.t.Helper()
	client, err := w.login(m)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = client.Close() })
	session, err := client.NewSession()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := session.Start(command); err != nil {
		w.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- session.Wait() }()
	return ended
}

// inTime returns a context that limits how long a failing test waits.
func inTime(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// folders returns the names of the folders of all disks and shares, separated by spaces.
func (w *world) folders() string {
	w.t.Helper()
	entries, err := os.ReadDir(w.guestDir())
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return strings.Join(names, " ")
}
