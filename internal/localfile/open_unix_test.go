// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package localfile

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestIrregularFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe, link, socket := filepath.Join(dir, "pipe"), filepath.Join(dir, "link"), filepath.Join(dir, "s")
	if err := errors.Join(syscall.Mkfifo(pipe, 0o600), os.Symlink("pipe", link)); err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	for name, want := range map[string]string{
		pipe: "it is a named pipe", link: "it is a named pipe", socket: "it is a socket", "/dev/zero": "it is a device", "/dev/tty": "it is a device",
	} {
		if _, err := Read(t.Context(), name, 1<<20); err == nil || !strings.Contains(err.Error(), want+", but must be a regular file") {
			t.Errorf("error of %s: %v", name, err)
		}
	}
}

// TestFileBecomesPipe checks that open does not hang if a pipe without a writer
// replaces the regular file after the first check.
func TestFileBecomesPipe(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	stat := func(name string) (fs.FileInfo, error) {
		info, err := os.Stat(name)
		return info, errors.Join(err, os.Remove(name), syscall.Mkfifo(name, 0o600))
	}
	if _, err := open(t.Context(), name, 1, stat, os.OpenFile); !errors.As(err, new(*KindError)) {
		t.Errorf("error: %v", err)
	}
}
