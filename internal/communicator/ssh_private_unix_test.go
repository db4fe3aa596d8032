// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package communicator

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// watchedReader calls a function before it returns io.EOF, while part of the content
// has already been sent to the server.
type watchedReader struct{ look func() }

func (r watchedReader) Read([]byte) (int, error) { r.look(); return 0, io.EOF }

// Only the account itself may read an unfinished file, from the moment of its
// creation.
func TestSSHDUploadIsPrivate(t *testing.T) {
	t.Parallel()
	session := startSSHD(t).connect(t)
	dir := t.TempDir()
	at := filepath.Join(dir, "secret")
	seen := 0
	look := func() {
		parts, err := filepath.Glob(at + ".part-*")
		check(t, err)
		for _, part := range parts {
			found, err := os.Stat(part)
			check(t, err)
			seen++
			if found.Mode() != 0o600 {
				t.Errorf("the unfinished file has the mode %v, want 0600", found.Mode())
			}
		}
	}
	content := func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(watchedReader{look}, strings.NewReader(strings.Repeat("x", 1<<20)), watchedReader{look})), nil
	}
	check(t, session.Upload(t.Context(), File{Destination: at, Mode: 0o640, Open: content}))
	if seen != 2 {
		t.Errorf("the unfinished file was checked %d times, want 2", seen)
	}
	found, err := os.Stat(at)
	check(t, err)
	if found.Mode() != 0o640 || found.Size() != 1<<20 {
		t.Errorf("the file has %d bytes and the mode %v, want 1 MiB and 0640", found.Size(), found.Mode())
	}
}
