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
	// waitTimeout bounds the wait for anything; only a test that fails waits so long.
	waitTimeout = 5 * time.Minute
	// pollPause is how often a test looks whether something has happened.
	pollPause = 15 * time.Millisecond
)

// waitFor waits until something can be observed.
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
			t.Fatalf("waited %s in vain for %s", waitTimeout, what)
		}
	}
}
