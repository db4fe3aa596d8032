// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// callWatch is a handler in front of a grid that runs functions of a test
// before or after certain calls.
type callWatch struct {
	next http.Handler

	mu     sync.Mutex
	before []*occasion
	after  []*occasion
	seen   func(*http.Request) // nil until a test inspects the calls

	counted func(path string) // nil until a test counts the calls
}

// occasion is a function that runs at the next call of a method.
type occasion struct {
	path string
	do   func()
}

// ServeHTTP passes a call to the grid and runs the registered functions before
// and after it.
func (c *callWatch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.count(r.URL.Path)
	c.show(r)
	c.act(&c.before, r.URL.Path)
	defer c.act(&c.after, r.URL.Path)
	c.next.ServeHTTP(w, r)
}

// count passes the path of a call to the test's function, if there is one.
func (c *callWatch) count(path string) {
	c.mu.Lock()
	counted := c.counted
	c.mu.Unlock()
	if counted != nil {
		counted(path)
	}
}

// show passes a call to the test's function, if there is one, and then restores
// the request body for the grid.
func (c *callWatch) show(r *http.Request) {
	c.mu.Lock()
	seen := c.seen
	c.mu.Unlock()
	if seen == nil {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has disconnected; the grid gets the same read error
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	seen(r)
	r.Body = io.NopCloser(bytes.NewReader(body))
}

func (c *callWatch) act(occasions *[]*occasion, path string) {
	c.mu.Lock()
	var due func()
	for i, o := range *occasions {
		if o.path == path {
			due = o.do
			*occasions = append((*occasions)[:i:i], (*occasions)[i+1:]...)
			break
		}
	}
	c.mu.Unlock()
	if due != nil {
		due()
	}
}

func (c *callWatch) add(occasions *[]*occasion, method string, do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*occasions = append(*occasions, &occasion{path: "/api/" + strings.ReplaceAll(method, ".", "/"), do: do})
}

// Before runs a function once, when the next call of a method arrives and
// before it takes effect.
func (g *Grid) Before(method string, do func()) { g.calls.add(&g.calls.before, method, do) }

// After runs a function once, after the next call of a method has taken effect.
func (g *Grid) After(method string, do func()) { g.calls.add(&g.calls.after, method, do) }

// Signatures starts to collect the signatures of all calls. The returned
// function returns the signatures collected so far.
func (g *Grid) Signatures() func() []string {
	var (
		mu    sync.Mutex
		found []string
	)
	g.calls.mu.Lock()
	defer g.calls.mu.Unlock()
	g.calls.seen = func(r *http.Request) {
		if r.ParseForm() == nil {
			mu.Lock()
			defer mu.Unlock()
			found = append(found, r.Form.Get("sig"))
			r.Form, r.PostForm = nil, nil
		}
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(found)
	}
}

// changing returns the methods that change a grid.
func changing() []string {
	return []string{
		"grid.server.add", "grid.server.edit", "grid.server.power", "grid.server.delete",
		"grid.image.save", "grid.image.edit", "grid.image.delete", "grid.image.restore",
	}
}

// Changes returns the number of calls of changing methods since the start or the
// last reset of the counters.
func (g *Grid) Changes() int {
	counters := g.Counters()
	changes := 0
	for _, method := range changing() {
		changes += counters[method]
	}
	return changes
}

// TotalCalls returns the number of calls since the start or the last reset of
// the counters.
func (g *Grid) TotalCalls() int {
	total := 0
	for _, count := range g.Counters() {
		total += count
	}
	return total
}

// WantCalls checks how often a method was called since the start or the last
// reset of the counters.
func (g *Grid) WantCalls(t *testing.T, method string, want int) {
	t.Helper()
	if got := g.Counters()[method]; got != want {
		t.Errorf("%s was called %d times, want %d", method, got, want)
	}
}
