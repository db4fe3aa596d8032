// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// Spoil adds a fault rule that applies from the next call on.
func (g *Grid) Spoil(t *testing.T, rule simulator.Fault) {
	t.Helper()
	if err := g.AddFaults(rule); err != nil {
		t.Fatal(err)
	}
}

// ClearFaults removes all fault rules and reports how many of them were left.
func (g *Grid) ClearFaults(t *testing.T) int {
	t.Helper()
	var left []simulator.Fault
	listed := httptest.NewRecorder()
	g.ServeHTTP(listed, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/admin/faults", nil))
	if err := json.Unmarshal(listed.Body.Bytes(), &left); err != nil {
		t.Fatalf("read the fault rules: %v", err)
	}
	cleared := httptest.NewRecorder()
	g.ServeHTTP(cleared, httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "http://localhost/admin/faults", nil))
	if cleared.Code != http.StatusOK {
		t.Fatalf("clear the fault rules: status %d: %s", cleared.Code, cleared.Body)
	}
	return len(left)
}

// LimitsByCalls makes the time limits of all providers that are configured
// later expire after every given number of API calls. An endless wait thus ends
// after the same number of polls on every machine. A wait that makes no calls
// ends after two hours on the provider's clock.
func (g *Grid) LimitsByCalls(t *testing.T, calls int) {
	t.Helper()
	const silent = 2 * time.Hour
	over := g.LimitsByHand()
	var (
		mu   sync.Mutex
		made int
	)
	timer := g.clock.AfterFunc(silent, over)
	t.Cleanup(func() { timer.Stop() })
	g.onCall(func(string) {
		mu.Lock()
		defer mu.Unlock()
		if made++; made%calls == 0 {
			over()
		}
	})
}

// Sequence records the names of methods that are called from now on. The
// returned function returns the names recorded so far, in call order.
func (g *Grid) Sequence() func() []string {
	var (
		mu   sync.Mutex
		made []string
	)
	g.onCall(func(path string) {
		mu.Lock()
		defer mu.Unlock()
		made = append(made, strings.ReplaceAll(strings.TrimPrefix(path, "/api/"), "/", "."))
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(made)
	}
}

// onCall registers a function that is called with the path of each call. It
// replaces any function registered before.
func (g *Grid) onCall(do func(path string)) {
	g.calls.mu.Lock()
	defer g.calls.mu.Unlock()
	g.calls.counted = do
}

// Fields calls a list method and returns the paths of all members in its rows,
// such as ip.state.name. The pairs are parameter names and values.
func (g *Grid) Fields(t *testing.T, method string, pairs ...string) []string {
	t.Helper()
	var answer struct {
		List []map[string]any `json:"list"`
	}
	decoder := json.NewDecoder(bytes.NewReader(g.outside(t, method, pairs...)))
	if err := decoder.Decode(&answer); err != nil {
		t.Fatalf("%s from outside: %v", method, err)
	}
	found := map[string]bool{}
	for _, row := range answer.List {
		addFields(found, "", row)
	}
	return slices.Sorted(maps.Keys(found))
}

func addFields(found map[string]bool, under string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			at := strings.TrimPrefix(under+"."+name, ".")
			found[at] = true
			addFields(found, at, member)
		}
	case []any:
		for _, item := range v {
			addFields(found, under, item)
		}
	}
}
