// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// serverSpec holds the checked parameters of a new server.
type serverSpec struct {
	name        string
	description string
	image       *image
	ram         int
	public      address
	private     address
	datacenter  int
	sandbox     bool
}

func (c *call) addServer(o serverSpec) *server {
	g, a := c.grid, c.account
	s := &server{
		ID: takeID(&g.next.Server), Account: a.ID, Name: o.name, Image: o.image.ID, Datacenter: o.datacenter,
		serverValues: serverValues{RAM: o.ram, Type: o.image.Type, Description: o.description},
		PublicIP:     o.public, PrivateIP: o.private, Sandbox: o.sandbox, On: true, DiskMB: ramByID(o.ram).diskMB,
		Created: c.now, PasswordID: takeID(&g.next.Password),
	}
	duration := g.options.Timings.ServerCreate
	if o.sandbox {
		duration = g.options.Timings.SandboxCreate
	}
	s.Operation = c.startServerJob(s, commandCreate, duration, c.outcome())
	s.Operation.Kind = opCreate
	r := draw(g.seed, drawPassword, s.ID)
	s.Password = randomPassword(r)
	s.PasswordFrom = s.Operation.Ends.add(vary(r, g.options.Timings.Password, g.options.Jitter))
	g.openUsage(a, s, c.now)
	g.adoptServer(a, s)
	g.saveServer(s)
	return s
}

// adoptServer adds a new or stored server to its account, and schedules its events.
func (g *Grid) adoptServer(a *account, s *server) {
	a.takeServer(s)
	g.scheduleServer(s)
	g.due.add(event{at: s.PasswordFrom, kind: kindPassword, account: s.Account, id: s.ID})
	g.scheduleBoot(s)
}

// takeServer adds a server and assigns its addresses to it.
func (a *account) takeServer(s *server) {
	a.servers.add(s)
	a.assigned[s.PublicIP] = "server " + s.Name
	if s.PrivateIP != 0 {
		a.assigned[s.PrivateIP] = "server " + s.Name
	}
}

// scheduleServer schedules the moments at which the server's operation starts and ends. For a deletion it also schedules the moment
// at which the server halts.
func (g *Grid) scheduleServer(s *server) {
	if s.Operation == nil {
		return
	}
	times := []moment{s.Operation.Starts, s.Operation.Ends}
	if s.Operation.Kind == opDelete {
		times = append(times, s.Operation.halts())
	}
	for _, at := range times {
		g.due.add(event{at: at, kind: kindServer, account: s.Account, id: s.ID})
	}
}

// scheduleBoot schedules the end of a server's boot, if servers boot.
func (g *Grid) scheduleBoot(s *server) {
	if g.guests != nil && s.Boots > 0 {
		g.due.add(event{at: g.answersAt(s), kind: kindBoot, account: s.Account, id: s.ID})
	}
}

func (g *Grid) saveServer(s *server) {
	s.view = nil
	g.store.Put(store.Servers, store.IDKey(s.ID), s)
	g.history.saveServer(s, g.at)
	g.updateGuest(s, g.clock.now())
}

func (c *call) startServerJob(s *server, command int, d time.Duration, out outcome) *operation {
	g := c.grid
	image, _ := g.images.get(s.Image)
	return g.startJob(c.account, work{
		command: command, objectType: objectServer, object: s.Name, objectID: s.ID, owner: c.owner(), datacenter: s.Datacenter, duration: d, outcome: out,
		detail: []jobDetail{
			{"type", "virtual_server"},
			{"name", s.Name},
			{"description", s.Description},
			{"image", image.Name},
			{"ip", s.PublicIP.String()},
			{"ram", ramByID(s.RAM).name},
		},
	}, c.now)
}

// command starts an operation on a server, and reports whether the operation
// runs. It accepts a command for a busy server, and a command that has no
// effect because it is already done. In both cases only the job fails, as in
// recorded responses.
func (c *call) command(s *server, kind operationKind, command int, d time.Duration, alreadyDone bool) bool {
	out := c.outcome()
	switch {
	case s.Operation != nil:
		out = objectBusy
	case alreadyDone:
		out = noEffect
	}
	operation := c.startServerJob(s, command, d, out)
	if out == objectBusy || out == noEffect {
		return false
	}
	operation.Kind = kind
	s.Operation = operation
	c.grid.scheduleServer(s)
	c.grid.saveServer(s)
	return true
}

// outcome returns the outcome of the call's jobs. The jobs fail only if a fault
// rule requires this.
func (c *call) outcome() outcome {
	if c.failJobs {
		return fails
	}
	return succeeds
}

// editServer changes the values of a server immediately, and returns the view
// for the response. If the job fails, the grid restores the old values. A busy
// server keeps its old values, although the response shows the new values.
func (c *call) editServer(s *server, to serverValues) *wire.Object {
	before := s.serverValues
	if c.command(s, opEdit, commandEdit, c.grid.options.Timings.ServerEdit, false) {
		s.Operation.Before = &before
		s.serverValues = to
		c.grid.saveServer(s)
		return c.grid.serverView(s, c.now)
	}
	shown := *s
	shown.serverValues = to
	return c.grid.makeServerView(&shown, c.grid.catalog.serverState.byID(stateUpdating))
}

// applyToServer discards the server's view, and ends the server's operation if its end is due.
func (g *Grid) applyToServer(s *server, at moment) {
	s.view = nil
	if s.Operation == nil || s.Operation.Ends > at {
		g.updateGuest(s, at)
		return
	}
	a, done := g.accounts[s.Account], s.Operation
	s.Operation = nil
	switch {
	case done.Kind == opCreate && done.Fails:
		g.dropUsage(a, s)
		g.removeServer(a, s)
		return
	case done.Kind == opDelete && !done.Fails:
		g.closeUsage(a, s, done.Ends)
		g.removeServer(a, s)
		return
	case !done.Fails:
		g.endServer(a, s, done)
	case done.Before != nil:
		s.serverValues = *done.Before
	}
	g.saveServer(s)
}

// endServer applies the effect of an operation that has succeeded.
func (g *Grid) endServer(a *account, s *server, done *operation) {
	switch done.Kind {
	case opCreate:
		s.countBoot(done.Ends)
		g.scheduleBoot(s)
	case opStart, opRestart:
		s.On = true
		s.countBoot(done.Ends)
		g.scheduleBoot(s)
	case opStop:
		s.On = false
	case opSave:
		s.On = s.On && g.runsWhileSaved()
	case opEdit:
		if s.RAM != done.Before.RAM {
			g.closeUsage(a, s, done.Ends)
			g.openUsage(a, s, done.Ends)
		}
	}
}

// removeServer removes a server and frees its addresses. The pools of balancers keep their entries for the server.
func (g *Grid) removeServer(a *account, s *server) {
	a.servers.remove(s.ID)
	delete(a.assigned, s.PublicIP)
	delete(a.assigned, s.PrivateIP)
	g.store.Remove(store.Servers, store.IDKey(s.ID))
	g.history.removeServer(s.ID, g.at)
	g.removeGuest(s)
}
