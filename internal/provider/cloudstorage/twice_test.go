// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage_test

import (
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// TestTwoObjectsWithOnePath checks that a plan rejects two resources that have
// the same file on Cloud Storage, and names both. It also checks that the two
// plans of one replaced resource are accepted.
func TestTwoObjectsWithOnePath(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	block := providertest.CloudStorage(server)
	digest := strings.Repeat("a", 64)
	first := acctest.Attributes{"path": "site/index.html", "content": "first"}
	second := acctest.Attributes{"path": "Site/Index.html", "source": "app/index.html", "sha256": digest}

	// Two new resources.
	s := grid.Session(t, block)
	s.Plan(s.Absent(providertest.ObjectType), first).Diagnostics.WantNone(t)
	s.Plan(s.Absent(providertest.ObjectType), second).Diagnostics.
		WantError(t, "path", "Two resources have the file", "content of 5 bytes", `source "app/index.html"`, `is written "site/index.html"`)

	// Two new channels.
	channel := acctest.Attributes{"name": "blue", "release": "r1", "archive": "a.zip", "sha256": digest}
	s = grid.Session(t, block)
	plan := s.Plan(s.Absent("gogrid_storage_channel"), channel)
	if strings.Contains(plan.Diagnostics.String(), "Two resources") {
		t.Errorf("the plan rejects the first channel: %s", plan.Diagnostics)
	}
	plan = s.Plan(s.Absent("gogrid_storage_channel"), channel.With(acctest.Attributes{"release": "r2"}))
	if text := plan.Diagnostics.String(); !strings.Contains(text, `the release "r1", the other one is the gogrid_storage_channel "blue" with the release "r2"`) {
		t.Errorf("the second channel has the diagnostics %s, want an error that names both", text)
	}

	// An existing resource and a new one.
	existing := providertest.Create(t, grid.Session(t, block), providertest.ObjectType, first)
	s = grid.Session(t, block)
	s.Plan(existing, first).Diagnostics.WantNone(t)
	s.Plan(s.Absent(providertest.ObjectType), second.With(acctest.Attributes{"path": "site/index.html"})).Diagnostics.
		WantError(t, "path", "Two resources have the file")

	// For a resource that -replace names, Terraform plans an existing object
	// first and then a new object.
	s = grid.Session(t, block)
	changed := first.With(acctest.Attributes{"content": "changed"})
	for _, prior := range []acctest.Object{existing, s.Absent(providertest.ObjectType)} {
		if plan := s.Plan(prior, changed); strings.Contains(plan.Diagnostics.String(), "Two resources") {
			t.Errorf("the plan rejects a replacement: %s", plan.Diagnostics)
		}
	}
}
