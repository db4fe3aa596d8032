// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// TestKeyRegistry: in whichever order creates and deletes of one key run, the
// object is there once a create has run.
func TestKeyRegistry(t *testing.T) {
	t.Parallel()
	for range 200 {
		var (
			registry keyRegistry
			group    sync.WaitGroup
			exists   = true // guarded by the turns
		)
		operations := []func(){
			func() {
				turn, err := registry.hold(t.Context(), "file", "a")
				if err != nil {
					t.Error(err)
					return
				}
				defer turn.end()
				exists = true
				turn.keep("a")
			},
			func() {
				turn, err := registry.leave(t.Context(), "file", "a")
				if err != nil {
					t.Error(err)
					return
				}
				defer turn.end()
				if len(turn.holders()) == 0 {
					exists = false
				}
			},
			func() {
				turn, err := registry.hold(t.Context(), "file", "a") // which fails
				if err != nil {
					t.Error(err)
					return
				}
				turn.end()
				turn.end()
			},
		}
		rand.Shuffle(len(operations), func(i, j int) { operations[i], operations[j] = operations[j], operations[i] })
		for _, operation := range operations {
			group.Go(operation)
		}
		group.Wait()
		if !exists || !registry.held("file", "a") || registry.leaving("file", "a") {
			t.Fatalf("exists: %t, held: %t, leaving: %t", exists, registry.held("file", "a"), registry.leaving("file", "a"))
		}
	}
}

// TestKeyRegistryContexts: an operation that waits ends with its context, and
// the registry keeps no trace of it.
func TestKeyRegistryContexts(t *testing.T) {
	t.Parallel()
	var registry keyRegistry
	running, err := registry.leave(t.Context(), "image", "7")
	if err != nil {
		t.Fatal(err)
	}
	if !registry.leaving("image", "7") || registry.leaving("image", "8") || registry.leaving("file", "7") {
		t.Error("a delete that runs is not told from others")
	}
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error, 2)
	go func() { _, err := registry.hold(ctx, "image", "7"); ended <- err }()
	go func() { _, err := registry.leave(ctx, "image", "7"); ended <- err }()
	if other, err := registry.hold(t.Context(), "image", "8"); err != nil {
		t.Error(err)
	} else {
		other.keep("8")
		other.end()
	}
	cancel(cause)
	for range 2 {
		if err := <-ended; !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
	}
	running.end()
	if registry.leaving("image", "7") || registry.held("image", "7") {
		t.Error("something is left of operations that have ended")
	}
	if got := registry.holdersOf("image"); !slices.Equal(got, []string{"8"}) {
		t.Errorf("holders are %v", got)
	}
	next, err := registry.hold(t.Context(), "image", "7")
	if err != nil {
		t.Fatal(err)
	}
	next.end()
}

// TestKeyRegistryPlans: both the delete and the create of one name report that
// a plan does both.
func TestKeyRegistryPlans(t *testing.T) {
	t.Parallel()
	var registry keyRegistry
	if registry.planComing("file", "a", "A") || registry.planGoing("file", "a", "a") || !registry.planComing("file", "a", "a") || !registry.planGoing("file", "a", "A") {
		t.Error("the plan is not seen as it is")
	}
	if registry.planGoing("file", "b", "b") || registry.planGoing("image", "a", "a") {
		t.Error("other keys are mixed up")
	}
}
