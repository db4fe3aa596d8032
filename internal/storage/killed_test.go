// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// uploaderVariable tells the test's own program that it is to upload, and to
// which share.
const uploaderVariable = "STORAGE_TEST_UPLOAD_TO"

// TestUploader is no test: it is the process that TestKilledUploader kills.
func TestUploader(t *testing.T) {
	text, ok := os.LookupEnv(uploaderVariable)
	if !ok {
		t.Skip("only TestKilledUploader runs it, in a process of its own")
	}
	var config storage.Config
	check(t, json.Unmarshal([]byte(text), &config))
	_, err := storage.New(config, storage.Options{}).Put(t.Context(), "r/app.zip", newEndless(1).upload())
	t.Fatalf("an upload without an end has ended: %v", err)
}

// TestKilledUploader: a process that uploads is killed as by kill -9. Nothing has
// changed under the file's own name, and the next upload, of whatever content,
// leaves nothing of the first.
func TestKilledUploader(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		s.write(t, "r/app.zip", "old")
		for _, next := range [][]byte{[]byte("another content"), bigContent(3 << 20)} {
			before, err := os.ReadFile(filepath.Join(s.dir, "r", "app.zip"))
			check(t, err)
			s.killUploader(t)
			parts := s.parts(t)
			if held, err := os.ReadFile(filepath.Join(s.dir, "r", "app.zip")); err != nil || string(held) != string(before) {
				t.Errorf("under its own name there are %d bytes (%v), want the %d of before", len(held), err, len(before))
			}
			store := s.open(t)
			wantList(t, store, "", "r/app.zip")
			placed, err := store.Put(t.Context(), "r/app.zip", storage.Bytes(next))
			check(t, err)
			if placed.SHA256 != sum(next) {
				t.Errorf("placed was %+v", placed)
			}
			s.wantFiles(t, map[string]string{"r/app.zip": string(next)})
			t.Logf("%v were left, and are gone", parts)
		}
	})
}

// killUploader has another process upload and kills it in the middle.
func (s *share) killUploader(t *testing.T) {
	t.Helper()
	config, err := json.Marshal(s.config)
	check(t, err)
	self, err := os.Executable()
	check(t, err)
	uploader := exec.CommandContext(t.Context(), self, "-test.run=^TestUploader$")
	uploader.Env = append(os.Environ(), uploaderVariable+"="+string(config))
	var output strings.Builder
	uploader.Stdout, uploader.Stderr = &output, &output
	check(t, uploader.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = uploader.Wait() // it is killed
	}()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !s.partOf(t, 1<<20) {
		select {
		case <-ticker.C:
		case <-ended:
			t.Fatalf("it ended by itself:\n%s", output.String())
		}
	}
	check(t, uploader.Process.Kill())
	<-ended
}

// parts are the unfinished uploads on the share.
func (s *share) parts(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.dir, "r", "app.zip.part-*"))
	check(t, err)
	return found
}

// partOf tells whether there is an unfinished upload of at least some size.
func (s *share) partOf(t *testing.T, size int64) bool {
	t.Helper()
	for _, at := range s.parts(t) {
		if info, err := os.Stat(at); err == nil && info.Size() >= size {
			return true
		}
	}
	return false
}
