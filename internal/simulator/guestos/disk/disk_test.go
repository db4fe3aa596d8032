// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

const ampleLimit = 1 << 20

// newDisk creates a disk in a folder that also holds a file of the host, which
// guests must not be able to reach.
func newDisk(t *testing.T, limit int64) (*disk.Disk, string) {
	t.Helper()
	parent := t.TempDir()
	if err := os.WriteFile(filepath.Join(parent, "secret"), []byte("of the host"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := disk.Create(filepath.Join(parent, "disk"), limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, parent
}

func write(t *testing.T, d disk.FS, name, text string) {
	t.Helper()
	file, err := d.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(file, text); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func read(d disk.FS, name string) (string, error) {
	file, err := d.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(file)
	return string(text), err
}

func wantText(t *testing.T, d disk.FS, name, want string) {
	t.Helper()
	if text, err := read(d, name); err != nil || text != want {
		t.Errorf("%s holds %q (%v), want %q", name, text, err, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestDiskConfines(t *testing.T) {
	t.Parallel()
	d, parent := newDisk(t, ampleLimit)
	must(t, d.MkdirAll("/a/b", 0o755))
	for link, target := range map[string]string{
		"/up": "../secret", "/far": "../../../../../../../../etc/passwd", "/absolute": filepath.Join(parent, "secret"), "/a/b/up": "../../../secret",
		"/folder": parent, "/a/etc": "/etc",
	} {
		must(t, d.Symlink(target, link))
	}
	names := []string{
		"../secret", "/../secret", "/a/../../secret", "/up", "/far", "/absolute", "/a/b/up", "/folder/secret", "/a/etc/passwd",
		"/etc/passwd", filepath.Join(parent, "secret"), "/proc/self/environ",
	}
	for _, name := range names {
		if text, err := read(d, name); err == nil && text != "of the guest" {
			t.Errorf("%s was read: %q", name, text)
		} else if err != nil && strings.Contains(err.Error(), parent) && !strings.Contains(name, parent) {
			t.Errorf("%s: the error contains a path of the host: %v", name, err)
		}
		if file, err := d.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644); err == nil {
			_, _ = io.WriteString(file, "of the guest")
			_ = file.Close()
		}
		_ = d.Remove(name)
		_ = d.Chmod(name, 0)
		_ = d.Rename(name, "/stolen")
	}
	if text, err := os.ReadFile(filepath.Join(parent, "secret")); err != nil || string(text) != "of the host" {
		t.Errorf("the host's file holds %q (%v)", text, err)
	}
}

// A link that changes between lookup and use must not lead out of the disk.
func TestDiskConfinesWhileLinksChange(t *testing.T) {
	t.Parallel()
	d, parent := newDisk(t, ampleLimit)
	must(t, d.MkdirAll("/real", 0o755))
	write(t, d, "/real/secret", "of the guest")
	must(t, d.Clone(t.Context(), filepath.Join(parent, "clone"))) // share the files, so that a write must copy first
	var busy sync.WaitGroup
	done := make(chan struct{})
	busy.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			_ = d.Rename("/real", "/aside")
			_ = d.Symlink(parent, "/real")
			_ = d.Remove("/real")
			_ = d.Rename("/aside", "/real")
		}
	})
	for range 2000 {
		if text, err := read(d, "/real/secret"); err == nil && text != "of the guest" {
			t.Errorf("read %q", text)
			break
		}
		if file, err := d.OpenFile("/real/secret", os.O_WRONLY, 0); err == nil {
			_, _ = io.WriteString(file, "of the guest")
			_ = file.Close()
		}
	}
	close(done)
	busy.Wait()
	if text, _ := os.ReadFile(filepath.Join(parent, "secret")); string(text) != "of the host" {
		t.Errorf("the host's file holds %q", text)
	}
}

func TestDiskFollowsLinksAsTheGuestWould(t *testing.T) {
	t.Parallel()
	d, _ := newDisk(t, ampleLimit)
	must(t, d.MkdirAll("/var/log", 0o755))
	write(t, d, "/var/log/messages", "booted")
	must(t, d.Symlink("/var/log", "/logs"))
	must(t, d.Symlink("../var/log/messages", "/logs/../link"))
	wantText(t, d, "/logs/messages", "booted")
	must(t, d.Symlink("loop", "/loop"))
	if _, err := d.Stat("/loop"); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a link to itself: %v, want ELOOP", err)
	}
	if _, err := d.Stat("/var/log/messages/x"); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("a path below a file: %v, want ENOTDIR", err)
	}
	must(t, d.Symlink("/var/new", "/dangling"))
	write(t, d, "/dangling", "made through a link")
	wantText(t, d, "/var/new", "made through a link")
}

func TestCloneIsIndependent(t *testing.T) {
	t.Parallel()
	d, parent := newDisk(t, ampleLimit)
	must(t, d.MkdirAll("/etc/empty", 0o750))
	write(t, d, "/etc/app", "one")
	must(t, d.Chmod("/etc/app", 0o640))
	must(t, d.Symlink("/etc/app", "/app"))
	open, err := d.OpenFile("/etc/open", os.O_WRONLY|os.O_CREATE, 0o644)
	must(t, err)
	_, err = io.WriteString(open, "before")
	must(t, err)

	must(t, d.Clone(t.Context(), filepath.Join(parent, "clone")))
	clone, err := disk.Open(filepath.Join(parent, "clone"), ampleLimit)
	must(t, err)
	t.Cleanup(func() { _ = clone.Close() })
	_, err = io.WriteString(open, " and after")
	must(t, err)
	must(t, open.Close())
	write(t, d, "/etc/app", "two")
	must(t, d.Chmod("/etc/app", 0o600))
	appended, err := clone.OpenFile("/app", os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	_, err = io.WriteString(appended, " more")
	must(t, err)
	must(t, appended.Close())

	wantText(t, d, "/etc/app", "two")
	wantText(t, d, "/etc/open", "before and after")
	wantText(t, clone, "/etc/app", "one more")
	wantText(t, clone, "/etc/open", "before")
	if found, err := clone.Stat("/etc/app"); err != nil || found.Mode() != 0o640 {
		t.Errorf("the clone's mode is %v (%v), want 0640", found.Mode(), err)
	}
	if found, err := clone.Stat("/etc/empty"); err != nil || found.Mode().Perm() != 0o750 {
		t.Errorf("the clone's folder: %v (%v)", found, err)
	}
	if err := d.Clone(t.Context(), filepath.Join(parent, "clone")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("cloning to an existing folder: %v, want ErrExist", err)
	}
}

func TestCloneReplacesWhatAKilledOneLeft(t *testing.T) {
	t.Parallel()
	d, parent := newDisk(t, ampleLimit)
	write(t, d, "/file", "text")
	must(t, os.MkdirAll(filepath.Join(parent, "clone.partial", "half"), 0o700))
	must(t, d.Clone(t.Context(), filepath.Join(parent, "clone")))
	if _, err := os.Stat(filepath.Join(parent, "clone", "half")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the clone holds the incomplete copy: %v", err)
	}
}

func TestDiskIsBounded(t *testing.T) {
	t.Parallel()
	d, parent := newDisk(t, 1000)
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			file, err := d.OpenFile("/"+string(rune('a'+i)), os.O_WRONLY|os.O_CREATE, 0o644)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = file.Close() }()
			for range 200 {
				if _, err = file.Write(make([]byte, 10)); err != nil {
					break
				}
			}
			if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("writing to a full disk: %v, want ENOSPC", err)
			}
		})
	}
	writers.Wait()
	if used := d.Used(); used != 1000 {
		t.Errorf("%d bytes are used, want 1000", used)
	}
	must(t, d.Truncate("/a", 0))
	must(t, d.Remove("/b"))
	must(t, d.RemoveAll("/c"))
	left, err := d.Stat("/d")
	must(t, err)
	if d.Used() != left.Size() {
		t.Errorf("%d bytes are used, want %d", d.Used(), left.Size())
	}
	again, err := disk.Open(filepath.Join(parent, "disk"), 1000)
	must(t, err)
	t.Cleanup(func() { _ = again.Close() })
	if again.Used() != d.Used() {
		t.Errorf("after reopening %d bytes are used, want %d", again.Used(), d.Used())
	}
	if err := d.Truncate("/d", 2000); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a sparse file over the limit: %v, want ENOSPC", err)
	}
}

