// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// mounted is a guest's file tree: its disk and the mounted Cloud Storage.
// A path is resolved to a mount by its text only, so a symbolic link does not
// lead into a mount.
type mounted struct{ g *guest }

// resolve returns the file tree that holds a path, and the path in that tree.
func (m mounted) resolve(name string) (disk.FS, string) {
	m.g.mu.Lock()
	defer m.g.mu.Unlock()
	clean := path.Clean("/" + name)
	for at, files := range m.g.mounts {
		if clean == at {
			return files, "/"
		}
		if rest, found := strings.CutPrefix(clean, at+"/"); found {
			return files, "/" + rest
		}
	}
	return m.g.disk, name
}

func (m mounted) Open(name string) (disk.File, error) { return m.OpenFile(name, os.O_RDONLY, 0) }

func (m mounted) OpenFile(name string, flag int, mode fs.FileMode) (disk.File, error) {
	files, at := m.resolve(name)
	return files.OpenFile(at, flag, mode)
}

func (m mounted) Stat(name string) (fs.FileInfo, error) {
	files, at := m.resolve(name)
	return files.Stat(at)
}

func (m mounted) Lstat(name string) (fs.FileInfo, error) {
	files, at := m.resolve(name)
	return files.Lstat(at)
}

func (m mounted) ReadDir(name string) ([]fs.DirEntry, error) {
	files, at := m.resolve(name)
	return files.ReadDir(at)
}

func (m mounted) Readlink(name string) (string, error) {
	files, at := m.resolve(name)
	return files.Readlink(at)
}

func (m mounted) Mkdir(name string, mode fs.FileMode) error {
	files, at := m.resolve(name)
	return files.Mkdir(at, mode)
}

func (m mounted) MkdirAll(name string, mode fs.FileMode) error {
	files, at := m.resolve(name)
	return files.MkdirAll(at, mode)
}

func (m mounted) Symlink(target, name string) error {
	files, at := m.resolve(name)
	return files.Symlink(target, at)
}

func (m mounted) Link(old, name string) error {
	return m.sameDisk("link", old, name, disk.FS.Link)
}

func (m mounted) Rename(old, name string) error {
	return m.sameDisk("rename", old, name, disk.FS.Rename)
}

func (m mounted) RenameNew(old, name string) error {
	return m.sameDisk("rename", old, name, disk.FS.RenameNew)
}

func (m mounted) Exchange(one, other string) error {
	return m.sameDisk("exchange", one, other, disk.FS.Exchange)
}

// sameDisk runs an operation on two paths of the same file tree. Otherwise it
// returns EXDEV.
func (m mounted) sameDisk(op, old, name string, do func(disk.FS, string, string) error) error {
	from, source := m.resolve(old)
	to, target := m.resolve(name)
	if from != to {
		return &fs.PathError{Op: op, Path: name, Err: syscall.EXDEV}
	}
	return do(from, source, target)
}

func (m mounted) Remove(name string) error {
	files, at := m.resolve(name)
	return files.Remove(at)
}

func (m mounted) RemoveAll(name string) error {
	files, at := m.resolve(name)
	return files.RemoveAll(at)
}

func (m mounted) Chmod(name string, mode fs.FileMode) error {
	files, at := m.resolve(name)
	return files.Chmod(at, mode)
}

func (m mounted) Chtimes(name string, accessed, modified time.Time) error {
	files, at := m.resolve(name)
	return files.Chtimes(at, accessed, modified)
}

func (m mounted) Truncate(name string, size int64) error {
	files, at := m.resolve(name)
	return files.Truncate(at, size)
}
