// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

const bigSize = 200 << 20

// bigFile creates a file of size bytes without holding all of it in memory.
func bigFile(t testing.TB, size int) (string, storage.Upload) {
	t.Helper()
	at := filepath.Join(t.TempDir(), "big")
	file, err := os.Create(at)
	check(t, err)
	digest := sha256.New()
	content := bigContent(1 << 20)
	for i := range size / len(content) {
		copy(content, fmt.Sprintf("piece %d\n", i))
		_, err := io.MultiWriter(file, digest).Write(content)
		check(t, err)
	}
	check(t, file.Close())
	upload, err := storage.File(t.Context(), at)
	check(t, err)
	if upload.SHA256 != hex.EncodeToString(digest.Sum(nil)) || upload.Size != int64(size) {
		t.Fatalf("the upload has %d bytes and the SHA-256 %s", upload.Size, upload.SHA256)
	}
	upload.Replace = true
	return at, upload
}

// memoryDisk returns a folder on a memory file system, or "" if there is none.
// On a real disk, earlier writes would affect the measured times.
func memoryDisk() string {
	const place = "/dev/shm"
	if info, err := os.Stat(place); err != nil || !info.IsDir() {
		return ""
	}
	return place
}

// watchHeap samples the heap. The returned function stops the sampling and returns the
// largest heap in bytes.
func watchHeap(t testing.TB) func() uint64 {
	t.Helper()
	runtime.GC()
	var largest atomic.Uint64
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			largest.Store(max(largest.Load(), memory.HeapInuse))
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() uint64 {
		stop()
		<-done
		return largest.Load()
	}
}

// TestBigFileInLittleMemory checks that memory use does not grow with the size
// of a file. It is not parallel, so that no other test uses the heap at the
// same time.
func TestBigFileInLittleMemory(t *testing.T) {
	for name, start := range shares() {
		t.Run(name, func(t *testing.T) {
			size := bigSize
			if name != "samba" {
				size /= 4 // encryption is slow under the race detector
			}
			store := start(t).open(t)
			_, upload := bigFile(t, size)
			end := watchHeap(t)
			check(t, second(store.Put(t.Context(), "big", upload)))
			got, err := store.Get(t.Context(), "big", io.Discard)
			check(t, err)
			if heap := end(); heap > 64<<20 {
				t.Errorf("the heap grew to %d MB, want at most 64 MB", heap>>20)
			} else {
				t.Logf("the heap was at most %d MB", heap>>20)
			}
			if got.SHA256 != upload.SHA256 || got.Size != upload.Size {
				t.Errorf("got %+v back", got)
			}
		})
	}
}

// BenchmarkSMB uploads and downloads 200 MB, and compares the store with
// Samba's own client in the same run. The store computes the digest of a
// download and verifies the fingerprint of an upload; smbclient does neither. A
// second ratio includes the time to compute the digest before the upload. Both
// clients share the processors with the server and other processes, so the
// benchmark also reports processor times.
func BenchmarkSMB(b *testing.B) {
	program, err := exec.LookPath("smbclient")
	if err != nil {
		b.Skip("smbclient is not installed (Debian package smbclient)")
	}
	s := sambaIn(b, memoryDisk())
	file, upload := bigFile(b, bigSize)
	theirs := func(command string) func() {
		return func() {
			cmd := exec.CommandContext(b.Context(), program, "//127.0.0.1/"+s.config.Share, "-p", fmt.Sprint(s.config.Port),
				"-U", storagetest.Username+"%"+storagetest.Password, "-c", command)
			if text, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, text)
			}
		}
	}
	ours := func(do func(*storage.Store) error) func() {
		return func() {
			store := storage.New(s.config, storage.Options{})
			check(b, errors.Join(do(store), store.Close()))
		}
	}
	put := func(store *storage.Store) error { return second(store.Put(b.Context(), "ours", upload)) }
	get := func(store *storage.Store) error {
		target, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
		check(b, err)
		return errors.Join(second(store.Get(b.Context(), "ours", target)), target.Close())
	}
	var putting, getting contest
	for b.Loop() {
		check(b, errors.Join(os.RemoveAll(filepath.Join(s.dir, "ours")), os.RemoveAll(filepath.Join(s.dir, "theirs"))))
		putting.lap(b, theirs("put "+file+" theirs"), ours(put), func() { check(b, second(storage.File(b.Context(), file))) })
		getting.lap(b, theirs("get theirs "+os.DevNull), ours(get), nil)
	}
	end := watchHeap(b) // after the measurements, because sampling takes time
	ours(func(store *storage.Store) error {
		return errors.Join(store.Remove(b.Context(), "ours"), put(store), get(store))
	})()
	b.ReportMetric(float64(end())/(1<<20), "heap-MB")
	putting.report(b, "put")
	getting.report(b, "get")
}
