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
		t.Error("a process whose parent has gone is no orphan")
	}
	if len(parents) != 0 {
		t.Errorf("it ended with %d looks left: before its parent had gone", len(parents))
	}
}

func TestNotOrphaned(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if waitOrphaned(ctx, func() int { return 100 }, nil) {
		t.Error("a process that ends is an orphan")
	}
}
