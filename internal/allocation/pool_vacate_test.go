// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation_test

import (
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
)

// TestVacate checks that the pool gives a vacated address only to a claim that
// names it, because another Terraform state may still hold the address.
func TestVacate(t *testing.T) {
	t.Parallel()
	grid := addresses(2, 3)
	pool := allocation.New(grid)
	pool.Vacate("10.0.0.2")
	if free := pool.Free(grid.ips, allocation.Request{}); free != 1 {
		t.Errorf("got %d free addresses, want 1", free)
	}
	if got := claim(t, pool, allocation.Request{}); got != "10.0.0.3" {
		t.Errorf("Claim = %s, want 10.0.0.3: the lower address may be kept", got)
	}
	if got := claim(t, pool, allocation.Request{Address: "10.0.0.2"}); got != "10.0.0.2" {
		t.Errorf("claim 10.0.0.2: got %s", got)
	}
	pool.Release("10.0.0.2")
	if got := claim(t, pool, allocation.Request{}); got != "10.0.0.2" {
		t.Errorf("after Release Claim = %s, want 10.0.0.2", got)
	}
}
