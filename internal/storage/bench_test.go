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
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

const bigSize = 200 << 20

// bigFile is a large file that was never whole in memory.
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
	return at, storage.Upload{
		Open: func() (io.ReadCloser, error) { return os.Open(at) },
		Size: int64(size), SHA256: hex.EncodeToString(digest.Sum(nil)), Replace: true,
	}
}

// memoryDisk is a file system in memory where there is one: a disk would tell how
// busy it is with what was written before.
func memoryDisk() string {
	const place = "/dev/shm"
	if info, err := os.Stat(place); err != nil || !info.IsDir() {
		return ""
	}
	return place
}

// watchHeap finds the largest heap until the function that it returns is called.
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

// TestBigFileInLittleMemory is not parallel, so that the heap is its own.
func TestBigFileInLittleMemory(t *testing.T) {
	for name, start := range shares() {
		t.Run(name, func(t *testing.T) {
			size := bigSize
			if name != "samba" {
				size /= 4 // under the race detector encryption takes its time
			}
			store := start(t).open(t)
			_, upload := bigFile(t, size)
			end := watchHeap(t)
			check(t, second(store.Put(t.Context(), "big", upload)))
			got, err := store.Get(t.Context(), "big", io.Discard)
			check(t, err)
			if heap := end(); heap > 64<<20 {
				t.Errorf("the heap grew to %d MB", heap>>20)
			} else {
				t.Logf("the heap was at most %d MB", heap>>20)
			}
			if got.SHA256 != upload.SHA256 || got.Size != upload.Size {
				t.Errorf("%+v came back", got)
			}
		})
	}
}

// BenchmarkSMB puts and gets 200 MB, beside Samba's own client in the same run.
// Ours computes a digest on the way; that of Samba does not.
func BenchmarkSMB(b *testing.B) {
	program, err := exec.LookPath("smbclient")
	if err != nil {
		b.Skip("smbclient is not installed (Debian package smbclient)")
	}
	s := sambaIn(b, memoryDisk())
	file, upload := bigFile(b, bigSize)
	theirs := func(command string) time.Duration {
		cmd := exec.CommandContext(b.Context(), program, "//127.0.0.1/"+s.config.Share, "-p", fmt.Sprint(s.config.Port),
			"-U", storagetest.Username+"%"+storagetest.Password, "-c", command)
		begun := time.Now()
		if text, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, text)
		}
		return time.Since(begun)
	}
	ours := func(do func(*storage.Store) error) time.Duration {
		begun := time.Now()
		store := storage.New(s.config, storage.Options{})
		check(b, do(store))
		check(b, store.Close())
		return time.Since(begun)
	}
	took := map[string][]time.Duration{}
	for b.Loop() {
		check(b, os.RemoveAll(filepath.Join(s.dir, "ours")))
		check(b, os.RemoveAll(filepath.Join(s.dir, "theirs")))
		took["smbclient-put"] = append(took["smbclient-put"], theirs("put "+file+" theirs"))
		took["put"] = append(took["put"], ours(func(store *storage.Store) error {
			return second(store.Put(b.Context(), "ours", upload))
		}))
		took["smbclient-get"] = append(took["smbclient-get"], theirs("get theirs "+os.DevNull))
		took["get"] = append(took["get"], ours(func(store *storage.Store) error {
			target, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
			check(b, err)
			defer func() { check(b, target.Close()) }()
			return second(store.Get(b.Context(), "ours", target))
		}))
	}
	end := watchHeap(b) // which takes time itself
	ours(func(store *storage.Store) error {
		return errors.Join(store.Remove(b.Context(), "ours"), second(store.Put(b.Context(), "ours", upload)), second(store.Get(b.Context(), "ours", io.Discard)))
	})
	b.ReportMetric(float64(end())/(1<<20), "heap-MB")
	for name, times := range took {
		b.ReportMetric(speed(times), name+"-MB/s")
	}
	b.ReportMetric(speed(took["put"])/speed(took["smbclient-put"]), "put-ratio")
	b.ReportMetric(speed(took["get"])/speed(took["smbclient-get"]), "get-ratio")
}

// speed is the median in MB a second.
func speed(times []time.Duration) float64 {
	slices.Sort(times)
	return bigSize / 1e6 / times[len(times)/2].Seconds()
}
