// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// irregularFiles returns the paths of files that would block or flood a reader, and
// the error that the provider must report for each. The files are a pipe without a
// writer, an endless device, and a sparse file larger than every limit.
func irregularFiles(t *testing.T) map[string]string {
	t.Helper()
	pipe, sparse := filepath.Join(t.TempDir(), "pipe"), filepath.Join(t.TempDir(), "sparse")
	file, err := os.Create(sparse)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Truncate(200<<30), file.Close(), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		pipe: "it is a named pipe, but must be a regular file", "/dev/zero": "it is a device, but must be a regular file", sparse: "it has 214748364800 bytes, but must have at most",
	}
}

func TestIrregularLocalFiles(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	s := grid.Session(t, providertest.CloudStorage(server))
	for file, want := range irregularFiles(t) {
		_, diagnostics := grid.Configure(t, acctest.Attributes{"ca_certificate_file": file})
		diagnostics.WantError(t, "ca_certificate_file", want)

		object := acctest.Attributes{"path": "app.zip", "source": file, "sha256": strings.Repeat("0", 64)}
		_, diagnostics = s.Apply(t.Context(), s.Plan(s.Absent(providertest.ObjectType), object))
		diagnostics.WantError(t, "source", want)

		script := providertest.PreparedImage(acctest.Attributes{"scripts": []any{file}})
		s.Plan(s.Absent(providertest.ImageType), script).Diagnostics.WantError(t, "prepare.scripts[0]", want)

		upload := providertest.PreparedImage(acctest.Attributes{"files": []any{acctest.Attributes{"source": file, "destination": "/etc/motd"}}})
		s.Plan(s.Absent(providertest.ImageType), upload).Diagnostics.WantError(t, "prepare.files[0].source", want)

		folder := t.TempDir()
		if err := errors.Join(os.WriteFile(filepath.Join(folder, "a"), nil, 0o600), mirror(file, filepath.Join(folder, ".bootstrapignore"))); err != nil {
			t.Fatal(err)
		}
		_, diagnostics = s.ReadData("gogrid_bootstrap_archive", acctest.Attributes{"source_dir": folder})
		if strings.HasPrefix(file, "/dev/") {
			want = "escapes" // the link leads out of the folder
		}
		diagnostics.WantError(t, "source_dir", ".bootstrapignore.* cannot be read", want)
	}
}

// mirror makes a file available at another path: by a symbolic link for a device, and
// otherwise by a hard link.
func mirror(file, at string) error {
	if strings.HasPrefix(file, "/dev/") {
		return os.Symlink(file, at)
	}
	return os.Link(file, at)
}
