// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// If a folder or a link loop is in place of a file, the error must concern only the file and not the share.
func TestReadOfRubbish(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t)
		if _, err := store.Put(t.Context(), "status/web.json/x", storage.Bytes([]byte("x"))); err != nil {
			t.Fatal(err)
		}
		check(t, os.Symlink("loop.json", filepath.Join(s.dir, "status", "loop.json")))
		for _, at := range []string{"status/web.json", "status/loop.json"} {
			text, err := store.Read(t.Context(), at, 100)
			var failed *storage.Error
			var unproven *storage.UnprovenError
			switch {
			case err == nil && len(text) == 0: // Samba returns nothing for a folder
			case errors.Is(err, fs.ErrNotExist) && !errors.As(err, &unproven): // Samba shows no loops
			case !errors.As(err, &failed) || storage.IsOutage(err) || failed.Kind != nil && !errors.Is(failed.Kind, fs.ErrPermission):
				t.Errorf("%s: got %q, %v; want an error without a kind", at, text, err)
			}
		}
	})
}
