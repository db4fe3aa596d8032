// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"

func (c *call) addBalancer(b *balancer) {
	g := c.grid
	b.ID, b.Account = takeID(&g.next.Balancer), c.account.ID
	c.startBalancerJob(b, opCreate, commandBalancerCreate)
	g.adoptBalancer(c.account, b)
	g.saveBalancer(b)
}

func (g *Grid) adoptBalancer(a *account, b *balancer) {
	a.takeBalancer(b)
	if b.Operation != nil {
		g.scheduleBalancer(b)
	}
}

// takeBalancer adds a balancer and assigns its virtual address to it.
func (a *account) takeBalancer(b *balancer) {
	a.balancers.add(b)
	a.assigned[b.Virtual.IP] = "load balancer " + b.Name
}

func (g *Grid) scheduleBalancer(b *balancer) {
	g.due.add(event{at: b.Operation.Ends, kind: kindBalancer, account: b.Account, id: b.ID})
}

func (g *Grid) saveBalancer(b *balancer) {
	g.store.Put(store.Balancers, store.IDKey(b.ID), b)
	g.history.saveBalancer(b, g.at)
}

func (c *call) editBalancer(b *balancer, pool []endpoint) {
	c.startBalancerJob(b, opEdit, commandBalancerEdit)
	b.Former, b.Real = b.Real, pool
	c.grid.scheduleBalancer(b)
	c.grid.saveBalancer(b)
}

func (c *call) deleteBalancer(b *balancer) {
	c.startBalancerJob(b, opDelete, commandBalancerDelete)
	c.grid.scheduleBalancer(b)
	c.grid.saveBalancer(b)
}

func (c *call) startBalancerJob(b *balancer, kind operationKind, command int) {
	g := c.grid
	b.Operation = g.startJob(c.account, work{
		command: command, objectType: objectBalancer, object: b.Name, objectID: b.ID, owner: c.owner(), datacenter: b.Datacenter,
		duration: g.options.Timings.LoadBalancer, outcome: c.outcome(),
		detail: []jobDetail{
			{"type", g.catalog.balancerType.byID(b.Type).name},
			{"name", b.Name},
			{"description", b.Description},
			{"persistence_type", g.catalog.persistence.byID(b.Persistence).name},
			{"virtual_ip", b.Virtual.IP.String()},
		},
	}, c.now)
	b.Operation.Kind = kind
}

func (g *Grid) applyToBalancer(b *balancer, at moment) {
	if b.Operation == nil || b.Operation.Ends > at {
		return
	}
	done := b.Operation
	b.Operation = nil
	gone := done.Kind == opCreate && done.Fails || done.Kind == opDelete && !done.Fails
	if gone {
		a := g.accounts[b.Account]
		a.balancers.remove(b.ID)
		delete(a.assigned, b.Virtual.IP)
		g.store.Remove(store.Balancers, store.IDKey(b.ID))
		g.history.removeBalancer(b.ID, g.at)
		return
	}
	if done.Kind == opEdit && done.Fails {
		b.Real = b.Former
	}
	b.Former = nil
	g.saveBalancer(b)
}
