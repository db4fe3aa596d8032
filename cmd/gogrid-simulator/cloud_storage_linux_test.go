// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/pkg/sftp"
)

// A grid that is killed keeps its host key, its password, and every file whose
// upload it has confirmed.
func TestKilledGridKeepsCloudStorage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := &killable{t: t, ready: filepath.Join(dir, "ready.json")}
	k.args = []string{
		"--cloud-storage-listen=127.0.0.1:0", "--state=" + filepath.Join(dir, "grid.db"), "--ready-file=" + k.ready, "--api-key=key", "--shared-secret=secret",
	}
	k.start()
	hostKey := readFacts(t, k.ready).CloudStorage.HostKey
	for round := range 3 {
		at := *readFacts(t, k.ready).CloudStorage
		if at.HostKey != hostKey {
			t.Error("the host key has changed")
		}
		files := share(t, at, k.grid)
		for i := range round {
			if text := content(t, files, fmt.Sprint("f", i)); text != fmt.Sprint("round ", i) {
				t.Errorf("round %d: the file of round %d holds %q", round, i, text)
			}
		}
		replace(t, files, fmt.Sprint("f", round), fmt.Sprint("round ", round))
		k.kill()
		k.start()
	}
	k.kill()
}

func content(t *testing.T, files *sftp.Client, name string) string {
	t.Helper()
	file, err := files.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if err = errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func replace(t *testing.T, files *sftp.Client, name, text string) {
	t.Helper()
	file, err := files.Create("temporary")
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(file, text)
	if err = errors.Join(err, file.Close(), files.PosixRename("temporary", name)); err != nil {
		t.Fatal(err)
	}
}
