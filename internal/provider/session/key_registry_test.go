// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// TestKeyRegistry: if a create has run, the object exists at the end, in
// whatever order the creates and deletes of its key run.
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
				turn, err := registry.Hold(t.Context(), "file", "a")
				if err != nil {
					t.Error(err)
					return
				}
				defer turn.End()
				exists = true
				turn.Keep("a")
			},
			func() {
				turn, err := registry.Leave(t.Context(), "file", "a")
				if err != nil {
					t.Error(err)
					return
				}
				defer turn.End()
				if len(turn.Holders()) == 0 {
					exists = false
				}
			},
			func() {
				turn, err := registry.Hold(t.Context(), "file", "a") // a create that fails
				if err != nil {
					t.Error(err)
					return
				}
				turn.End()
				turn.End()
			},
		}
		rand.Shuffle(len(operations), func(i, j int) { operations[i], operations[j] = operations[j], operations[i] })
		for _, operation := range operations {
			group.Go(operation)
		}
		group.Wait()
		if !exists || !registry.Held("file", "a") || registry.Leaving("file", "a") {
			t.Fatalf("exists: %t, held: %t, leaving: %t", exists, registry.Held("file", "a"), registry.Leaving("file", "a"))
		}
	}
}

// TestKeyRegistryContexts: a waiting operation ends when its context ends, and
// the registry then holds no record of the operation.
func TestKeyRegistryContexts(t *testing.T) {
	t.Parallel()
	var registry keyRegistry
	running, err := registry.Leave(t.Context(), "image", "7")
	if err != nil {
		t.Fatal(err)
	}
	if !registry.Leaving("image", "7") || registry.Leaving("image", "8") || registry.Leaving("file", "7") {
		t.Error("Leaving does not report exactly the key whose delete runs")
	}
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error, 2)
	go func() { _, err := registry.Hold(ctx, "image", "7"); ended <- err }()
	go func() { _, err := registry.Leave(ctx, "image", "7"); ended <- err }()
	if other, err := registry.Hold(t.Context(), "image", "8"); err != nil {
		t.Error(err)
	} else {
		other.Keep("8")
		other.End()
	}
	cancel(cause)
	for range 2 {
		if err := <-ended; !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
	}
	running.End()
	if registry.Leaving("image", "7") || registry.Held("image", "7") {
		t.Error("the registry still records operations that have ended")
	}
	if got := registry.holdersOf("image"); !slices.Equal(got, []string{"8"}) {
		t.Errorf("holders of images are %v, want only 8", got)
	}
	next, err := registry.Hold(t.Context(), "image", "7")
	if err != nil {
		t.Fatal(err)
	}
	next.End()
}

// TestKeyRegistryPlans: if a plan deletes and creates objects of the same name,
// PlanComing or PlanGoing, whichever is called second, reports it.
func TestKeyRegistryPlans(t *testing.T) {
	t.Parallel()
	var registry keyRegistry
	if registry.PlanComing("file", "a", "A") || registry.PlanGoing("file", "a", "a") || !registry.PlanComing("file", "a", "a") || !registry.PlanGoing("file", "a", "A") {
		t.Error("the registry does not report a name that is both created and deleted")
	}
	if registry.PlanGoing("file", "b", "b") || registry.PlanGoing("image", "a", "a") {
		t.Error("the registry mixes up the plans of different keys")
	}
}
