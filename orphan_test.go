// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"testing"
	"time"
)

func TestOrphaned(t *testing.T) {
	t.Parallel()
	parents := []int{100, 100, 1}
	parent := func() int {
		parent := parents[0]
		parents = parents[1:]
		return parent
	}
	tick := make(chan time.Time, 2)
	tick <- time.Time{}
	tick <- time.Time{}
	if !waitOrphaned(t.Context(), parent, tick) {
		t.Error("got false after the parent had changed, want true")
	}
	if len(parents) != 0 {
		t.Errorf("returned %d checks before the parent changed", len(parents))
	}
}

func TestNotOrphaned(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if waitOrphaned(ctx, func() int { return 100 }, nil) {
		t.Error("got true after the context had ended, want false")
	}
}
