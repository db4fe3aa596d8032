// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"slices"
	"sync"
)

// keyRegistry coordinates the creates, updates and deletes of the same object
// within one process. A key identifies an object on the service, such as the
// path of a file. Two resources have the same key if a resource is renamed in
// the configuration without a moved block, or if a replacement adopts the
// object that it replaces.
//
// Operations on one key run one after the other. A delete that runs after a
// create finds that the key has a holder, and keeps the object. A create that
// runs after a delete creates the object again. An operation waits only for
// operations that are already running, so Terraform may start them in any
// order.
//
// The zero value is ready for use.
type keyRegistry struct {
	mu   sync.Mutex
	keys map[registryKey]*keyEntry
}

type registryKey struct{ kind, key string }

type keyEntry struct {
	turn    chan struct{} // holds a value while an operation runs
	holders []string      // names under which this process has created or updated the object
	leaving int           // deletes that run or wait
	// comes holds the names of objects that a plan creates or keeps, and goes
	// the names of objects that it deletes.
	comes, goes []string
}

// keyTurn is a running operation on a key. The caller must end it with End.
type keyTurn struct {
	registry *keyRegistry
	entry    *keyEntry
	leaving  bool
	once     sync.Once
}

// entryFor returns the entry of a key, and adds an entry if there is none. It
// must be called with mu held.
func (r *keyRegistry) entryFor(kind, key string) *keyEntry {
	at := registryKey{kind, key}
	if r.keys == nil {
		r.keys = map[registryKey]*keyEntry{}
	}
	if r.keys[at] == nil {
		r.keys[at] = &keyEntry{turn: make(chan struct{}, 1)}
	}
	return r.keys[at]
}

// Hold waits until no other operation on a key runs, and begins an operation
// that creates or updates the object. If ctx ends first, Hold returns its
// cause.
func (r *keyRegistry) Hold(ctx context.Context, kind, key string) (*keyTurn, error) {
	return r.begin(ctx, kind, key, false)
}

// Leave is Hold for an operation that deletes the object. The caller must keep the
// object if the turn has holders.
func (r *keyRegistry) Leave(ctx context.Context, kind, key string) (*keyTurn, error) {
	return r.begin(ctx, kind, key, true)
}

func (r *keyRegistry) begin(ctx context.Context, kind, key string, leaving bool) (*keyTurn, error) {
	r.mu.Lock()
	entry := r.entryFor(kind, key)
	if leaving {
		entry.leaving++
	}
	r.mu.Unlock()
	begun := &keyTurn{registry: r, entry: entry, leaving: leaving}
	if ctx.Err() == nil { // checked first, because select chooses at random if both cases are ready
		select {
		case entry.turn <- struct{}{}:
			return begun, nil
		case <-ctx.Done():
		}
	}
	begun.leave()
	return nil, context.Cause(ctx)
}

// Keep records that this process now holds the key, under the given name of the
// object.
func (t *keyTurn) Keep(name string) {
	t.registry.mu.Lock()
	defer t.registry.mu.Unlock()
	if !slices.Contains(t.entry.holders, name) {
		t.entry.holders = append(t.entry.holders, name)
	}
}

// Holders returns the names under which this process holds the key.
func (t *keyTurn) Holders() []string {
	t.registry.mu.Lock()
	defer t.registry.mu.Unlock()
	return slices.Clone(t.entry.holders)
}

// End lets the next operation on the key run. Further calls of End have no
// effect.
func (t *keyTurn) End() {
	t.once.Do(func() {
		t.leave()
		<-t.entry.turn
	})
}

// leave records that a delete has ended, or has stopped waiting because its
// context ended.
func (t *keyTurn) leave() {
	t.registry.mu.Lock()
	defer t.registry.mu.Unlock()
	if t.leaving {
		t.entry.leaving--
	}
}

// Leaving reports whether a delete of a key runs or waits. It does not wait.
func (r *keyRegistry) Leaving(kind, key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := r.keys[registryKey{kind, key}]
	return entry != nil && entry.leaving > 0
}

// Held reports whether this process holds a key. It does not wait.
func (r *keyRegistry) Held(kind, key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := r.keys[registryKey{kind, key}]
	return entry != nil && len(entry.holders) > 0
}

// Goes reports whether the plan deletes the object of a key, or a delete of the
// object runs or waits. Goes itself does not wait.
func (r *keyRegistry) Goes(kind, key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := r.keys[registryKey{kind, key}]
	return entry != nil && (entry.leaving > 0 || len(entry.goes) > 0)
}

// holdersOf returns the names of the objects of a kind that this process holds
// under any key.
func (r *keyRegistry) holdersOf(kind string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for at, entry := range r.keys {
		if at.kind == kind {
			names = append(names, entry.holders...)
		}
	}
	return names
}

// PlanComing records that a plan creates or keeps an object, and reports
// whether the plan also deletes an object of the same name.
func (r *keyRegistry) PlanComing(kind, key, name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := r.entryFor(kind, key)
	entry.comes = append(entry.comes, name)
	return slices.Contains(entry.goes, name)
}

// PlanGoing records that a plan deletes an object, and reports whether the plan
// also creates or keeps an object of the same name.
func (r *keyRegistry) PlanGoing(kind, key, name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := r.entryFor(kind, key)
	entry.goes = append(entry.goes, name)
	return slices.Contains(entry.comes, name)
}
