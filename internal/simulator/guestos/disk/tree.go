// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Stat returns the attributes of a file. It follows links.
func (d *Disk) Stat(name string) (fs.FileInfo, error) { return d.stat("stat", name, true) }

// Lstat is like Stat, but does not follow a symbolic link in the last element.
func (d *Disk) Lstat(name string) (fs.FileInfo, error) { return d.stat("lstat", name, false) }

func (d *Disk) stat(op, name string, last bool) (fs.FileInfo, error) {
	at, err := d.resolve(name, last)
	if err != nil {
		return nil, guestError(op, name, err)
	}
	found, err := d.root.Lstat(at)
	if err != nil {
		return nil, guestError(op, name, err)
	}
	return info{found, path.Base(path.Clean("/" + name))}, nil
}

// ReadDir returns the entries of a folder, sorted by name.
func (d *Disk) ReadDir(name string) ([]fs.DirEntry, error) {
	at, err := d.resolve(name, true)
	if err != nil {
		return nil, guestError("readdir", name, err)
	}
	folder, err := d.root.Open(at)
	if err != nil {
		return nil, guestError("readdir", name, err)
	}
	defer func() { _ = folder.Close() }() // only read
	found, err := folder.ReadDir(-1)
	entries := make([]fs.DirEntry, 0, len(found))
	for _, e := range found {
		if at == "." && e.Name() == spareName {
			continue
		}
		entries = append(entries, entry{e})
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, guestError("readdir", name, err)
}

// Readlink returns the unchanged target of a symbolic link.
func (d *Disk) Readlink(name string) (string, error) {
	at, err := d.resolve(name, false)
	if err != nil {
		return "", guestError("readlink", name, err)
	}
	target, err := d.root.Readlink(at)
	return filepath.ToSlash(target), guestError("readlink", name, err)
}

// Mkdir creates a folder.
func (d *Disk) Mkdir(name string, mode fs.FileMode) error {
	return d.change("mkdir", name, func() error {
		at, err := d.resolve(name, true)
		if err == nil {
			err = d.grow(1)
		}
		if err != nil {
			return err
		}
		if err := d.root.Mkdir(at, 0o700); err != nil {
			d.count(0, -1)
			return err
		}
		return d.root.Chmod(at, hostMode(mode, true))
	})
}

// MkdirAll creates a folder and its missing parents. An existing folder is not
// an error.
func (d *Disk) MkdirAll(name string, mode fs.FileMode) error {
	found, err := d.Stat(name)
	switch {
	case err == nil && found.IsDir():
		return nil
	case err == nil:
		return guestError("mkdir", name, syscall.ENOTDIR)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	above := path.Dir(path.Clean("/" + name))
	if above != "/" {
		if err := d.MkdirAll(above, mode); err != nil {
			return err
		}
	}
	if err := d.Mkdir(name, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Symlink creates a symbolic link. The target may be any text; it is resolved
// inside the guest.
func (d *Disk) Symlink(target, name string) error {
	return d.change("symlink", name, func() error {
		at, err := d.resolve(name, false)
		if err == nil {
			err = d.grow(1)
		}
		if err != nil {
			return err
		}
		if err := d.root.Symlink(target, at); err != nil {
			d.count(0, -1)
			return err
		}
		return nil
	})
}

// Link copies a file to a new name, because hard links are reserved for clones.
func (d *Disk) Link(old, name string) error {
	from, err := d.Open(old)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // only read
	found, err := from.Stat()
	if err != nil {
		return err
	}
	if !found.Mode().IsRegular() {
		return guestError("link", old, syscall.EPERM)
	}
	to, err := d.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, found.Mode())
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// Rename moves a file or folder. It replaces an existing file that has the new
// name.
func (d *Disk) Rename(old, name string) error {
	return d.change("rename", old, func() error { return d.rename(old, name) })
}

// RenameNew moves a file or folder. It returns fs.ErrExist if the new name
// exists. No other change can happen between the check and the move.
func (d *Disk) RenameNew(old, name string) error {
	d.cloneMu.Lock()
	defer d.cloneMu.Unlock()
	if _, err := d.Lstat(name); err == nil {
		return guestError("rename", name, fs.ErrExist)
	}
	return guestError("rename", old, d.rename(old, name))
}

func (d *Disk) rename(old, name string) error {
	from, err := d.resolve(old, false)
	if err != nil {
		return err
	}
	to, err := d.resolve(name, false)
	if err != nil {
		return err
	}
	if from == to {
		return nil
	}
	if err := d.checkMove(from, to); err != nil {
		return err
	}
	replaced, missing := d.root.Lstat(to)
	if err := d.root.Rename(from, to); err != nil {
		return err
	}
	if missing == nil {
		d.countRemoved(replaced)
	}
	return nil
}

// checkMove returns ENAMETOOLONG if a path in a folder would exceed the limits
// after a move.
func (d *Disk) checkMove(from, to string) error {
	found, err := d.root.Lstat(from)
	if err != nil {
		return err
	}
	return d.walk(from, found, func(at string, _ fs.FileInfo) error {
		moved := to + strings.TrimPrefix(at, from)
		if len(moved) > maxPath || strings.Count(moved, "/") >= maxLevels {
			return syscall.ENAMETOOLONG
		}
		return nil
	})
}

// countRemoved subtracts a deleted file, link or empty folder from the used
// bytes and entries.
func (d *Disk) countRemoved(found fs.FileInfo) {
	var size int64
	if found.Mode().IsRegular() {
		size = d.bytesFreed(found)
	}
	d.count(-size, -1)
}

// Remove deletes a file, a link or an empty folder.
func (d *Disk) Remove(name string) error {
	return d.change("remove", name, func() error {
		at, err := d.resolve(name, false)
		if err != nil {
			return err
		}
		if at == "." {
			return syscall.EBUSY
		}
		found, err := d.root.Lstat(at)
		if err == nil {
			err = d.root.Remove(at)
		}
		if err == nil {
			d.countRemoved(found)
		}
		return err
	})
}

// RemoveAll deletes a tree. A missing tree is not an error. If name is the root,
// RemoveAll deletes only the content.
func (d *Disk) RemoveAll(name string) error {
	at, err := d.resolve(name, false)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return guestError("remove", name, err)
	case at == ".":
		return d.removeEntries("/")
	}
	return d.change("remove", name, func() error {
		size, entries, err := d.measure(at, d.bytesFreed)
		if err != nil {
			return err
		}
		if err := d.root.RemoveAll(at); err != nil {
			return err
		}
		d.count(-size, -entries)
		return nil
	})
}

func (d *Disk) removeEntries(name string) error {
	entries, err := d.ReadDir(name)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := d.RemoveAll(path.Join(name, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// Chmod changes the permission bits of a file or folder.
func (d *Disk) Chmod(name string, mode fs.FileMode) error {
	return d.change("chmod", name, func() error {
		at, found, err := d.resolveUnshared(name)
		if err != nil {
			return err
		}
		return d.root.Chmod(at, hostMode(mode, found.IsDir()))
	})
}

// Chtimes changes the times of a file or folder.
func (d *Disk) Chtimes(name string, accessed, modified time.Time) error {
	return d.change("chtimes", name, func() error {
		at, _, err := d.resolveUnshared(name)
		if err != nil {
			return err
		}
		return d.root.Chtimes(at, accessed, modified)
	})
}

// Truncate sets the size of a file in bytes.
func (d *Disk) Truncate(name string, size int64) error {
	file, err := d.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Truncate(size), file.Close())
}

// resolveUnshared resolves a name and replaces a shared file with a copy.
func (d *Disk) resolveUnshared(name string) (string, fs.FileInfo, error) {
	at, err := d.resolve(name, true)
	if err != nil {
		return "", nil, err
	}
	found, err := d.root.Lstat(at)
	if err != nil {
		return "", nil, err
	}
	return at, found, d.unshare(at, found)
}

// count adds to the used bytes and entries.
func (d *Disk) count(size, entries int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.used += size
	d.entries += entries
}

// grow reserves entries. It returns ENOSPC if the disk would hold too many.
func (d *Disk) grow(entries int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.entries+entries > maxEntries {
		return syscall.ENOSPC
	}
	d.entries += entries
	return nil
}
