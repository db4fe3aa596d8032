// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"time"
)

// parentCheckInterval is the interval at which the provider checks that Terraform
// still runs.
const parentCheckInterval = 2 * time.Second

// waitOrphaned waits until the id of the parent process changes, and returns true
// then. This happens if Terraform was killed; without this check the provider
// would run forever. waitOrphaned returns false when ctx ends. On systems that do
// not give orphans another parent, such as Windows, it always waits for ctx.
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
