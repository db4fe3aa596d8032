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
	// patience bounds the wait for anything; only a test that fails waits so long.
	patience = 5 * time.Minute
	// glance is how often a test looks whether something has happened.
	glance = 15 * time.Millisecond
)

// await waits until something can be observed.
func await(t testing.TB, what string, observed func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for !observed() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("waited %s in vain for %s", patience, what)
		}
	}
}
