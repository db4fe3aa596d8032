// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session_test

import (
	"strconv"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// storageEnvironment returns a grid whose environment variables hold the location of
// a share.
func storageEnvironment(grid *acctest.Grid, server *storagetest.Server) *acctest.Grid {
	return grid.WithEnv("GOGRID_CLOUD_STORAGE_PROTOCOL", "sftp").WithEnv("GOGRID_CLOUD_STORAGE_HOST", server.Host).
		WithEnv("GOGRID_CLOUD_STORAGE_PORT", strconv.Itoa(server.Port)).WithEnv("GOGRID_CLOUD_STORAGE_HOST_KEY", server.HostKey)
}

// TestCloudStorageOfTheEnvironment: a block without a location uses the
// location from the environment; a block with any part of a location ignores
// the environment.
func TestCloudStorageOfTheEnvironment(t *testing.T) {
	t.Parallel()
	login := acctest.Attributes{"username": storagetest.Username, "password": storagetest.Password}
	grid, server, other := acctest.NewQuickGrid(t), storagetest.Start(t), storagetest.Start(t)
	configured := storageEnvironment(grid, server)
	file := acctest.Attributes{"path": "a", "content": "x"}

	configured.Manage(t, providertest.ObjectType, acctest.Attributes{"cloud_storage": login}).Apply(file).WantNone(t)
	providertest.WantFile(t, server, "a", "x")
	configured.Manage(t, providertest.ObjectType, providertest.CloudStorage(other, nil)).Apply(file).WantNone(t)
	providertest.WantFile(t, other, "a", "x")
	s := configured.Session(t)
	s.Plan(s.Absent(providertest.ObjectType), file).Diagnostics.WantError(t, "-", "no cloud_storage block")
}

// TestCloudStorageEnvironmentErrors checks that the provider reports each
// invalid value in the environment on the attribute that it would set.
func TestCloudStorageEnvironmentErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ value, at string }{
		"GOGRID_CLOUD_STORAGE_PROTOCOL": {"ftp", "cloud_storage.protocol"},
		"GOGRID_CLOUD_STORAGE_PORT":     {"ssh", "cloud_storage.port"},
		"GOGRID_CLOUD_STORAGE_HOST_KEY": {"x", "cloud_storage.host_key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := storageEnvironment(acctest.NewQuickGrid(t), storagetest.Start(t))
			_, diagnostics := grid.WithEnv(name, tc.value).Configure(t, acctest.Attributes{"cloud_storage": acctest.Attributes{}})
			diagnostics.WantError(t, tc.at, "Invalid "+name, strconv.Quote(tc.value))
		})
	}
}
