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

// waitOrphaned returns true once the id of the parent process changes, and
// false when ctx ends. The id changes if Terraform is killed; without this
// check the provider would run forever. On systems that do not give orphans a
// new parent, such as Windows, waitOrphaned always waits until ctx ends.
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
