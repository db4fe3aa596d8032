// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"context"
	"testing"
	"time"
)

const (
	// waitTimeout limits every wait. Only a failing test reaches the limit.
	waitTimeout = 5 * time.Minute
	// pollPause is the interval between checks of a wait.
	pollPause = 15 * time.Millisecond
)

// waitFor polls until observed returns true.
func waitFor(t testing.TB, what string, observed func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	ticker := time.NewTicker(pollPause)
	defer ticker.Stop()
	for !observed() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("timed out after %s waiting for %s", waitTimeout, what)
		}
	}
}
