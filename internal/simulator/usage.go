// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"

// pricePerGBHour is GoGrid's price in 2008, in US dollars per GB of RAM and
// hour. Customers paid it for servers in the states On and Off.
const pricePerGBHour = 0.19

const hour = 3600 * 1000 // in milliseconds of grid time

func (g *Grid) openUsage(a *account, s *server, from moment) {
	u := &usage{
		ID: takeID(&g.next.Usage), Account: a.ID, Server: s.ID, Name: s.Name, RAMMB: ramByID(s.RAM).mb, From: from,
	}
	a.usage.add(u)
	s.Usage = u.ID
	g.saveUsage(u)
}

func (g *Grid) closeUsage(a *account, s *server, at moment) {
	if u, found := a.usage.get(s.Usage); found {
		u.To = at
		g.saveUsage(u)
	}
}

func (g *Grid) saveUsage(u *usage) {
	g.store.Put(store.Usage, store.IDKey(u.ID), u)
	g.history.saveUsage(u, g.at)
}

// dropUsage removes the open usage of a server whose creation failed.
func (g *Grid) dropUsage(a *account, s *server) {
	a.usage.remove(s.Usage)
	g.store.Remove(store.Usage, store.IDKey(s.Usage))
	g.history.removeUsage(s.Usage, g.at)
}

// gbHours returns the usage in GB-hours of RAM.
func (u *usage) gbHours(now moment) float64 {
	to := u.To
	if to == 0 {
		to = now
	}
	return float64(u.RAMMB) / 1024 * float64(to-u.From) / hour
}

func (a *account) gbHours(now moment) (sum float64) {
	for _, u := range a.usage.items {
		sum += u.gbHours(now)
	}
	return sum
}

// gbInUse returns the RAM of all servers in GB, regardless of their power state.
func (a *account) gbInUse() (sum float64) {
	for _, s := range a.servers.items {
		sum += float64(ramByID(s.RAM).mb) / 1024
	}
	return sum
}
