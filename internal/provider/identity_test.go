// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestIdentity checks the identity of each kind of object, and that the
// identity imports the object. An identity contains only attributes that never
// change.
func TestIdentity(t *testing.T) {
	t.Parallel()
	grid, ids := providertest.PopulatedGrid(t)
	for typeName, identity := range map[string]acctest.Attributes{
		"gogrid_server":      {"public_ip": "127.20.0.3"},
		"gogrid_sandbox":     {"public_ip": "127.20.0.2"},
		"gogrid_mygsi_image": {"id": ids["gogrid_mygsi_image"]},
		"gogrid_private_ip":  {"address": "10.110.0.3"},
	} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t)
			byID, diagnostics := s.Import(typeName, ids[typeName])
			diagnostics.WantNone(t)
			if got := s.Identity(byID); !cmp.Equal(got, identity) {
				t.Errorf("after an import by id the identity is %v, want %v", got, identity)
			}
			s = grid.Session(t) // a new process, because a process refreshes an object only once
			byIdentity, diagnostics := s.ImportByIdentity(typeName, identity)
			diagnostics.WantNone(t)
			if byIdentity.Get("id") != ids[typeName] {
				t.Errorf("the import by identity returned the object with id %v, want %s", byIdentity.Get("id"), ids[typeName])
			}
			if got := s.Identity(byIdentity); !cmp.Equal(got, identity) {
				t.Errorf("after an import by identity the identity is %v, want %v", got, identity)
			}
		})
	}
}

// TestIdentityOfCreated checks the identity after a create, an update and a
// refresh.
func TestIdentityOfCreated(t *testing.T) {
	t.Parallel()
	for typeName, tc := range map[string]struct {
		config, change acctest.Attributes
		attribute      string
	}{
		"gogrid_server":     {providertest.Web1(), acctest.Attributes{"ram": "2GB"}, "public_ip"},
		"gogrid_sandbox":    {acctest.Attributes{"name": "golden", "image": "12834"}, acctest.Attributes{"description": "second"}, "public_ip"},
		"gogrid_private_ip": {acctest.Attributes{}, acctest.Attributes{"label": "database"}, "address"},
	} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			s := grid.Session(t)
			object := providertest.Create(t, s, typeName, tc.config)
			want := acctest.Attributes{tc.attribute: object.Get(tc.attribute)}
			updated, diagnostics := s.Apply(t.Context(), s.Plan(object, tc.config.With(tc.change)))
			diagnostics.WantNone(t)
			read, diagnostics := s.Read(updated)
			diagnostics.WantNone(t)
			for when, o := range map[string]acctest.Object{"create": object, "update": updated, "refresh": read} {
				if got := s.Identity(o); !cmp.Equal(got, want) {
					t.Errorf("after the %s the identity is %v, want %v", when, got, want)
				}
			}
		})
	}
	t.Run("gogrid_mygsi_image", func(t *testing.T) {
		t.Parallel()
		grid, ids := providertest.PopulatedGrid(t)
		s := grid.Session(t)
		image := providertest.Create(t, s, "gogrid_mygsi_image", acctest.Attributes{"friendly_name": "golden 2", "sandbox_id": ids["gogrid_sandbox"]})
		if got := s.Identity(image); !cmp.Equal(got, acctest.Attributes{"id": image.Get("id")}) {
			t.Errorf("the identity is %v, want id %v", got, image.Get("id"))
		}
	})
}

// TestIdentityOfInterrupted checks that the address identifies a server whose
// create was interrupted before the server had an id.
func TestIdentityOfInterrupted(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	object := interrupt(t, grid, "grid.job.list", "gogrid_server", providertest.Web1())
	s := grid.Session(t)
	want := acctest.Attributes{"public_ip": "127.20.0.2"}
	if got := s.Identity(object); !cmp.Equal(got, want) {
		t.Errorf("the identity is %v, want %v", got, want)
	}
	imported, diagnostics := s.ImportByIdentity("gogrid_server", want)
	diagnostics.WantNone(t)
	if imported.Get("name") != "web1" {
		t.Errorf("the import by identity returned server %v, want web1", imported.Get("name"))
	}
}

// TestOldStateWithoutIdentity refreshes a state written by Terraform before
// 1.12, which holds no identities. The refresh adds the identities, and removes
// a deleted server from the state.
func TestOldStateWithoutIdentity(t *testing.T) {
	t.Parallel()
	grid, ids := providertest.PopulatedGrid(t)
	for _, typeName := range []string{"gogrid_server", "gogrid_sandbox", "gogrid_mygsi_image", "gogrid_private_ip"} {
		object, diagnostics := grid.Session(t).Import(typeName, ids[typeName])
		diagnostics.WantNone(t)
		s := grid.Session(t) // a new process, because a process refreshes an object only once
		read, diagnostics := s.Read(object.WithoutIdentity())
		diagnostics.WantNone(t)
		if s.Identity(read) == nil {
			t.Errorf("%s has no identity", typeName)
		}
	}
	s := grid.Session(t)
	gone, _ := s.Import("gogrid_server", ids["gogrid_server"])
	grid.OutsideDone(t, "grid.server.delete", "id", ids["gogrid_server"])
	gone, diagnostics := grid.Session(t).Read(gone.WithoutIdentity())
	diagnostics.WantNone(t)
	if gone.Exists() {
		t.Error("the state still has the deleted server")
	}
}

// TestAccServer_identity checks the identity of a server with the real Terraform,
// which supports identities since 1.12.
func TestAccServer_identity(t *testing.T) {
	grid := acctest.NewGrid(t)
	const address = "gogrid_server.web"
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: grid.Providers(),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		CheckDestroy:             providertest.NothingLeft(grid),
		Steps: []resource.TestStep{
			{
				Config: providertest.ServerBlock(fmt.Sprintf("name = %q\nimage = %q\nram = %q", "web1", "centos6.2_64_base", "1GB")),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"public_ip": knownvalue.StringExact("127.20.0.2")}),
				},
			},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}
