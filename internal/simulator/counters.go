// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"maps"
	"sync"
)

// counters counts authenticated calls of known methods, and the bytes of the
// responses.
type counters struct {
	mu    sync.Mutex
	calls map[string]int
	bytes map[string]int
}

type counts struct {
	Calls map[string]int `json:"calls"`
	Bytes map[string]int `json:"bytes"`
}

func newCounters() *counters {
	return &counters{calls: make(map[string]int), bytes: make(map[string]int)}
}

func (c *counters) count(method string, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[method]++
	c.bytes[method] += bytes
}

func (c *counters) snapshot() counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return counts{Calls: maps.Clone(c.calls), Bytes: maps.Clone(c.bytes)}
}

func (c *counters) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.calls)
	clear(c.bytes)
}
