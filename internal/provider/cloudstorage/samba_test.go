// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package cloudstorage_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// smbStorage returns a provider block for a share on Samba.
func smbStorage(server *storagetest.Samba) acctest.Attributes {
	return acctest.Attributes{"cloud_storage": acctest.Attributes{
		"protocol": "smb", "host": server.Host, "port": server.Port, "share": storagetest.Username,
		"username": storagetest.Username, "password": storagetest.Password,
	}}
}

// TestTakenOverOnAShareThatIgnoresCase replaces a file under a path that differs only
// by case, which is the same file for Samba. The file must stay, in either order of the
// operations.
func TestTakenOverOnAShareThatIgnoresCase(t *testing.T) {
	t.Parallel()
	server := storagetest.StartSamba(t, "")
	for name, paths := range map[string][2]string{
		"file":    {"a/App.zip", "a/app.zip"},
		"folder":  {"Releases/app.zip", "releases/app.zip"},
		"both":    {"B/2026/App.zip", "b/2026/aPP.ZIP"},
		"accents": {"c/\u00c9t\u00e9.zip", "c/\u00e9t\u00e9.zip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			configAt := func(at string) acctest.Attributes { return acctest.Attributes{"path": at, "content": "one"} }
			old := providertest.Create(t, grid.Session(t, smbStorage(server)), providertest.ObjectType, configAt(paths[0]))
			s := grid.Session(t, smbStorage(server))
			made := providertest.Create(t, s, providertest.ObjectType, configAt(paths[1]))
			_, diagnostics := s.Apply(t.Context(), s.Plan(old, nil))
			diagnostics.WantWarning(t, "-", "Kept ", "Another resource", paths[1])
			if text, err := os.ReadFile(filepath.Join(server.Dir, filepath.FromSlash(paths[0]))); err != nil || string(text) != "one" {
				t.Errorf("the file holds %q (%v)", text, err)
			}
			s = grid.Session(t, smbStorage(server))
			read, diagnostics := s.Read(made)
			diagnostics.WantNone(t)
			if !read.Exists() {
				t.Error("the object is no longer in the state")
			}
			// In the other order, the create uploads the file again.
			providertest.Destroy(t, s, read)
			providertest.Create(t, s, providertest.ObjectType, configAt(paths[0]))
			// A file with another name must not be mistaken for this file.
			other := providertest.Create(t, grid.Session(t, smbStorage(server)), providertest.ObjectType, acctest.Attributes{"path": paths[0] + ".2", "content": "one"})
			providertest.Destroy(t, s, other)
		})
	}
}

// TestLeasesOverSMB checks on Samba that a claim takes over a lease, and that
// the destroy of the claim releases the lease.
func TestLeasesOverSMB(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.StartSamba(t, "")
	m := grid.Manage(t, "gogrid_private_ip", smbStorage(server), acctest.Attributes{"deployment": "shop"})
	m.Apply(acctest.Attributes{"address": "10.110.0.5"}).WantNone(t)
	left := grid.Manage(t, "gogrid_private_ip", smbStorage(server), acctest.Attributes{"deployment": "shop"})
	left.Apply(acctest.Attributes{"address": "10.110.0.5"}).WantWarning(t, "-", "Took over the lease of 10.110.0.5")
	left.Destroy().WantNone(t)
	if found, err := filepath.Glob(filepath.Join(server.Dir, "leases", "private-ip", "*")); err != nil || len(found) > 0 {
		t.Errorf("the leases after the destroy are %v (%v)", found, err)
	}
}
