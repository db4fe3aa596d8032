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

// workers is how many cells run at a time. Most of them wait.
const workers = 16

// TestMatrix spoils every method that the provider calls, in every way, in
// every phase of the life of each kind of object. After each spoilt command
// there is no billed object that neither the state nor a message names, no
// success was reported for an object that lives, nothing healthy was replaced,
// and the same command without the fault reaches its goal.
//
// A cell runs alone by its name:
//
//	go test ./internal/provider -run 'TestMatrix/server/refresh/grid.server.list@first/empty$'
func TestMatrix(t *testing.T) {
	t.Parallel()
	m := &matrix{free: make(chan struct{}, workers), planned: map[string]int{}}
	var group sync.WaitGroup
	for _, x := range subjects() {
		group.Go(func() { t.Run(x.name, func(t *testing.T) { m.runSubject(t, x) }) })
	}
	group.Wait()
	t.Log(m)
}

// matrix runs cells, a few at a time, and counts them.
type matrix struct {
	free chan struct{} // holds one entry for each cell that runs

	mu          sync.Mutex
	seen        int // cells that may be left out
	ran, missed int
	planned     map[string]int // cells by subject and phase
}

// runSubject runs the phases of a subject. The subtests of a matrix are started
// by goroutines and not by t.Parallel, which would run as many at a time as
// there are processors.
func (m *matrix) runSubject(t *testing.T, x *subject) {
	var group sync.WaitGroup
	for i := range x.phases {
		p := &x.phases[i]
		group.Go(func() { t.Run(p.name, func(t *testing.T) { m.runCells(t, x, p) }) })
	}
	group.Wait()
}

func (m *matrix) runCells(t *testing.T, x *subject, p *phase) {
	m.free <- struct{}{}
	cells := x.cells(t, p)
	<-m.free
	cells = m.sample(cells)
	m.plan(x.name+"/"+p.name, len(cells))
	var group sync.WaitGroup
	for _, c := range cells {
		m.free <- struct{}{}
		group.Go(func() {
			defer func() { <-m.free }()
			t.Run(c.name(), func(t *testing.T) { m.add(c.run(t)) })
		})
	}
	group.Wait()
}

// sample returns the cells that run: all of them, or one in so many under the
// race detector unless MATRIX=all is set or cells are named by -run.
func (m *matrix) sample(cells []*cell) []*cell {
	named := strings.Contains(flag.Lookup("test.run").Value.String(), "TestMatrix/")
	if oneIn == 1 || named || os.Getenv("MATRIX") == "all" {
		return cells
	}
	var some []*cell
	for _, c := range cells {
		m.mu.Lock()
		if m.seen%oneIn == 0 {
			some = append(some, c)
		}
		m.seen++
		m.mu.Unlock()
	}
	return some
}

// plan counts cells that may run.
func (m *matrix) plan(of string, cells int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.planned[of] += cells
}

// add counts a cell that ran. On a slow machine a command makes fewer calls, so
// its fault may come too late.
func (m *matrix) add(met bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ran++
	if !met {
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
	return fmt.Sprintf("%d cells: kind x phase x method x fault\n%s\n%d of them ran, and in %d of these the fault came too late for the command",
		total, strings.Join(lines, "\n"), m.ran, m.missed)
}
