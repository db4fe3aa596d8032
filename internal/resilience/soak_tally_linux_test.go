// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package resilience

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// soakTally counts the operations of a soak test.
type soakTally struct {
	mu         sync.Mutex
	iterations int
	failed     []uint64 // seeds
	applies    int
	sweeps     int
	tooLate    int // kills that did not happen because the command ended first
	kills      map[soakVictim]int
}

func (t *soakTally) change(count func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	count()
}

func (t *soakTally) applied() { t.change(func() { t.applies++ }) }
func (t *soakTally) swept()   { t.change(func() { t.sweeps++ }) }
func (t *soakTally) missed()  { t.change(func() { t.tooLate++ }) }

func (t *soakTally) killed(victim soakVictim) {
	t.change(func() {
		if t.kills == nil {
			t.kills = map[soakVictim]int{}
		}
		t.kills[victim]++
	})
}

func (t *soakTally) end(number uint64, failed bool) {
	t.change(func() {
		t.iterations++
		if failed {
			t.failed = append(t.failed, number)
		}
	})
}

// summary returns a one-line report of all iterations.
func (t *soakTally) summary() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var kills []string
	for _, victim := range slices.Sorted(maps.Keys(t.kills)) {
		kills = append(kills, fmt.Sprintf("%s %d", victim, t.kills[victim]))
	}
	failures := fmt.Sprint(len(t.failed), " failures")
	if len(t.failed) > 0 {
		slices.Sort(t.failed)
		failures += fmt.Sprint(", seeds ", t.failed)
	}
	return fmt.Sprintf("soak: %d iterations from seed %d; kills: %s (%d too late); %d applies and destroys; %d sweeps; %s",
		t.iterations, *seed, strings.Join(kills, "; "), t.tooLate, t.applies, t.sweeps, failures)
}
