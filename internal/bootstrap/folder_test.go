// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// writeTestFile creates a file with exactly the given mode, and any missing
// folders above the file.
func writeTestFile(t testing.TB, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// folder creates a folder with the given files, all with mode 0644.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for path, content := range files {
		writeTestFile(t, filepath.Join(dir, filepath.FromSlash(path)), content, 0o644)
	}
	return dir
}

// problemsOf returns the problems of an *InvalidError.
func problemsOf(t testing.TB, err error) []Problem {
	t.Helper()
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("got %v, want an *InvalidError", err)
	}
	return invalid.Problems
}
