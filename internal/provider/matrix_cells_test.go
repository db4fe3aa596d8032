// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// subject is a kind of object with the commands that it goes through.
type subject struct {
	name string
	// open starts a grid for the cell, without any object of the subject.
	open   func(*testing.T) *stage
	phases []phase
	// breadth is how many of the faults the cells try.
	breadth breadth
	// fields are the methods whose rows a phase meets without each of their fields, by the name of the phase.
	fields map[string]string
	// only are the methods that are spoilt; nil spoils all.
	only []string
}

// breadth is how many faults the cells of a subject try.
type breadth int

const (
	// wide tries all faults of the first call of each method, and the core of them at later calls.
	wide breadth = iota
	// narrow tries the core.
	narrow
)

// goal is the outcome that a command must reach.
type goal int

const (
	keeps    goal = iota // a plan, which finds nothing to do
	makes                // an object that was not there
	changes              // another form of the same object
	replaces             // another object in its place
	removes              // nothing
)

// phase is one command on an object in a known state.
type phase struct {
	name string
	goal goal
	// before brings the object to the known state; nil leaves the grid without
	// the object.
	before func(*stage)
	// run is the command. It is run a second time without faults.
	run func(*stage) acctest.Diagnostics
	// done returns an error if the object is wrong after run has succeeded; nil checks nothing.
	done func(*stage) string
	// breadth narrows the breadth of the subject.
	breadth breadth
}

// place is a call of a phase: the nth (from 0) of its method.
type place struct {
	method string
	nth    int
	label  string // how the place is called in the names of cells
	wide   bool
}

// cell is one entry of the matrix.
type cell struct {
	subject *subject
	phase   *phase
	place   place
	fault   spoiling
}

// name is the name of the cell's subtest in its phase: method with the place of
// the call, and fault.
func (c *cell) name() string { return c.place.label + "/" + c.fault.name }

// patience is how many calls a command may make before its time limits end.
const patience = 400

// run runs the cell's command with its fault, checks the objects that are left,
// and runs the command again without the fault. It reports whether the fault
// was met.
func (c *cell) run(t *testing.T) (met bool) {
	s := c.ready(t)
	s.unsure = c.fault.hidesOptional()
	rule := c.fault.rule
	rule.Method, rule.Skip = c.place.method, c.place.nth
	s.grid.Spoil(t, rule)
	diagnostics := c.phase.run(s)
	left := s.grid.ClearFaults(t)
	met = left == 0 || rule.Times != 0
	s.check(c.phase, diagnostics)
	s.grid.Advance(time.Hour)
	s.converge(c.phase)
	return met
}

// ready returns a stage on which the phase's command can run.
func (c *cell) ready(t *testing.T) *stage {
	s := c.subject.open(t)
	if c.phase.before != nil {
		c.phase.before(s)
	}
	s.grid.Advance(settledFor)
	s.grid.LimitsByCalls(t, patience)
	s.mark()
	return s
}

// cells are the cells of a phase. A run without faults, which must reach the
// goal at once, shows which methods the phase calls, in which order and how
// often.
func (x *subject) cells(t *testing.T, p *phase) []*cell {
	s := (&cell{subject: x, phase: p}).ready(t)
	made := s.grid.Sequence()
	diagnostics := p.run(s)
	calls := made()
	diagnostics.WantNone(t)
	s.check(p, diagnostics)
	all := x.fieldCells(s, p, calls)
	s.converge(p)
	for _, at := range places(p.goal, calls, x.breadth == wide && p.breadth == wide) {
		if x.only != nil && !slices.Contains(x.only, at.method) {
			continue
		}
		for _, fault := range at.faults(p.goal) {
			all = append(all, &cell{x, p, at, fault})
		}
	}
	return all
}

// depth is how deep the fields are that cells drop: those of a row, and those
// of the objects in it.
const depth = 2

// fieldCells drop each field of the rows that a phase reads, once. A phase that
// changes an object reads the rows in its wait.
func (x *subject) fieldCells(s *stage, p *phase, calls []string) (all []*cell) {
	method, ok := x.fields[p.name]
	at := slices.IndexFunc(places(p.goal, calls, true), func(at place) bool {
		return at.method == method && (p.goal == keeps || strings.HasSuffix(at.label, "@wait"))
	})
	if !ok || at < 0 {
		return nil
	}
	where := places(p.goal, calls, true)[at]
	where.label = method + "@fields"
	for _, field := range s.grid.Fields(s.t, method) {
		if strings.Count(field, ".") < depth {
			all = append(all, &cell{x, p, where, droppedField(field)})
		}
	}
	return all
}

// checking is the method by which each process checks its credential.
const checking = "grid.job.list"

// places are the calls of a phase that are spoilt. Each method that changes the
// grid is spoilt at its first and its last call. A method that reads is spoilt
// at the first call after the change, which is a look of a wait. Where an object
// is made or removed, or where no call changes the grid, it is also spoilt at the first and the last call before the
// change, which are those of the plan and of the apply, and at the last look.
func places(to goal, calls []string, wide bool) []place {
	changed := slices.IndexFunc(calls, func(method string) bool { return !reads(method) })
	if changed < 0 {
		changed = len(calls)
	}
	var all []place
	for _, method := range slices.Compact(slices.Sorted(slices.Values(calls))) {
		early, total := count(calls[:changed], method), count(calls, method)
		add := func(nth int, label string, wide bool) {
			if !slices.ContainsFunc(all, func(p place) bool { return p.method == method && p.nth == nth }) {
				all = append(all, place{method, nth, method + "@" + label, wide})
			}
		}
		if !reads(method) {
			add(0, "first", wide)
			add(total-1, "last", false)
			continue
		}
		if early > 0 && to != changes && to != replaces {
			add(0, "first", wide && to == keeps && method != checking)
		}
		if early > 0 && (to == makes || to == removes || changed == len(calls) && to != keeps) {
			add(early-1, "before", false)
		}
		if total > early {
			add(early, "wait", wide && to == makes)
		}
		if total > early && to == makes {
			add(total-1, "last", false)
		}
	}
	if changed < len(calls) {
		all = append(all, place{"*", changed + 1, "all@wait", false})
	}
	return all
}

func count(calls []string, method string) (n int) {
	for _, call := range calls {
		if call == method {
			n++
		}
	}
	return n
}

// faults are the faults that strike at a place.
func (p place) faults(to goal) []spoiling {
	if p.method == "*" {
		return outages()
	}
	faults := faultsOf(p.method, p.wide)
	if reads(p.method) && strings.HasSuffix(p.label, "@wait") && (to == makes || to == removes) {
		faults = append(faults, outagesOf()...)
	}
	return faults
}
