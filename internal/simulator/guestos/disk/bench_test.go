// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// BenchmarkClone clones a disk of 1 GB and a disk of 10,000 files, and copies
// the same disks with "cp -a" for comparison. The metric clone/cp is the ratio
// of the two times.
func BenchmarkClone(b *testing.B) {
	cp, err := exec.LookPath("cp")
	if err != nil {
		b.Skip("cp is not installed")
	}
	for _, tree := range []struct {
		name        string
		files, size int
	}{{"1GB", 64, 16 << 20}, {"10kFiles", 10_000, 100}} {
		b.Run(tree.name, func(b *testing.B) {
			dir := b.TempDir()
			d := fill(b, filepath.Join(dir, "disk"), tree.files, tree.size)
			var ours, theirs time.Duration
			for i := 0; b.Loop(); i++ {
				ours += measured(b, func() error { return d.Clone(b.Context(), filepath.Join(dir, fmt.Sprint("clone", i))) })
				copied := filepath.Join(dir, fmt.Sprint("copy", i))
				theirs += measured(b, func() error {
					return exec.CommandContext(b.Context(), cp, "-a", filepath.Join(dir, "disk"), copied).Run()
				})
				if err := os.RemoveAll(copied); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(ours.Seconds()/theirs.Seconds(), "clone/cp")
		})
	}
}

func measured(b *testing.B, do func() error) time.Duration {
	b.Helper()
	begun := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return time.Since(begun)
}

func fill(b *testing.B, dir string, files, size int) *disk.Disk {
	b.Helper()
	d, err := disk.Create(dir, 2<<30)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	block := make([]byte, size)
	for i := range block {
		block[i] = byte(i * 7)
	}
	for i := range files {
		file, err := d.OpenFile(fmt.Sprintf("/file%d", i), os.O_WRONLY|os.O_CREATE, 0o644)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := file.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := file.Close(); err != nil {
			b.Fatal(err)
		}
	}
	return d
}
