// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tfcli_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// TestCopyConfiguration checks that the copy leaves out the files that a run in the
// folder creates.
func TestCopyConfiguration(t *testing.T) {
	t.Parallel()
	example, into := t.TempDir(), t.TempDir()
	for _, name := range []string{
		"main.tf", "app/site/index.html", "terraform.tfstate", "terraform.tfstate.backup", ".terraform/providers/x", ".terraform.lock.hcl",
		"terraform.tfvars", "grid.db", "grid.db.guests/disk/x", "grid.db.tls/ca.pem",
	} {
		path := filepath.Join(example, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := tfcli.CopyConfiguration(into, example); err != nil {
		t.Fatal(err)
	}
	var files []string
	err := filepath.WalkDir(into, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			relative, _ := filepath.Rel(into, path)
			files = append(files, filepath.ToSlash(relative))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"app/site/index.html", "main.tf"}; !slices.Equal(files, want) {
		t.Errorf("the copy contains %v, want %v", files, want)
	}
}
