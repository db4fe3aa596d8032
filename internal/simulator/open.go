// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"slices"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
)

// open reads the state file or fills a new grid. It creates an account for each
// key whose account does not exist.
func (g *Grid) open() error {
	for _, shown := range catalogueImages() {
		if !g.options.OwnImagesOnly || shown.Owner.ID == goGridAccount {
			g.images.add(shown)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, read := range []func() error{g.openMeta, g.openRecords, g.openAccounts} {
		if err := read(); err != nil {
			return err
		}
	}
	g.beginHistory(g.applyDue())
	g.saveClock()
	g.store.Put(store.Meta, "next", g.next)
	g.store.Publish()
	return g.store.Sync()
}

func (g *Grid) openMeta() error {
	g.clock.host = g.host
	var last clockRecord
	found, err := store.LoadMeta(g.store, "clock", &last)
	if err != nil {
		return err
	}
	current := momentOf(g.host.Now())
	if found {
		current = last.at(g.host.Now())
	}
	g.clock.record = clockRecord{Speed: g.options.Speed, Hand: g.options.HandDriven, Stepped: g.options.Stepped}
	g.clock.anchor(current)
	g.next = firstIDs()
	if _, err := store.LoadMeta(g.store, "next", &g.next); err != nil {
		return err
	}
	return nil
}

// openBasics reads the records that guests and Cloud Storage need. It runs before open, which reads all other records.
func (g *Grid) openBasics() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, read := range []func() error{g.openSeed, g.openKeys, g.openPlace} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

func (g *Grid) openSeed() error {
	found, err := store.LoadMeta(g.store, "seed", &g.seed)
	switch {
	case err != nil:
		return err
	case g.options.Seed != 0, !found && !g.options.RandomSeed:
		g.seed = g.options.Seed
	case !found:
		g.seed = randomSeed()
	}
	g.store.Put(store.Meta, "seed", g.seed)
	g.faults.Reseed(g.seed)
	return nil
}

// openKeys uses the keys of the options, else the keys of the state file, else a new random key.
func (g *Grid) openKeys() error {
	var stored []Key
	if _, err := store.LoadMeta(g.store, "keys", &stored); err != nil {
		return err
	}
	switch {
	case len(g.options.Keys) > 0:
		for _, key := range g.options.Keys {
			g.keys = append(g.keys, key.withDefaults())
		}
	case len(stored) > 0:
		g.keys = stored
	default:
		g.keys = []Key{generateKey()}
	}
	g.store.Put(store.Meta, "keys", g.keys)
	return nil
}

func (g *Grid) openRecords() error {
	if err := store.Each(g.store, store.Accounts, func(r *accountRecord) { g.accounts[r.ID] = newAccount(*r) }); err != nil {
		return err
	}
	var strays []int64
	in := func(id int64, use func(*account)) {
		if a := g.accounts[id]; a != nil {
			use(a)
			return
		}
		strays = append(strays, id)
	}
	err := store.Each(g.store, store.Images, g.adoptImage)
	for _, read := range []func() error{
		func() error {
			return store.Each(g.store, store.Servers, func(s *server) { in(s.Account, func(a *account) { g.adoptServer(a, s) }) })
		},
		func() error {
			return store.Each(g.store, store.Balancers, func(b *balancer) { in(b.Account, func(a *account) { g.adoptBalancer(a, b) }) })
		},
		func() error {
			return store.Each(g.store, store.Jobs, func(j *job) { in(j.Account, func(a *account) { g.adoptJob(a, j) }) })
		},
		func() error {
			return store.Each(g.store, store.Usage, func(u *usage) { in(u.Account, func(a *account) { a.usage.add(u) }) })
		},
	} {
		if err == nil {
			err = read()
		}
	}
	if err == nil && len(strays) > 0 {
		err = fmt.Errorf("the state file has objects of account %d but lacks the account; use another state file", strays[0])
	}
	return err
}

func (g *Grid) openAccounts() error {
	for _, id := range g.accountIDs() {
		if err := g.accounts[id].checkSizes(g.options); err != nil {
			return err
		}
		g.renumber(g.accounts[id])
	}
	for _, key := range g.keys {
		if g.accounts[key.Account] != nil {
			continue
		}
		if err := g.newCustomer(key.Account); err != nil {
			return err
		}
	}
	return nil
}

// accountIDs returns the ids of all accounts, in ascending order.
func (g *Grid) accountIDs() []int64 {
	ids := make([]int64, 0, len(g.accounts))
	for id := range g.accounts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
