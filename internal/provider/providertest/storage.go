// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package providertest

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// Resource types of Cloud Storage.
const (
	ObjectType  = "gogrid_storage_object"
	ChannelType = "gogrid_storage_channel"
)

// WebChannel is the path of the channel "web" on a share.
const WebChannel = "channels/web.json"

// PutFile writes a file to a share without the provider.
func PutFile(t *testing.T, server *storagetest.Server, at, content string) {
	t.Helper()
	at = filepath.Join(server.Dir, filepath.FromSlash(at))
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		t.Fatal(err)
	}
	WriteText(t, at, content)
}

// UploadedRelease writes a release's archive to the share and returns the
// attributes of a channel that names the release.
func UploadedRelease(t *testing.T, server *storagetest.Server, name string) acctest.Attributes {
	t.Helper()
	at := "releases/" + name + ".zip"
	PutFile(t, server, at, "archive of "+name)
	return acctest.Attributes{"name": "web", "release": name, "archive": at, "sha256": SHA256("archive of " + name)}
}

// CloudStorage returns a provider block for a share. Each change replaces
// members of its cloud_storage block.
func CloudStorage(server *storagetest.Server, changes ...acctest.Attributes) acctest.Attributes {
	block := acctest.Attributes{
		"protocol": "sftp", "host": server.Host, "port": server.Port, "host_key": server.HostKey,
		"username": storagetest.Username, "password": storagetest.Password,
	}
	for _, change := range changes {
		block = block.With(change)
	}
	return acctest.Attributes{"cloud_storage": block}
}

// ShareFiles returns the contents of the files on a share by their paths.
func ShareFiles(t *testing.T, server *storagetest.Server) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(server.Dir, func(at string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(at)
		name, _ := filepath.Rel(server.Dir, at)
		files[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// WantFile checks that a share holds exactly one file with this path and content.
func WantFile(t *testing.T, server *storagetest.Server, at, content string) {
	t.Helper()
	files := ShareFiles(t, server)
	if got, ok := files[at]; !ok || got != content || len(files) != 1 {
		t.Errorf("the share holds %q, want %s with %q", files, at, content)
	}
}

// SHA256 returns the hexadecimal SHA-256 checksum of a string.
func SHA256(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// WantNoChange checks that a refresh and plan have no change and no diagnostics.
func WantNoChange(t *testing.T, m *acctest.Managed, config acctest.Attributes) {
	t.Helper()
	plan := m.Plan(config)
	plan.Diagnostics.WantNone(t)
	if plan.Action() != "no-op" {
		t.Errorf("%s is planned, want nothing", plan.Action())
	}
}
