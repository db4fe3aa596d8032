// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"os"
	"path/filepath"
	"testing"
)

// If a grid was killed during an upload of a guest, the next grid removes the
// partial file.
func TestCloudStorageLosesHalfPuts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	status := filepath.Join(dir, "storage-500001", "status")
	if err := os.MkdirAll(status, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".put-0-web.json", "web.json"} {
		if err := os.WriteFile(filepath.Join(status, name), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	grid, err := New(Options{CloudStorage: &CloudStorageOptions{Dir: dir}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = grid.Close() })
	entries, err := shareOf(t, grid).ReadDir("status")
	if err != nil || len(entries) != 1 || entries[0].Name() != "web.json" {
		t.Errorf("the share contains %v (%v)", entries, err)
	}
}
