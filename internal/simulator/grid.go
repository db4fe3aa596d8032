// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/fault"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
)

// Grid is a simulated grid. It is safe for use by many goroutines.
type Grid struct {
	options   Options
	log       *slog.Logger
	host      Clock
	keys      []Key
	catalog   *catalog
	methods   map[string]*method // by path
	faults    *fault.Book
	counters  *counters
	store     *store.Store
	admin     http.Handler
	guests    *guestWorld           // nil if servers do not boot
	storage   *guestos.CloudStorage // nil if there is none
	folder    string                // folder of disks and Cloud Storage
	temporary bool                  // Close removes the folder
	place     place                 // addresses of guests, set when the grid is opened
	ctx       context.Context       // canceled when the grid is closed
	end       context.CancelFunc

	mu       sync.Mutex // guards all fields below
	clock    gridClock
	seed     uint64
	sessions int64
	next     nextIDs
	images   ordered[*image]
	accounts map[int64]*account
	due      schedule
	at       moment // time of the change that is being applied
	history  history
	moved    chan struct{} // closed when the clock is moved by hand or steps; then replaced
	steps    steps
}

// New creates a grid, or opens the grid in the state file. The caller must close the grid.
func New(options Options) (*Grid, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("create a simulated grid: %w", err)
	}
	g := &Grid{
		options: options, log: options.Log, host: options.Clock,
		catalog: newCatalog(), methods: newMethods(), counters: newCounters(),
		accounts: make(map[int64]*account), moved: make(chan struct{}), steps: newSteps(),
	}
	g.ctx, g.end = context.WithCancel(options.Context)
	g.faults = fault.NewBook(options.Seed, methodNames(g.methods))
	g.admin = g.adminRoutes()
	if g.store, err = store.Open(options.State); err != nil {
		return nil, err
	}
	for _, open := range []func() error{
		func() error { return store.CatchDamage(options.State, g.openBasics) }, g.openFolder, g.openStorage, g.openGuests,
		func() error { return store.CatchDamage(options.State, g.open) },
	} {
		if err == nil {
			err = open()
		}
	}
	if err != nil {
		if g.guests != nil {
			close(g.guests.stopped) // driveGuests does not run yet
		}
		return nil, errors.Join(fmt.Errorf("open the simulated grid: %w", err), g.Close())
	}
	g.startGuests()
	g.serveStorage()
	g.updateStepping()
	return g, nil
}

// Close writes the remaining changes to the state file and closes the file. Later calls get status 500.
func (g *Grid) Close() error {
	g.end()
	g.steps.running.Wait()
	return errors.Join(g.closeGuests(), g.closeStorage(), g.closeFolder(), g.store.Close(), release(g.place.claims))
}

// Now returns the grid's time.
func (g *Grid) Now() (current time.Time) {
	g.step(func(now moment) { current = now.time() })
	return current
}

// Advance moves the grid's clock forward by a duration, and stores the new time. It works for every kind of clock. A negative
// duration does nothing.
func (g *Grid) Advance(d time.Duration) {
	if err := g.advance(d); err != nil {
		g.log.Error("storing the advanced clock failed", "error", err)
	}
}

func (g *Grid) advance(d time.Duration) error {
	return g.moveClock(func() { g.clock.advance(max(d, 0)) })
}

// setSpeed changes the speed of the grid's clock until the grid is closed.
func (g *Grid) setSpeed(speed float64) error {
	return g.moveClock(func() { g.clock.setSpeed(speed) })
}

// moveClock calls move, which changes the clock, and wakes the goroutines that
// wait for the clock.
func (g *Grid) moveClock(move func()) error {
	g.step(func(moment) {
		move()
		g.clockMoved()
	})
	return g.store.Sync()
}

// Seed returns the seed of all random values in the grid except API keys.
func (g *Grid) Seed() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.seed
}

// clockMoved applies the changes that are due at the clock's new time, and wakes the goroutines that wait for the clock. It must be
// called with mu held.
func (g *Grid) clockMoved() {
	close(g.moved)
	g.moved = make(chan struct{})
	g.answersChanged()
	g.applyDue()
	g.saveClock()
}

// Keys returns the valid keys with their secrets.
func (g *Grid) Keys() []Key { return slices.Clone(g.keys) }

// AddFaults adds rules after the existing rules. The first rule that matches a
// call applies. If a rule is invalid, AddFaults adds no rule and returns an
// error that names the field and the allowed values. The state file does not
// contain rules.
func (g *Grid) AddFaults(faults ...Fault) error { return g.faults.Add(faults) }

// Counters returns the number of calls for each method, such as "grid.server.add", since the start or the last reset.
func (g *Grid) Counters() map[string]int { return g.counters.snapshot().Calls }

// ResetCounters sets all counters to zero.
func (g *Grid) ResetCounters() { g.counters.reset() }

// step locks mu and calls use with the current grid time. It publishes all
// changes together.
func (g *Grid) step(use func(now moment)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.change(use)
	g.steps.recheck()
}

// change does the work of step without locking. It must be called with mu held.
func (g *Grid) change(use func(now moment)) {
	before := g.next
	use(g.applyDue())
	if g.next != before {
		g.store.Put(store.Meta, "next", g.next)
	}
	g.store.Publish()
	g.wakeDriver()
}

// applyDue applies all due events, in the order of their times, and returns the current grid time.
func (g *Grid) applyDue() moment {
	now := g.clock.now()
	for {
		w, ok := g.due.next(now)
		if !ok {
			g.at = now
			return now
		}
		g.at = w.at
		g.apply(w)
	}
}

func (g *Grid) apply(w event) {
	switch w.kind {
	case kindServer:
		if s, found := g.accounts[w.account].servers.get(w.id); found {
			g.applyToServer(s, w.at)
		}
	case kindImage:
		if i, found := g.images.get(w.id); found {
			g.applyToImage(i, w.at)
		}
	case kindBalancer:
		if b, found := g.accounts[w.account].balancers.get(w.id); found {
			g.applyToBalancer(b, w.at)
		}
	case kindJob, kindPassword, kindBoot, kindAge: // nothing to apply: the views read the time
	}
}

func (g *Grid) saveClock() { g.store.Put(store.Meta, "clock", g.clock.record) }

// reseed changes the seed of all values that the grid draws from now on.
func (g *Grid) reseed(seed uint64) error {
	g.step(func(moment) {
		g.seed = seed
		g.store.Put(store.Meta, "seed", seed)
	})
	g.faults.Reseed(seed)
	return g.store.Sync()
}
