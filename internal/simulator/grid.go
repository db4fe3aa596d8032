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
	guests    *guestWorld           // nil where servers do not boot
	storage   *guestos.CloudStorage // nil where there is none
	folder    string                // of disks and Cloud Storage
	temporary bool                  // the folder goes with the grid
	place     place                 // set when the grid is opened
	life      context.Context
	end       context.CancelFunc

	mu       sync.Mutex // guards all below
	clock    gridClock
	seed     uint64
	sessions int64
	next     nextIDs
	images   ordered[*image]
	accounts map[int64]*account
	due      schedule
	at       moment // the time of the change that is under way
	history  history
	moved    chan struct{} // closed when the clock is moved by hand or steps
	steps    steps
}

// New makes a grid, or opens the one in the state file. The caller closes it.
func New(options Options) (*Grid, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("making a simulated grid: %w", err)
	}
	g := &Grid{
		options: options, log: options.Log, host: options.Clock,
		catalog: newCatalog(), methods: newMethods(), counters: newCounters(),
		accounts: make(map[int64]*account), moved: make(chan struct{}), steps: newSteps(),
	}
	g.life, g.end = context.WithCancel(options.Life)
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
			close(g.guests.stopped) // nothing drives it yet
		}
		return nil, errors.Join(fmt.Errorf("opening the simulated grid: %w", err), g.Close())
	}
	g.startGuests()
	g.serveStorage()
	g.updateStepping()
	return g, nil
}

// Close writes what is left to the state file and frees it. Calls that come later are answered with status 500.
func (g *Grid) Close() error {
	g.end()
	g.steps.running.Wait()
	return errors.Join(g.closeGuests(), g.closeStorage(), g.closeFolder(), g.store.Close(), release(g.place.claims))
}

// Now is the grid's time.
func (g *Grid) Now() (present time.Time) {
	g.step(func(now moment) { present = now.time() })
	return present
}

// Advance moves the grid's clock forward, also one that runs by itself, and stores that. A negative duration does nothing.
func (g *Grid) Advance(d time.Duration) {
	if err := g.advance(d); err != nil {
		g.log.Error("the advance of the clock was not stored", "error", err)
	}
}

func (g *Grid) advance(d time.Duration) error {
	return g.moveClock(func() { g.clock.advance(max(d, 0)) })
}

// setSpeed lets the grid's time pass at another speed from now on, until the grid is opened the next time.
func (g *Grid) setSpeed(speed float64) error {
	return g.moveClock(func() { g.clock.setSpeed(speed) })
}

// moveClock tells all who wait for a time that the clock goes otherwise than they have reckoned.
func (g *Grid) moveClock(move func()) error {
	g.step(func(moment) {
		move()
		g.clockMoved()
	})
	return g.store.Sync()
}

// Seed returns the seed of everything random in the grid except API keys.
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

// Keys are the valid keys with their secrets.
func (g *Grid) Keys() []Key { return slices.Clone(g.keys) }

// AddFaults adds rules behind those there are; the first that matches a call is applied. Either all are added or, with an error
// that names the field and the allowed values, none. Rules are not part of the durable state.
func (g *Grid) AddFaults(faults ...Fault) error { return g.faults.Add(faults) }

// Counters are the numbers of calls by method since the start or the last reset, such as "grid.server.add".
func (g *Grid) Counters() map[string]int { return g.counters.snapshot().Calls }

// ResetCounters makes all counters zero.
func (g *Grid) ResetCounters() { g.counters.reset() }

// step runs use under the lock, at the present, and publishes all its changes together.
func (g *Grid) step(use func(now moment)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.change(use)
	g.steps.recheck()
}

// change is step for a caller that already holds mu.
func (g *Grid) change(use func(now moment)) {
	before := g.next
	use(g.applyDue())
	if g.next != before {
		g.store.Put(store.Meta, "next", g.next)
	}
	g.store.Publish()
	g.wakeDriver()
}

// applyDue folds in what fell due and returns the present.
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
	case kindJob, kindPassword, kindBoot, kindAge: // nothing to do: what is shown follows from the time
	}
}

func (g *Grid) saveClock() { g.store.Put(store.Meta, "clock", g.clock.record) }

// reseed changes the randomness of all that comes from now on.
func (g *Grid) reseed(seed uint64) error {
	g.step(func(moment) {
		g.seed = seed
		g.store.Put(store.Meta, "seed", seed)
	})
	g.faults.Reseed(seed)
	return g.store.Sync()
}