// A mode that a guest sets must not prevent the simulator from reading or
// writing the file.
func TestModes(t *testing.T) {
	t.Parallel()
	d, parent := newDisk(t, ampleLimit)
	write(t, d, "/file", "text")
	must(t, d.Mkdir("/folder", 0o555))
	for _, mode := range []fs.FileMode{0, 0o400, 0o200, 0o444, 0o755} {
		must(t, d.Chmod("/file", mode))
		if found, err := d.Stat("/file"); err != nil || found.Mode() != mode {
			t.Errorf("the mode is %v (%v), want %v", found.Mode(), err, mode)
		}
		write(t, d, "/file", "text")
	}
	must(t, d.Chmod("/file", 0o400))
	must(t, d.Clone(t.Context(), filepath.Join(parent, "clone")))
	clone, err := disk.Open(filepath.Join(parent, "clone"), ampleLimit)
	must(t, err)
	t.Cleanup(func() { _ = clone.Close() })
	if found, err := clone.Stat("/file"); err != nil || found.Mode() != 0o400 {
		t.Errorf("the clone's mode is %v (%v), want 0400", found.Mode(), err)
	}
	write(t, d, "/folder/file", "text")
}

func FuzzResolve(f *testing.F) {
	for _, seed := range []string{"/", "..", "/a/../../..//x", "a/b/link/../secret", "\x00", "/link/link/link", strings.Repeat("../", 50) + "secret"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		parent := t.TempDir()
		must(t, os.WriteFile(filepath.Join(parent, "secret"), []byte("of the host"), 0o600))
		d, err := disk.Create(filepath.Join(parent, "disk"), ampleLimit)
		must(t, err)
		defer func() { _ = d.Close() }()
		must(t, d.MkdirAll("/a/b", 0o755))
		must(t, d.Symlink("../../..", "/a/b/link"))
		must(t, d.Symlink(parent, "/link"))
		if text, err := read(d, name); err == nil {
			t.Errorf("%q was read: %q", name, text)
		}
	})
}
