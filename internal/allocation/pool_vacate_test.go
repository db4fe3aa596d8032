// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation_test

import (
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
)

// TestVacate: the private address of a server that is gone may still be kept
// for its successor, so nobody else gets it by chance.
func TestVacate(t *testing.T) {
	t.Parallel()
	grid := addresses(2, 3)
	pool := allocation.New(grid)
	pool.Vacate("10.0.0.2")
	if free := pool.Free(grid.ips, allocation.Request{}); free != 1 {
		t.Errorf("%d addresses count as free, want 1", free)
	}
	if got := claim(t, pool, allocation.Request{}); got != "10.0.0.3" {
		t.Errorf("the lowest is %s, want the one that nobody keeps", got)
	}
	if got := claim(t, pool, allocation.Request{Address: "10.0.0.2"}); got != "10.0.0.2" {
		t.Errorf("asked for 10.0.0.2, got %s", got)
	}
	pool.Release("10.0.0.2")
	if got := claim(t, pool, allocation.Request{}); got != "10.0.0.2" {
		t.Errorf("after the release the lowest is %s", got)
	}
}
