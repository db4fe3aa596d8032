// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "maps"

// historyLimit is the maximum number of replaced object versions that the
// history keeps for all accounts together.
const historyLimit = 10_000

// history keeps earlier versions of objects, so that a grid can answer as of an
// earlier moment. It also holds the current version of each object. It does not
// hold jobs, because jobs contain the times of their states. The grid's mu
// guards it.
type history struct {
	since     moment // the earliest moment that the history covers
	servers   timeline[server]
	images    timeline[image]
	balancers timeline[balancer]
	usage     timeline[usage]
	replaced  []replacement // oldest first
}

// replacement records the moment at which the oldest version of an object in
// the history was replaced.
type replacement struct {
	at   moment
	line interface{ dropOldest(id int64) }
	id   int64
}

// version is the state of an object since a moment. item is nil if the object
// did not exist.
type version[T any] struct {
	from moment
	item *T
}

// timeline holds the versions of objects by id, oldest first.
type timeline[T any] map[int64][]version[T]

// note adds a version, and reports whether the timeline keeps the version
// before it. Of several versions at the same moment, the timeline keeps only
// the last. If the clock was set back, note dates a change to the time of the
// version before it.
func (t timeline[T]) note(id int64, at moment, item *T) bool {
	all := t[id]
	if last := len(all) - 1; last >= 0 && at <= all[last].from {
		all[last].item = item
		if last == 0 && item == nil {
			delete(t, id)
		}
		return false
	}
	t[id] = append(all, version[T]{at, item})
	return len(all) > 0
}

// asOf returns the version of an object at a moment, or nil if the object did
// not exist.
func (t timeline[T]) asOf(id int64, then moment) *T {
	all := t[id]
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].from <= then {
			return all[i].item
		}
	}
	return nil
}

func (t timeline[T]) dropOldest(id int64) {
	rest := t[id][1:]
	if len(rest) == 1 && rest[0].item == nil {
		delete(t, id)
		return
	}
	t[id] = rest
}

// past returns copies of all wanted objects as they were at a moment. The caller may keep the copies.
func past[T any, P interface {
	*T
	identified
}](t timeline[T], then moment, wanted func(*T) bool) (found ordered[P]) {
	for id := range t {
		if item := t.asOf(id, then); item != nil && wanted(item) {
			copied := *item
			found.items = append(found.items, P(&copied))
		}
	}
	found.sort()
	return found
}

// beginHistory starts the history with the current objects. It dates the
// objects one millisecond back, so that changes at the current moment do not
// replace them. This matters because a clock that is driven by hand stands
// still.
func (g *Grid) beginHistory(now moment) {
	now--
	g.history = history{
		since: now, servers: timeline[server]{}, images: timeline[image]{}, balancers: timeline[balancer]{}, usage: timeline[usage]{},
	}
	for _, i := range g.images.items {
		g.history.saveImage(i, now)
	}
	for _, a := range g.accounts {
		for _, s := range a.servers.items {
			g.history.saveServer(s, now)
		}
		for _, b := range a.balancers.items {
			g.history.saveBalancer(b, now)
		}
		for _, u := range a.usage.items {
			g.history.saveUsage(u, now)
		}
	}
}

func (h *history) saveServer(s *server, at moment) {
	kept := *s
	kept.view, kept.viewImage = nil, nil
	note(h, h.servers, s.ID, at, &kept)
}

func (h *history) removeServer(id int64, at moment) { note(h, h.servers, id, at, nil) }

func (h *history) saveImage(i *image, at moment) {
	kept := *i
	kept.view = nil
	note(h, h.images, i.ID, at, &kept)
}

func (h *history) saveBalancer(b *balancer, at moment) {
	kept := *b
	note(h, h.balancers, b.ID, at, &kept)
}

func (h *history) removeBalancer(id int64, at moment) { note(h, h.balancers, id, at, nil) }

func (h *history) saveUsage(u *usage, at moment) {
	kept := *u
	note(h, h.usage, u.ID, at, &kept)
}

func (h *history) removeUsage(id int64, at moment) { note(h, h.usage, id, at, nil) }

// note adds a version to a timeline of the history, and drops the oldest versions beyond the limit. It ignores changes before the
// history begins.
func note[T any](h *history, line timeline[T], id int64, at moment, item *T) {
	if line == nil || !line.note(id, at, item) {
		return
	}
	h.replaced = append(h.replaced, replacement{at, line, id})
	for len(h.replaced) > historyLimit {
		oldest := h.replaced[0]
		h.replaced = h.replaced[1:]
		h.since = max(h.since, oldest.at)
		oldest.line.dropOldest(oldest.id)
	}
}

// asOf returns a read-only grid with the objects of an account at a moment, and
// that moment. It replaces a moment before the beginning of the history by the
// beginning. It must be called with mu held. The returned grid needs no lock
// and no Close.
func (g *Grid) asOf(then moment, id int64) (*Grid, moment) {
	then = max(then, g.history.since)
	earlier := &Grid{options: g.options, catalog: g.catalog, seed: g.seed, accounts: maps.Clone(g.accounts)}
	earlier.images = past(g.history.images, then, func(*image) bool { return true })
	now := g.accounts[id]
	a := newAccount(now.accountRecord)
	a.jobs.items = filter(now.jobs.items, func(j *job) bool { return j.Created <= then })
	a.usage = past(g.history.usage, then, func(u *usage) bool { return u.Account == id })
	for _, s := range past(g.history.servers, then, func(s *server) bool { return s.Account == id }).items {
		a.takeServer(s)
	}
	for _, b := range past(g.history.balancers, then, func(b *balancer) bool { return b.Account == id }).items {
		a.takeBalancer(b)
	}
	earlier.accounts[id] = a
	return earlier, then
}
