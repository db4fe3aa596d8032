// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package localfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	if err := os.WriteFile(name, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close() //nolint:errcheck // opened for reading only
	for _, read := range []func(limit int64) ([]byte, error){
		func(limit int64) ([]byte, error) { return Read(t.Context(), name, limit) },
		func(limit int64) ([]byte, error) { return ReadIn(t.Context(), root, "a", limit) },
	} {
		if text, err := read(5); string(text) != "12345" || err != nil {
			t.Errorf("read %q: %v", text, err)
		}
		_, err := read(4)
		var size *SizeError
		if !errors.As(err, &size) || size.Size != 5 || size.Limit != 4 {
			t.Errorf("error of a larger file: %v", err)
		}
	}
	_, err = Read(t.Context(), filepath.Join(dir, "missing"), 1)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error of a missing file: %v", err)
	}
	_, err = Read(t.Context(), dir, 1<<20)
	if kind := (*KindError)(nil); !errors.As(err, &kind) || !strings.Contains(err.Error(), dir+": it is a folder, but must be a regular file") {
		t.Errorf("error of a folder: %v", err)
	}
	if _, err := ReadIn(t.Context(), root, "../a", 5); err == nil {
		t.Error("ReadIn left its root")
	}
}

// TestSparseFile checks that Read rejects a file that is too large before it reads any
// content.
func TestSparseFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "sparse")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Truncate(20<<30), file.Close()); err != nil {
		t.Skip("the file system has no sparse files:", err)
	}
	if _, err := Read(t.Context(), name, 16<<20); err == nil || !strings.Contains(err.Error(), "it has 21474836480 bytes, but must have at most 16 MiB") {
		t.Errorf("error: %v", err)
	}
}

func TestGrowingFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(name, []byte("12"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := Open(t.Context(), name, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // opened for reading only
	if err := os.WriteFile(name, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(file); !errors.As(err, new(*SizeError)) || file.Size() != 2 {
		t.Errorf("size %d, error: %v", file.Size(), err)
	}
}

func TestCancelledRead(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(name, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	file, err := Open(ctx, name, 5)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // opened for reading only
	cancel()
	if _, err := io.ReadAll(file); !errors.Is(err, context.Canceled) {
		t.Errorf("error of a read: %v", err)
	}
	if _, err := Open(ctx, name, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("error of an open: %v", err)
	}
}
