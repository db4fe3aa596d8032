// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage_test

import (
	"io/fs"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// releasedChannel returns an uploaded archive and a channel that names it.
func releasedChannel(t *testing.T, grid *acctest.Grid, server *storagetest.Server) (object, channel acctest.Object) {
	t.Helper()
	block := providertest.CloudStorage(server)
	object = providertest.Create(t, grid.Session(t, block), providertest.ObjectType, acctest.Attributes{"path": "releases/r1.zip", "content": "first"})
	channel = providertest.Create(t, grid.Session(t, block), providertest.ChannelType,
		acctest.Attributes{"name": "blue", "release": "r1", "archive": "releases/r1.zip", "sha256": object.Get("sha256")})
	return object, channel
}

func wantArchives(t *testing.T, server *storagetest.Server, first, second string) {
	t.Helper()
	files := providertest.ShareFiles(t, server)
	if files["releases/r1.zip"] != first || files["releases/r2.zip"] != second {
		t.Errorf("the archives are %q and %q, want %q and %q", files["releases/r1.zip"], files["releases/r2.zip"], first, second)
	}
}

// TestArchiveOfAChannelIsKept checks that an archive stays until its channel changes.
// It applies the changes in the order of Terraform: destroy the old archive, upload
// the new archive, change the channel.
func TestArchiveOfAChannelIsKept(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	object, channel := releasedChannel(t, grid, server)
	s := grid.Session(t, providertest.CloudStorage(server))

	_, diagnostics := s.Apply(t.Context(), s.Plan(object, nil))
	diagnostics.WantWarning(t, "-", "Kept .*r1.zip", "the channel file channels/blue.json names it", "This apply removes the file once that has changed", "create_before_destroy")
	diagnostics.WantOK(t)
	wantArchives(t, server, "first", "")

	second := providertest.Create(t, s, providertest.ObjectType, acctest.Attributes{"path": "releases/r2.zip", "content": "second"})
	wantArchives(t, server, "first", "second")

	next := acctest.Attributes{"name": "blue", "release": "r2", "archive": "releases/r2.zip", "sha256": second.Get("sha256")}
	_, diagnostics = s.Apply(t.Context(), s.Plan(channel, next))
	diagnostics.WantNone(t)
	wantArchives(t, server, "", "second")
}

// TestArchiveStaysAfterAFailedUpload checks that servers can still load the current
// release if the upload of the next release fails.
func TestArchiveStaysAfterAFailedUpload(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	object, channel := releasedChannel(t, grid, server)
	s := grid.Session(t, providertest.CloudStorage(server))
	_, diagnostics := s.Apply(t.Context(), s.Plan(object, nil))
	diagnostics.WantOK(t)

	missing := acctest.Attributes{"path": "releases/r2.zip", "source": "none.zip", "sha256": object.Get("sha256")}
	_, diagnostics = s.Apply(t.Context(), s.Plan(s.Absent(providertest.ObjectType), missing))
	diagnostics.WantError(t, "source", "none.zip")
	wantArchives(t, server, "first", "")

	// A later apply destroys the channel. It does not know that the file was kept, so the
	// file stays.
	s = grid.Session(t, providertest.CloudStorage(server))
	_, diagnostics = s.Apply(t.Context(), s.Plan(channel, nil))
	diagnostics.WantNone(t)
	wantArchives(t, server, "first", "")
}

// TestDestroyedChannelReleasesItsArchive checks that a destroy removes both objects
// even if it destroys the archive before the channel.
func TestDestroyedChannelReleasesItsArchive(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	object, channel := releasedChannel(t, grid, server)
	s := grid.Session(t, providertest.CloudStorage(server))
	for _, gone := range []acctest.Object{object, channel} {
		_, diagnostics := s.Apply(t.Context(), s.Plan(gone, nil))
		diagnostics.WantOK(t)
	}
	wantArchives(t, server, "", "")
}

// TestKeptArchiveIsReplaced checks that another resource may replace a kept archive at
// the same path. The new archive must stay when the channel changes.
func TestKeptArchiveIsReplaced(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	object, channel := releasedChannel(t, grid, server)
	s := grid.Session(t, providertest.CloudStorage(server))
	_, diagnostics := s.Apply(t.Context(), s.Plan(object, nil))
	diagnostics.WantOK(t)

	renewed := acctest.Attributes{"path": "releases/r1.zip", "content": "renewed"}
	made, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent(providertest.ObjectType), renewed))
	diagnostics.WantOK(t)
	wantArchives(t, server, "renewed", "")
	next := acctest.Attributes{"name": "blue", "release": "r1b", "archive": "releases/r1.zip", "sha256": made.Get("sha256")}
	_, diagnostics = s.Apply(t.Context(), s.Plan(channel, next))
	diagnostics.WantNone(t)
	wantArchives(t, server, "renewed", "")
}

// TestUnreadableChannelKeepsArchive checks that an archive stays if the provider
// cannot read a channel that may name the archive.
func TestUnreadableChannelKeepsArchive(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	object, _ := releasedChannel(t, grid, server)
	s := grid.Session(t, providertest.CloudStorage(server))
	plan := s.Plan(object, nil)
	server.OnFile(func(operation, path string) error {
		if operation == "Get" && path == "channels/blue.json" {
			return fs.ErrPermission
		}
		return nil
	})
	_, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantWarning(t, "-", "Kept .*r1.zip", "channels/blue.json cannot be read and may name it")
	diagnostics.WantOK(t)
	wantArchives(t, server, "first", "")
}
