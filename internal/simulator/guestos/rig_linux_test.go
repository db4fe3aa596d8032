// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
)

const (
	password        = "pw8secret"
	storagePassword = "storage8"
	baseImage       = 12834
)

// clock is a grid's clock that advances only when a test advances it.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	wake chan struct{}
}

func newClock() *clock {
	return &clock{now: time.Date(2009, 10, 1, 12, 0, 0, 0, time.UTC), wake: make(chan struct{})}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	close(c.wake)
	c.wake = make(chan struct{})
}

func (c *clock) Until(ctx context.Context, until time.Time) error {
	for {
		c.mu.Lock()
		over, wake := !c.now.Before(until), c.wake
		c.mu.Unlock()
		if over {
			return ctx.Err()
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// rig is a host of guests with its own SSH port. To reserve the port, the rig
// keeps it open on a loopback address that no guest has.
type rig struct {
	*guestos.Host
	storage *guestos.CloudStorage
	t       testing.TB
	clock   *clock
	dir     string
	port    int
	halted  chan int64
	log     *bytes.Buffer
}

func newRig(t testing.TB) *rig {
	t.Helper()
	var config net.ListenConfig
	held, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = held.Close() })
	r := &rig{t: t, clock: newClock(), dir: t.TempDir(), port: held.Addr().(*net.TCPAddr).Port, halted: make(chan int64, 10), log: &bytes.Buffer{}}
	r.open()
	return r
}

func (r *rig) open() {
	r.t.Helper()
	ctx := context.WithoutCancel(r.t.Context())
	storage, err := guestos.OpenStorage(ctx, guestos.StorageOptions{
		Dir: r.dir, KeyDir: r.dir, Limit: 64 << 20,
		Password: func(account int64) (string, bool) { return storagePassword, account == 22290 || account == 7 },
	})
	must(r.t, err)
	storage.Serve()
	host, err := guestos.Open(ctx, guestos.Options{
		Dir: r.dir, SSHPort: r.port, Storage: storage, Clock: r.clock, DiskLimit: 64 << 20, Log: slog.New(slog.NewTextHandler(r.log, nil)),
		Halted: func(server int64) { r.halted <- server },
	})
	must(r.t, err)
	r.Host, r.storage = host, storage
	r.t.Cleanup(func() {
		_ = host.Close()
		_ = storage.Close()
	})
}

// server boots a server from a base image and waits until the server accepts
// connections.
func (r *rig) server(id int64, change ...func(*guestos.Server)) guestos.Server {
	r.t.Helper()
	s := guestos.Server{
		ID: id, Account: 22290, Name: fmt.Sprint("web", id), Image: baseImage, Base: true, OS: "CentOS 6.2 (64-bit)", Family: guestos.Linux,
		PublicIP: netip.AddrFrom4([4]byte{127, 30, byte(id >> 8), byte(id)}), Gateway: netip.MustParseAddr("127.30.0.1"),
		Password: password, StorageGateway: netip.MustParseAddr("10.110.0.1"), Up: true, Boots: 1, Reachable: r.clock.Now(),
	}
	for _, set := range change {
		set(&s)
	}
	r.follow(s)
	return s
}

// follow applies a change of a server and waits until the guest is ready.
func (r *rig) follow(s guestos.Server) {
	r.t.Helper()
	r.Follow(s)
	must(r.t, r.WaitReady(r.t.Context()))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) dial(s guestos.Server, user, with string) (*ssh.Client, error) {
	return ssh.Dial("tcp", fmt.Sprintf("%s:%d", s.PublicIP, r.port), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.Password(with)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: time.Minute,
	})
}

// run runs a command and returns its output and exit code.
func (r *rig) run(s guestos.Server, command string) (string, int) {
	r.t.Helper()
	client, err := r.dial(s, "root", password)
	must(r.t, err)
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	must(r.t, err)
	text, err := session.CombinedOutput(command)
	var exit *ssh.ExitError
	if errors.As(err, &exit) {
		return string(text), exit.ExitStatus()
	}
	must(r.t, err)
	return string(text), 0
}

func (r *rig) ok(s guestos.Server, command string) string {
	r.t.Helper()
	text, code := r.run(s, command)
	if code != 0 {
		r.t.Errorf("%q ended with code %d: %s", command, code, text)
	}
	return text
}

// power runs a command that stops the machine. The connection may end before
// the exit code arrives.
func (r *rig) power(s guestos.Server, command string) {
	r.t.Helper()
	client, err := r.dial(s, "root", password)
	must(r.t, err)
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	must(r.t, err)
	var exit *ssh.ExitError
	if err := session.Run(command); errors.As(err, &exit) {
		r.t.Errorf("%s: %v", command, err)
	}
}
