// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestRenamedImageStaysUsable renames an image in the configuration without a
// moved block. One process then creates the new resource and deletes the old
// resource, in either order or concurrently. The image in the state must never
// be in the trash.
func TestRenamedImageStaysUsable(t *testing.T) {
	t.Parallel()
	for kind, config := range map[string]acctest.Attributes{"built": providertest.BuiltImage(), "of a sandbox": {"friendly_name": "golden"}} {
		for _, order := range []string{"create first", "delete first", "create during delete", "at once", "at once 2", "at once 3", "at once 4"} {
			t.Run(kind+"/"+order, func(t *testing.T) {
				t.Parallel()
				grid, config := acctest.NewQuickGrid(t), config
				if kind != "built" {
					grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "12834", "isSandbox", "true", "ip", grid.Address(t, true, "US-West-1", 9))
					config = config.With(acctest.Attributes{"sandbox_id": grid.ServerID(t, "golden")})
				}
				old := grid.Manage(t, providertest.ImageType, providertest.Deployment())
				old.Apply(config).WantNone(t)
				server := grid.Manage(t, "gogrid_server", providertest.Deployment())
				server.Apply(providertest.Web1().With(acctest.Attributes{"image": old.Get("id")})).WantOK(t)

				s := grid.Session(t, providertest.Deployment())
				creation, deletion := s.Plan(s.Absent(providertest.ImageType), config), s.Plan(old.Object, nil)
				var renamed, left acctest.Object
				var made, deleted acctest.Diagnostics
				create := func() { renamed, made = s.Apply(t.Context(), creation) }
				remove := func() { left, deleted = s.Apply(t.Context(), deletion) }
				switch order {
				case "create first":
					create()
					remove()
				case "delete first":
					remove()
					create()
				case "create during delete":
					var group sync.WaitGroup
					grid.After("grid.image.delete", func() { group.Go(create) })
					remove()
					group.Wait()
				default:
					var group sync.WaitGroup
					group.Go(create)
					group.Go(remove)
					group.Wait()
				}
				made.WantOK(t)
				deleted.WantOK(t)
				if left.Exists() || !renamed.Exists() {
					t.Fatalf("the state has the old image: %t, want false; the new image: %t, want true", left.Exists(), renamed.Exists())
				}
				images := grid.Images()
				if len(images) != 1 || fmt.Sprint(images[0].ID) != renamed.Get("id") || images[0].State != "Available" {
					t.Errorf("the state has %v, and the grid has %+v", renamed.Get("id"), images)
				}
				providertest.WantNoOp(t, grid, renamed, config)
				read, diagnostics := grid.Session(t, providertest.Deployment()).Read(server.Object)
				diagnostics.WantOK(t)
				if !read.Exists() {
					t.Error("the server made from the image is gone")
				}
				later := grid.Session(t, providertest.Deployment())
				_, diagnostics = later.Apply(t.Context(), later.Plan(renamed, nil))
				diagnostics.WantOK(t)
				if images := grid.Images(); len(images) > 0 {
					t.Errorf("a later destroy leaves %+v", images)
				}
			})
		}
	}
}
