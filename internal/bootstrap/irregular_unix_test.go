// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package bootstrap

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestBuildRefusesIrregularFiles(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"ok": "", "skipped/ok": ""})
	for _, name := range []string{"pipe", "skipped/pipe"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("pipe", filepath.Join(dir, "to-pipe")); err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	_, err = (Recipe{SourceDir: dir, Exclude: []string{"skipped/"}}).Build(t.Context(), io.Discard)
	checkProblems(t, err, []wantProblem{
		{FieldSourceDir, "pipe", "is a named pipe"},
		{FieldSourceDir, "s", "is a socket"},
		{FieldSourceDir, "to-pipe", `link to "pipe", which is a named pipe`},
	})
}

// TestIrregularNamedFiles checks that a pipe as the ignore file or as the output
// causes an error. Build must neither hang nor replace the pipe.
func TestIrregularNamedFiles(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"a": ""})
	if err := syscall.Mkfifo(filepath.Join(dir, IgnoreName), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := (Recipe{SourceDir: dir}).Build(t.Context(), io.Discard)
	checkProblems(t, err, []wantProblem{{FieldSourceDir, IgnoreName, "cannot be read: it is a named pipe, but must be a regular file"}})

	output := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(output, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = (Recipe{Files: map[string]string{"a": ""}}).BuildFile(t.Context(), output)
	checkProblems(t, err, []wantProblem{{FieldOutput, "", "is a named pipe, and the archive would replace it"}})
}
