// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// benchmarkTree makes 400 files of 100 KB each: half text, half noise.
func benchmarkTree(b *testing.B) (dir string, total int64) {
	b.Helper()
	dir = b.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
		var content strings.Builder
		for content.Len() < 100_000 {
			if i%2 == 0 {
				fmt.Fprintf(&content, "%d GET /app/%d.html HTTP/1.1 200\n", random.IntN(1e6), random.IntN(500))
			} else {
				_, _ = fmt.Fprintf(&content, "%c%c%c%c", random.Uint32()&0xff, random.Uint32()&0xff, random.Uint32()&0xff, random.Uint32()&0xff)
			}
		}
		writeTestFile(b, filepath.Join(dir, fmt.Sprintf("%02d", i/20), fmt.Sprintf("%03d", i)), content.String(), 0o644)
		total += int64(content.Len())
	}
	return dir, total
}

func BenchmarkWrite(b *testing.B) {
	dir, total := benchmarkTree(b)
	b.SetBytes(total)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (Recipe{SourceDir: dir}).Build(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPlainZip is what a provider without this package would do: the
// standard library's zip over a walk, and a digest of the whole.
func BenchmarkPlainZip(b *testing.B) {
	dir, total := benchmarkTree(b)
	b.SetBytes(total)
	b.ReportAllocs()
	for b.Loop() {
		if err := plainZip(dir); err != nil {
			b.Fatal(err)
		}
	}
}

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
