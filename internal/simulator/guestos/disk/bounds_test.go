// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk_test

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

func open(t *testing.T, d disk.FS, name string, flag int) disk.File {
	t.Helper()
	file, err := d.OpenFile(name, flag, 0o644)
	must(t, err)
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func reopened(t *testing.T, dir string) *disk.Disk {
	t.Helper()
	d, err := disk.Open(dir, ampleLimit)
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Sizes near the limits of int64 must not overflow.
func TestSizesBeyondAllNumbersAreRefused(t *testing.T) {
	t.Parallel()
	d, _ := newDisk(t, ampleLimit)
	write(t, d, "/file", "text")
	file := open(t, d, "/file", os.O_RDWR)
	for _, size := range []int64{math.MaxInt64, math.MaxInt64 - 2, ampleLimit + 1, -1, math.MinInt64} {
		if err := d.Truncate("/file", size); err == nil {
			t.Errorf("a file was resized to %d bytes", size)
		}
		if _, err := file.WriteAt([]byte("more"), size); err == nil {
			t.Errorf("a file was written at offset %d", size)
		}
	}
	if d.Used() != 4 {
		t.Errorf("%d bytes are used, want 4", d.Used())
	}
	if err := d.Truncate("/file", ampleLimit+1); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a size over the limit: %v, want ENOSPC", err)
	}
}

// A write to a shared file first makes a copy of the file. The temporary name of
// the copy must not collide with another file.
func TestCopyingLeavesOtherFilesAlone(t *testing.T) {
	t.Parallel()
	d, parent := newDisk(t, ampleLimit)
	for _, name := range []string{"/app", "/app.partial", "/.gogrid-copies"} {
		write(t, d, name, name)
	}
	must(t, d.Clone(t.Context(), filepath.Join(parent, "clone")))
	write(t, d, "/app", "changed")
	wantText(t, d, "/app.partial", "/app.partial")
	wantText(t, d, "/.gogrid-copies", "/.gogrid-copies")
	if entries, err := d.ReadDir("/"); err != nil || len(entries) != 3 {
		t.Errorf("the root holds %v (%v)", entries, err)
	}
	const spare = "/.gogrid-copy"
	if _, err := d.OpenFile("/x/.."+spare, os.O_WRONLY|os.O_CREATE, 0o644); err == nil {
		t.Error("a guest can use the name that is reserved for copies")
	}
	must(t, os.WriteFile(filepath.Join(parent, "disk", spare), []byte("half"), 0o600)) // a killed process leaves such a file
	used := d.Used()
	again := reopened(t, filepath.Join(parent, "disk"))
	if again.Used() != used {
		t.Errorf("%d bytes are used, want %d", again.Used(), used)
	}
	if _, err := os.Stat(filepath.Join(parent, "disk", spare)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the incomplete copy still exists: %v", err)
	}
}

// A process keeps writing to an open file after the file is renamed. A clone
// made before a write must not show the written text.
func TestCloneOfAFileThatIsRenamedWhileItIsWritten(t *testing.T) {
	t.Parallel()
	d, parent := newDisk(t, ampleLimit)
	file := open(t, d, "/log", os.O_WRONLY|os.O_CREATE)
	_, err := io.WriteString(file, "before")
	must(t, err)
	must(t, d.Rename("/log", "/log.1"))
	must(t, d.Clone(t.Context(), filepath.Join(parent, "clone")))
	_, err = io.WriteString(file, " and after")
	must(t, err)
	wantText(t, d, "/log.1", "before and after")
	wantText(t, reopened(t, filepath.Join(parent, "clone")), "/log.1", "before")
}

// As on Unix, a deleted file uses space until the last process closes it.
func TestDeletedFilesCountUntilTheyAreClosed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("on Windows the disk cannot identify open files")
	}
	d, _ := newDisk(t, ampleLimit)
	remove := map[string]func(name string) error{
		"remove": d.Remove,
		"tree":   d.RemoveAll,
		"rename": func(name string) error {
			write(t, d, "/other", "")
			return d.Rename("/other", name)
		},
	}
	for how, gone := range remove {
		write(t, d, "/file", "text")
		one, two := open(t, d, "/file", os.O_RDONLY), open(t, d, "/file", os.O_WRONLY|os.O_APPEND)
		must(t, gone("/file"))
		_, err := io.WriteString(two, " and more")
		must(t, err)
		must(t, two.Close())
		if d.Used() != 13 {
			t.Errorf("%s: %d bytes are used, want 13", how, d.Used())
		}
		must(t, one.Close())
		if d.Used() != 0 {
			t.Errorf("%s: %d bytes are used after the file is closed, want 0", how, d.Used())
		}
	}
}

