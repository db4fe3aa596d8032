// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// guest is the simulated operating system of one server.
type guest struct {
	host *Host
	*tree

	accountsMu sync.Mutex // held while accounts change
	packagesMu sync.Mutex // held while packages are installed or removed

	mu      sync.Mutex // guards the fields below
	desired Server
	system  *runningSystem // nil while the guest is down
	problem string
	mounts  map[string]disk.FS
}

func openGuest(h *Host, s Server, dir string) (*guest, error) {
	t, err := openTree(dir, h.options.DiskLimit)
	if err != nil {
		return nil, fmt.Errorf("open the disk of server %d: %w", s.ID, err)
	}
	return &guest{host: h, tree: t, desired: s, mounts: map[string]disk.FS{}}, nil
}

func (g *guest) server() Server {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.desired
}

// current returns the running system, or nil while the guest is down.
func (g *guest) current() *runningSystem {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.system
}

// follow boots, reboots or shuts down the guest to match the state of the
// server.
func (g *guest) follow(ctx context.Context, s Server) {
	g.mu.Lock()
	g.desired = s
	last := g.system
	g.mu.Unlock()
	switch {
	case !s.Up:
		g.down()
	case last == nil || last.boots != s.Boots:
		g.down()
		g.boot(ctx, s.Boots, s.Reachable)
	}
}

// boot starts the guest, which runs at most until ctx ends. Its network answers
// once the grid's clock reaches due.
func (g *guest) boot(ctx context.Context, boots int, due time.Time) {
	sys := &runningSystem{
		boots: boots, due: due, bootDone: make(chan struct{}), clients: newDoorman(), services: map[string]net.Listener{},
		daemons: map[string]*daemon{}, units: map[string]*running{},
	}
	ctx, sys.end = context.WithCancel(ctx)
	sys.ctx = ctx
	g.mu.Lock()
	g.system, g.problem = sys, ""
	g.mu.Unlock()
	sys.running.Go(func() {
		defer close(sys.bootDone)
		if g.host.options.Clock.Until(ctx, due) != nil {
			return
		}
		g.finishBoot(ctx, sys)
	})
}

// down shuts down the guest and waits until all its processes have ended.
func (g *guest) down() {
	g.mu.Lock()
	sys := g.system
	g.system = nil
	g.mounts = map[string]disk.FS{}
	g.mu.Unlock()
	if sys == nil {
		return
	}
	sys.end()
	sys.mu.Lock()
	for _, listener := range sys.services {
		_ = listener.Close() // also ends the loop that accepts connections
	}
	sys.mu.Unlock()
	sys.running.Wait()
}

func (g *guest) close() error {
	g.down()
	return g.disk.Close()
}

// awaitBoot waits until the current boot is complete. It returns at once if the
// guest is down or the boot is not due yet.
func (g *guest) awaitBoot(ctx context.Context) error {
	sys := g.current()
	if sys == nil || sys.due.After(g.host.options.Clock.Now()) {
		return nil
	}
	select {
	case <-sys.bootDone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// files returns the guest's file tree with its mounts.
func (g *guest) files() disk.FS { return mounted{g} }

// shell returns a shell for an account.
func (g *guest) shell(user string) *shell.Shell {
	home := "/"
	if a, ok := g.device.read().Accounts[user]; ok && a.Home != "" {
		home = a.Home
	}
	sh := &shell.Shell{Files: g.files(), Host: g, User: user, Home: home, Programs: g.programs(), Installed: g.hasProgram}
	if sys := g.current(); sys != nil {
		sh.Lifetime = sys
	}
	return sh
}

// Hostname returns the host name from the guest's record.
func (g *guest) Hostname() string { return g.device.read().Hostname }

// SetHostname changes the host name. It logs an error.
func (g *guest) SetHostname(name string) {
	g.warn("store the host name", g.device.change(func(r *deviceRecord) { r.Hostname = name }))
}

// Now returns the time of the grid's clock.
func (g *guest) Now() time.Time { return g.host.options.Clock.Now() }

// Sleep waits on the grid's clock.
func (g *guest) Sleep(ctx context.Context, d time.Duration) error {
	return g.host.options.Clock.Until(ctx, g.Now().Add(d))
}

// warn logs an error that cannot be returned to a caller.
func (g *guest) warn(what string, err error) {
	if err != nil {
		g.host.log.Error("guest: could not "+what, "server", g.server().Name, "error", err)
	}
}
