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

// notes is the private state of a claim.
type notes map[string][]byte

func (n notes) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) { return n[key], nil }

func (n notes) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	n[key] = value
	return nil
}

// TestLeaseNotes: a note of this release or an earlier one is read as it was
// written.
func TestLeaseNotes(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 25, 10, 0, 0, 123456789, time.UTC)
	kept := notes{}
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
		held, diags := recordedLease(t.Context(), notes{leaseKey: []byte(c.text)})
		if diags.HasError() || held.Owner != c.owner || !held.Since.Equal(c.since) {
			t.Errorf("%s: %+v, %v", name, held, diags)
		}
	}
	if diags := recordLease(t.Context(), notes{}, allocation.Lease{}); diags.HasError() {
		t.Error(diags)
	}
}
