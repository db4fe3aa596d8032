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

// subject is a kind of object under test, with the commands to test on it.
type subject struct {
	name string
	// newStage starts a grid for one cell. The object does not exist yet.
	newStage func(*testing.T) *stage
	phases   []phase
	breadth  breadth
	// dropFields maps the name of a phase to a list method. Extra cells drop each
	// field of that list in turn.
	dropFields map[string]string
	// methods limits the methods that faults are injected into; nil means all.
	methods []string
}

// breadth selects the faults that the cells of a subject use.
type breadth int

const (
	// wide uses all faults at the first call of each method, and the core faults
	// at later calls.
	wide breadth = iota
	// narrow uses only the core faults.
	narrow
)

// goal is the required outcome of a command.
type goal int

const (
	goalNoOp    goal = iota // a plan without changes
	goalCreate              // a new object
	goalUpdate              // the same object, changed
	goalReplace             // a different object in place of the old one
	goalDelete              // no object
)

// phase is one command on an object in a known state.
type phase struct {
	name string
	goal goal
	// setUp brings the object to the known state. If setUp is nil, the object
	// does not exist.
	setUp func(*stage)
	// run is the command. The cell runs the command again without faults.
	run func(*stage) acctest.Diagnostics
	// verify returns a description of what is wrong with the object after run
	// has succeeded, or "" if nothing is wrong. A nil verify checks nothing.
	verify func(*stage) string
	// breadth, if narrow, overrides the breadth of the subject.
	breadth breadth
}

// callSite is one API call of a phase: the nth call of a method, counted from
// 0.
type callSite struct {
	method string
	nth    int
	label  string // part of the cell's name, such as grid.server.list@wait
	wide   bool   // whether all faults are used, or only the core faults
}

// cell is one test of the matrix: a fault at one call of a phase.
type cell struct {
	subject *subject
	phase   *phase
	site    callSite
	fault   namedFault
}

// name returns the name of the cell's subtest in its phase: the label of the
// call and the name of the fault.
func (c *cell) name() string { return c.site.label + "/" + c.fault.name }

// maxCalls is the number of API calls after which a command's time limits
// expire.
const maxCalls = 400

// run runs the cell's command with its fault, checks the resulting objects, and
// runs the command again without the fault. It reports whether the fault
// occurred.
func (c *cell) run(t *testing.T) (hit bool) {
	s := c.prepare(t)
	s.mayUpdate = c.fault.mayDropDescription()
	rule := c.fault.rule
	rule.Method, rule.Skip = c.site.method, c.site.nth
	s.grid.Spoil(t, rule)
	diagnostics := c.phase.run(s)
	left := s.grid.ClearFaults(t)
	hit = left == 0 || rule.Times != 0
	s.check(c.phase, diagnostics)
	s.grid.Advance(time.Hour)
	s.converge(c.phase)
	return hit
}

// prepare returns a stage on which the phase's command can run.
func (c *cell) prepare(t *testing.T) *stage {
	s := c.subject.newStage(t)
	if c.phase.setUp != nil {
		c.phase.setUp(s)
	}
	s.grid.Advance(objectAge)
	s.grid.LimitsByCalls(t, maxCalls)
	s.recordStart()
	return s
}

// cells returns the cells of a phase. It runs the phase once without faults to
// record the calls. That run must reach the goal immediately.
func (x *subject) cells(t *testing.T, p *phase) []*cell {
	s := (&cell{subject: x, phase: p}).prepare(t)
	recorded := s.grid.Sequence()
	diagnostics := p.run(s)
	calls := recorded()
	diagnostics.WantNone(t)
	s.check(p, diagnostics)
	all := x.fieldCells(s, p, calls)
	s.converge(p)
	for _, site := range callSites(p.goal, calls, x.breadth == wide && p.breadth == wide) {
		if x.methods != nil && !slices.Contains(x.methods, site.method) {
			continue
		}
		for _, fault := range site.faults(p.goal) {
			all = append(all, &cell{x, p, site, fault})
		}
	}
	return all
}

// maxDepth limits dropped fields to the fields of a row and the fields of
// objects in the row.
const maxDepth = 2

// fieldCells returns the cells that each drop one field of a list, as selected by
// subject.dropFields. A phase that changes an object reads the list during its
// wait.
func (x *subject) fieldCells(s *stage, p *phase, calls []string) (all []*cell) {
	method, ok := x.dropFields[p.name]
	sites := callSites(p.goal, calls, true)
	i := slices.IndexFunc(sites, func(site callSite) bool {
		return site.method == method && (p.goal == goalNoOp || strings.HasSuffix(site.label, "@wait"))
	})
	if !ok || i < 0 {
		return nil
	}
	site := sites[i]
	site.label = method + "@fields"
	for _, field := range s.grid.Fields(s.t, method) {
		if strings.Count(field, ".") < maxDepth {
			all = append(all, &cell{x, p, site, droppedField(field)})
		}
	}
	return all
}

// credentialCheck is the method that each process calls to check its API key.
const credentialCheck = "grid.job.list"

// callSites returns the calls of a phase that get a fault:
//
//   - the first and the last call of each method that changes the grid
//   - the first call of each reading method after the first change, in a wait
//   - the first call of a reading method before the change, in the plan, unless
//     the goal is an update or a replacement
//   - the last call of a reading method before the change, in the apply, if the
//     goal creates or deletes the object or no call changes the grid
//   - the last call of a reading method, if the goal is a new object
//   - all calls right after the first change, as an outage
func callSites(g goal, calls []string, wide bool) []callSite {
	changed := slices.IndexFunc(calls, func(method string) bool { return !reads(method) })
	if changed < 0 {
		changed = len(calls)
	}
	var all []callSite
	for _, method := range slices.Compact(slices.Sorted(slices.Values(calls))) {
		earlyCalls, total := count(calls[:changed], method), count(calls, method)
		add := func(nth int, label string, wide bool) {
			if !slices.ContainsFunc(all, func(p callSite) bool { return p.method == method && p.nth == nth }) {
				all = append(all, callSite{method, nth, method + "@" + label, wide})
			}
		}
		if !reads(method) {
			add(0, "first", wide)
			add(total-1, "last", false)
			continue
		}
		if earlyCalls > 0 && g != goalUpdate && g != goalReplace {
			add(0, "first", wide && g == goalNoOp && method != credentialCheck)
		}
		if earlyCalls > 0 && (g == goalCreate || g == goalDelete || changed == len(calls) && g != goalNoOp) {
			add(earlyCalls-1, "before", false)
		}
		if total > earlyCalls {
			add(earlyCalls, "wait", wide && g == goalCreate)
		}
		if total > earlyCalls && g == goalCreate {
			add(total-1, "last", false)
		}
	}
	if changed < len(calls) {
		all = append(all, callSite{"*", changed + 1, "all@wait", false})
	}
	return all
}

// count returns the number of times that a method occurs in calls.
func count(calls []string, method string) (n int) {
	for _, call := range calls {
		if call == method {
			n++
		}
	}
	return n
}

// faults returns the faults to inject at a call site.
func (p callSite) faults(g goal) []namedFault {
	if p.method == "*" {
		return outages()
	}
	faults := faultsOf(p.method, p.wide)
	if reads(p.method) && strings.HasSuffix(p.label, "@wait") && (g == goalCreate || g == goalDelete) {
		faults = append(faults, readOutages()...)
	}
	return faults
}
