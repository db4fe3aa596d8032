// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package privateip

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
)

// privateState is an in-memory private state of a claim.
type privateState map[string][]byte

func (n privateState) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return n[key], nil
}

func (n privateState) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	n[key] = value
	return nil
}

// TestLeaseNotes checks that the provider can read lease records of this
// release and of earlier releases.
func TestLeaseNotes(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 25, 10, 0, 0, 123456789, time.UTC)
	kept := privateState{}
	if diags := recordLease(t.Context(), kept, allocation.Lease{Address: "10.110.0.5", Owner: "shop", Since: since}); diags.HasError() {
		t.Fatal(diags)
	}
	for name, c := range map[string]struct {
		text  string
		owner string
		since time.Time
	}{
		"of this release":       {string(kept[leaseKey]), "shop", since},
		"of an earlier release": {`"2026-11-25T10:00:00Z"`, "", since.Truncate(time.Second)},
		"none":                  {"", "", time.Time{}},
		"broken":                {`{"since":5}`, "", time.Time{}},
	} {
		held, diags := recordedLease(t.Context(), privateState{leaseKey: []byte(c.text)})
		if diags.HasError() || held.Owner != c.owner || !held.Since.Equal(c.since) {
			t.Errorf("%s: recordedLease returned %+v and diagnostics %v, want owner %q and time %s", name, held, diags, c.owner, c.since)
		}
	}
	if diags := recordLease(t.Context(), privateState{}, allocation.Lease{}); diags.HasError() {
		t.Error(diags)
	}
}
