// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"time"
)

// parentCheckInterval is how often the provider looks whether Terraform is still there.
const parentCheckInterval = 2 * time.Second

// waitOrphaned waits until the process has another parent than it began with and
// returns true then: the engine that started it is gone without having said
// so, killed for instance, and nobody would ever end this process. It returns
// false when the context ends. Where the system does not hand orphans to
// another parent, as on Windows, it waits for the context alone.
func waitOrphaned(ctx context.Context, parent func() int, tick <-chan time.Time) bool {
	first := parent()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick:
			if parent() != first {
				return true
			}
		}
	}
}
