// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// workers is the number of cells that run at a time. Most cells only wait.
const workers = 16

// TestMatrix injects faults into the calls of each command on each kind of object,
// one fault per cell. After each command these invariants hold:
//
//   - the state or a message names every billed object
//   - the command reports success only if it reached its goal
//   - no healthy object was replaced
//   - the same command without the fault reaches its goal
//
// To run a single cell, give its name:
//
//	go test ./internal/provider -run 'TestMatrix/server/refresh/grid.server.list@first/empty$'
func TestMatrix(t *testing.T) {
	t.Parallel()
	m := &matrix{slots: make(chan struct{}, workers), planned: map[string]int{}}
	var group sync.WaitGroup
	for _, x := range subjects() {
		group.Go(func() { t.Run(x.name, func(t *testing.T) { m.runSubject(t, x) }) })
	}
	group.Wait()
	t.Log(m)
}

// matrix runs cells, at most workers at a time, and counts them.
type matrix struct {
	slots chan struct{} // holds one entry for each running cell

	mu          sync.Mutex
	seen        int // cells that were subject to sampling
	ran, missed int
	planned     map[string]int // number of selected cells by subject and phase
}

// runSubject runs the phases of a subject. It starts the subtests in
// goroutines, because t.Parallel would limit their number to the number of
// processors.
func (m *matrix) runSubject(t *testing.T, x *subject) {
	var group sync.WaitGroup
	for i := range x.phases {
		p := &x.phases[i]
		group.Go(func() { t.Run(p.name, func(t *testing.T) { m.runCells(t, x, p) }) })
	}
	group.Wait()
}

// runCells runs the selected cells of a phase.
func (m *matrix) runCells(t *testing.T, x *subject, p *phase) {
	m.slots <- struct{}{}
	cells := x.cells(t, p)
	<-m.slots
	cells = m.sample(cells)
	m.plan(x.name+"/"+p.name, len(cells))
	var group sync.WaitGroup
	for _, c := range cells {
		m.slots <- struct{}{}
		group.Go(func() {
			defer func() { <-m.slots }()
			t.Run(c.name(), func(t *testing.T) { m.add(c.run(t)) })
		})
	}
	group.Wait()
}

// sample selects the cells to run: one in sampleEvery cells. It selects all cells
// if MATRIX=all is set or -run names cells.
func (m *matrix) sample(cells []*cell) []*cell {
	named := strings.Contains(flag.Lookup("test.run").Value.String(), "TestMatrix/")
	if sampleEvery == 1 || named || os.Getenv("MATRIX") == "all" {
		return cells
	}
	var sampled []*cell
	for _, c := range cells {
		m.mu.Lock()
		if m.seen%sampleEvery == 0 {
			sampled = append(sampled, c)
		}
		m.seen++
		m.mu.Unlock()
	}
	return sampled
}

// plan adds cells to the number of selected cells of a subject and phase.
func (m *matrix) plan(name string, cells int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.planned[name] += cells
}

// add counts a cell that ran. hit reports whether its fault occurred. On a slow
// machine a command makes fewer calls, so the command may end before its fault
// occurs.
func (m *matrix) add(hit bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ran++
	if !hit {
		m.missed++
	}
}

// String reports the counts.
func (m *matrix) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	total, lines := 0, []string{}
	for _, name := range slices.Sorted(maps.Keys(m.planned)) {
		total += m.planned[name]
		lines = append(lines, fmt.Sprintf("%6d %s", m.planned[name], name))
	}
	return fmt.Sprintf("%d cells: kind x phase x method x fault\n%s\n%d of them ran, and %d of those ended before the fault occurred",
		total, strings.Join(lines, "\n"), m.ran, m.missed)
}