func TestPathsAreBounded(t *testing.T) {
	t.Parallel()
	d, parent := newDisk(t, ampleLimit)
	for _, name := range []string{strings.Repeat("/d", 1_000_000), strings.Repeat("/d", 129), strings.Repeat("/"+strings.Repeat("n", 200), 20)} {
		if err := d.MkdirAll(name, 0o755); !errors.Is(err, syscall.ENAMETOOLONG) {
			t.Errorf("a path of %d bytes: %v, want ENAMETOOLONG", len(name), err)
		}
	}
	// A move must not create a path that exceeds the limits.
	deep := "/deep" + strings.Repeat("/d", 70)
	must(t, d.MkdirAll(deep, 0o755))
	must(t, d.MkdirAll("/top"+strings.Repeat("/d", 70), 0o755))
	if err := d.Rename("/top", deep+"/top"); !errors.Is(err, syscall.ENAMETOOLONG) {
		t.Errorf("moving a deep folder into another deep folder: %v, want ENAMETOOLONG", err)
	}
	must(t, d.Rename("/top", "/deep/d/top"))
	must(t, d.Clone(t.Context(), filepath.Join(parent, "clone")))
	must(t, d.RemoveAll("/deep"))
}

// Names may contain any bytes, and a disk with such names can be opened again.
func TestNamesOfAnyBytes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the file system of the host may accept only UTF-8")
	}
	d, parent := newDisk(t, ampleLimit)
	for _, name := range []string{"/\xff", "/a\nb", "/-rf", "/ä"} {
		must(t, d.Mkdir(name, 0o755))
		write(t, d, name+"/\xfe", "text")
		must(t, d.Rename(name+"/\xfe", name+"/\xfd"))
		must(t, d.Rename(name, name+"x"))
	}
	again := reopened(t, filepath.Join(parent, "disk"))
	wantText(t, again, "/\xffx/\xfd", "text")
	if again.Used() != d.Used() {
		t.Errorf("after reopening %d bytes are used, want %d", again.Used(), d.Used())
	}
	must(t, again.RemoveAll("/\xffx"))
	if _, err := d.Stat("/a\x00b"); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a name with a NUL: %v, want EINVAL", err)
	}
}

func TestOpenFilesAreBounded(t *testing.T) {
	t.Parallel()
	d, _ := newDisk(t, ampleLimit)
	write(t, d, "/file", "text")
	var files []disk.File
	for range 2000 {
		file, err := d.Open("/file")
		if errors.Is(err, syscall.EMFILE) {
			break
		}
		must(t, err)
		files = append(files, file)
	}
	if len(files) != 1024 {
		t.Errorf("%d files could be opened, want 1024", len(files))
	}
	for _, file := range files {
		must(t, file.Close())
		_ = file.Close() // a second Close must not decrease the count again
	}
	write(t, d, "/file", "again")
}

// The root cannot be moved or replaced.
func TestDiskRefusesToBeMoved(t *testing.T) {
	t.Parallel()
	d, _ := newDisk(t, ampleLimit)
	must(t, d.Mkdir("/folder", 0o755))
	write(t, d, "/file", "text")
	for _, pair := range [][2]string{{"/", "/folder/root"}, {"/folder", "/"}, {"/file", "/"}, {"/..", "/folder/x"}, {"/folder", "/folder/itself"}} {
		if err := d.Rename(pair[0], pair[1]); err == nil {
			t.Errorf("%s was renamed to %s", pair[0], pair[1])
		}
	}
	wantText(t, d, "/file", "text")
}
