// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guests

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guests/disk"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guests/shell"
)

// guest is what runs on one server.
type guest struct {
	host *Host
	*tree

	mu      sync.Mutex // guards all below
	wanted  Server
	life    *life // nil while it is down
	problem string
	mounts  map[string]disk.FS
}

// life is one boot, from switching on to switching off.
type life struct {
	ctx      context.Context
	end      context.CancelFunc
	boots    int
	due      time.Time     // when the network answers, on the grid's clock
	open     chan struct{} // closed when the network answers, or never will
	running  sync.WaitGroup
	mu       sync.Mutex
	answers  bool
	services map[string]net.Listener // by address
}

func openGuest(h *Host, s Server, dir string) (*guest, error) {
	t, err := openTree(dir, h.options.DiskLimit)
	if err != nil {
		return nil, fmt.Errorf("opening the disk of server %d: %w", s.ID, err)
	}
	return &guest{host: h, tree: t, wanted: s, mounts: map[string]disk.FS{}}, nil
}

func (g *guest) server() Server {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.wanted
}

// current is the present boot; nil while the guest is down.
func (g *guest) current() *life {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.life
}

// follow boots, reboots or shuts down as the server says.
func (g *guest) follow(s Server) error {
	g.mu.Lock()
	g.wanted = s
	now := g.life
	g.mu.Unlock()
	switch {
	case !s.Up:
		g.down()
	case now == nil || now.boots != s.Boots:
		g.down()
		g.boot(s.Boots, s.Reachable.Sub(g.host.options.Clock.Now()))
	}
	return nil
}

// boot begins a boot; the network answers when wait has passed on the grid.
func (g *guest) boot(boots int, wait time.Duration) {
	l := &life{boots: boots, due: g.host.options.Clock.Now().Add(wait), open: make(chan struct{}), services: map[string]net.Listener{}}
	l.ctx, l.end = context.WithCancel(g.host.ctx)
	g.mu.Lock()
	g.life, g.problem = l, ""
	g.mu.Unlock()
	l.running.Go(func() {
		defer close(l.open)
		if wait > 0 && g.host.options.Clock.Sleep(l.ctx, wait) != nil {
			return
		}
		g.start(l)
	})
}

// down ends everything that runs.
func (g *guest) down() {
	g.mu.Lock()
	l := g.life
	g.life = nil
	g.mounts = map[string]disk.FS{}
	g.mu.Unlock()
	if l == nil {
		return
	}
	l.end()
	l.mu.Lock()
	for _, listener := range l.services {
		_ = listener.Close() // which ends who accepts there
	}
	l.mu.Unlock()
	l.running.Wait()
}

func (g *guest) close() error {
	g.down()
	return g.disk.Close()
}

// settle waits for a boot whose time has come.
func (g *guest) settle(ctx context.Context) error {
	l := g.current()
	if l == nil || l.due.After(g.host.options.Clock.Now()) {
		return nil
	}
	select {
	case <-l.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// listen opens a port on the public address for as long as the boot lasts.
func (g *guest) listen(l *life, port int) (net.Listener, error) {
	address := net.JoinHostPort(g.server().PublicIP.String(), strconv.Itoa(port))
	var config net.ListenConfig
	listener, err := config.Listen(l.ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		return nil, errors.Join(l.ctx.Err(), listener.Close())
	}
	l.services[address] = listener
	return listener, nil
}

func (l *life) served() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for address := range l.services {
		all = append(all, address)
	}
	slices.Sort(all)
	return all
}

func (l *life) isOpen() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers
}

// files is the guest's tree with what is mounted in it.
func (g *guest) files() disk.FS { return mounted{g} }

// shell is a shell for an account.
func (g *guest) shell(user string) *shell.Shell {
	home := "/"
	if a, ok := g.device.read().Accounts[user]; ok && a.Home != "" {
		home = a.Home
	}
	return &shell.Shell{Files: g.files(), Host: g, User: user, Home: home, Programs: g.programs()}
}

// Hostname is the name that the machine gives itself.
func (g *guest) Hostname() string { return g.device.read().Hostname }

// SetHostname changes it.
func (g *guest) SetHostname(name string) {
	g.warn("store the host name", g.device.change(func(r *deviceRecord) { r.Hostname = name }))
}

// Now is the grid's time.
func (g *guest) Now() time.Time { return g.host.options.Clock.Now() }

// Sleep waits on the grid's clock.
func (g *guest) Sleep(ctx context.Context, d time.Duration) error {
	return g.host.options.Clock.Sleep(ctx, d)
}

// warn logs what nobody waits for.
func (g *guest) warn(what string, err error) {
	if err != nil {
		g.host.log.Error("guest: could not "+what, "server", g.server().Name, "error", err)
	}
}

func (g *guest) info() GuestInfo {
	s, record, l := g.server(), g.device.read(), g.current()
	info := GuestInfo{
		Server: s.ID, Name: s.Name, Hostname: record.Hostname, Prepared: record.Prepared, Private: record.Private, Boots: s.Boots,
		SSH:       netip.AddrPortFrom(s.PublicIP, uint16(g.host.options.SSHPort)).String(), //nolint:gosec // a port
		DiskBytes: g.disk.Used(), Routes: []string{}, Services: []string{},
	}
	for _, r := range record.Routes {
		info.Routes = append(info.Routes, r.String())
	}
	if text, err := readFile(g.disk, bootLog, maxBootLog); err == nil {
		info.BootLog = tailOf(text, 20)
	}
	g.mu.Lock()
	info.Problem = g.problem
	g.mu.Unlock()
	if l != nil {
		info.Up, info.Reachable, info.Services = true, l.isOpen(), l.served()
	}
	return info
}
