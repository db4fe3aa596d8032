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

// uploaderVariable names the environment variable that holds, in JSON, the
// share to which a child process of the test must upload.
const uploaderVariable = "STORAGE_TEST_UPLOAD_TO"

// TestUploader is not a test. It runs in the process that TestKilledUploader kills.
func TestUploader(t *testing.T) {
	text, ok := os.LookupEnv(uploaderVariable)
	if !ok {
		t.Skip("only TestKilledUploader runs this test, in a child process")
	}
	var config storage.Config
	check(t, json.Unmarshal([]byte(text), &config))
	_, err := storage.New(config, storage.Options{}).Put(t.Context(), "r/app.zip", newEndless(1).upload())
	t.Fatalf("an endless upload has ended: %v", err)
}

// TestKilledUploader kills an uploading process with SIGKILL. It checks that
// the file stays unchanged, and that the next upload of the file, whatever its
// content, removes the parts of the killed upload.
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
				t.Errorf("the file holds %d bytes (%v), want the %d bytes that it held before", len(held), err, len(before))
			}
			store := s.open(t)
			wantList(t, store, "", "r/app.zip")
			placed, err := store.Put(t.Context(), "r/app.zip", storage.Bytes(next))
			check(t, err)
			if placed.SHA256 != sum(next) {
				t.Errorf("the upload returned %+v", placed)
			}
			s.wantFiles(t, map[string]string{"r/app.zip": string(next)})
			t.Logf("the next upload removed the leftover parts %v", parts)
		}
	})
}

// killUploader starts an upload in a child process and kills the process during the
// upload.
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
		_ = uploader.Wait() // the process is killed
	}()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !s.partOf(t, 1<<20) {
		select {
		case <-ticker.C:
		case <-ended:
			t.Fatalf("the upload ended by itself:\n%s", output.String())
		}
	}
	check(t, uploader.Process.Kill())
	<-ended
}

// parts returns the parts of r/app.zip on the share.
func (s *share) parts(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.dir, "r", "app.zip.part-*"))
	check(t, err)
	return found
}

// partOf reports whether a part has at least size bytes.
func (s *share) partOf(t *testing.T, size int64) bool {
	t.Helper()
	for _, at := range s.parts(t) {
		if info, err := os.Stat(at); err == nil && info.Size() >= size {
			return true
		}
	}
	return false
}
