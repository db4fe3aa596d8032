// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"archive/zip"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// The defaults describe the tree of the performance goal: 10,000 files of 100
// KB, 1 GB in total.
var (
	benchFiles    = flag.Int("archive-files", 10_000, "number of files in the tree to archive")
	benchFileSize = flag.Int("archive-file-size", 100_000, "size of each file in bytes")
)

// benchmarkTree creates a tree of files: half contain text, half contain
// incompressible bytes.
func benchmarkTree(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	random := rand.NewChaCha8([32]byte{1})
	lines := rand.New(random)
	content := make([]byte, *benchFileSize)
	for i := range *benchFiles {
		if i%2 == 0 {
			content = content[:0]
			for len(content) < *benchFileSize {
				content = fmt.Appendf(content, "%d GET /app/%d.html HTTP/1.1 200\n", lines.IntN(1e6), lines.IntN(500))
			}
			content = content[:*benchFileSize]
		} else {
			_, _ = random.Read(content) // never fails
		}
		writeTestFile(b, filepath.Join(dir, fmt.Sprintf("%02d", i%100), fmt.Sprintf("%05d", i)), string(content), 0o644)
	}
	return dir
}

// BenchmarkArchive packs a tree with this package and with plainZip in the same
// run. It reports both times, the speed-up of this package and its peak memory.
func BenchmarkArchive(b *testing.B) {
	dir := benchmarkTree(b)
	var own, plain float64
	var peak uint64
	for b.Loop() {
		debug.FreeOSMemory() // release the memory of the previous plainZip
		before := b.Elapsed()
		memory := &memoryMeter{}
		if _, err := (Recipe{SourceDir: dir}).Build(b.Context(), memory); err != nil {
			b.Fatal(err)
		}
		between := b.Elapsed()
		if err := plainZip(dir); err != nil {
			b.Fatal(err)
		}
		own += (between - before).Seconds()
		plain += (b.Elapsed() - between).Seconds()
		peak = max(peak, memory.peak)
	}
	b.ReportMetric(0, "ns/op") // hide the total time of both archivers, which is meaningless
	b.ReportMetric(own/float64(b.N), "s/archive")
	b.ReportMetric(plain/float64(b.N), "s/plain-zip")
	b.ReportMetric(plain/own, "x-as-fast")
	b.ReportMetric(float64(peak)/1e6, "peak-MB")
}

// memoryMeter is an io.Writer that samples the memory of the process at each
// write and keeps the peak.
type memoryMeter struct{ peak uint64 }

func (m *memoryMeter) Write(p []byte) (int, error) {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	m.peak = max(m.peak, samples[0].Value.Uint64()-samples[1].Value.Uint64())
	return len(p), nil
}

// plainZip is the simple alternative to this package. It walks the folder,
// packs the files with the standard library's archive/zip, and computes the
// digest.
func plainZip(dir string) error {
	packed := zip.NewWriter(sha256.New())
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		file, err := os.Open(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		w, err := packed.Create(path)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, file)
		return err
	})
	if err != nil {
		return err
	}
	return packed.Close()
}
