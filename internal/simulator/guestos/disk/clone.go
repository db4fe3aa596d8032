// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// partial is the suffix of an incomplete copy. Clone removes an incomplete copy
// that a killed process left.
const partial = ".partial"

// Clone copies the disk to a folder that must not exist. The copy is consistent,
// because writers wait until the clone is complete. If the host supports it, the
// copy shares blocks or hard links with the original files.
func (d *Disk) Clone(ctx context.Context, dir string) error {
	d.cloneMu.Lock()
	defer d.cloneMu.Unlock()
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("copy a disk: %s: %w", dir, fs.ErrExist)
	}
	temporary := dir + partial
	err := os.RemoveAll(temporary)
	if err == nil {
		err = d.copyTree(ctx, temporary)
	}
	if err == nil {
		err = os.Rename(temporary, dir)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("copy a disk: %w", err), os.RemoveAll(temporary))
	}
	return nil
}

// pendingFolder is a copied folder whose mode and times are set after its
// content is complete.
type pendingFolder struct {
	path string
	info fs.FileInfo
}

func (d *Disk) copyTree(ctx context.Context, to string) error {
	var folders []pendingFolder
	shares := true // false once the file system has refused to share blocks
	err := filepath.WalkDir(d.dir, func(from string, entry fs.DirEntry, err error) error {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		relative, err := filepath.Rel(d.dir, from)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		switch {
		case entry.IsDir():
			folders = append(folders, pendingFolder{target, info})
			return os.Mkdir(target, 0o700)
		case entry.Type()&fs.ModeSymlink != 0:
			return copySymlink(from, target)
		case entry.Type().IsRegular():
			if shares = shares && reflink(from, target, info) == nil; shares {
				return nil
			}
			return d.share(from, target, info)
		}
		return nil // guests cannot create other types
	})
	for i := len(folders) - 1; i >= 0 && err == nil; i-- {
		err = errors.Join(os.Chmod(folders[i].path, folders[i].info.Mode()),
			os.Chtimes(folders[i].path, folders[i].info.ModTime(), folders[i].info.ModTime()))
	}
	return err
}

func copySymlink(from, to string) error {
	target, err := os.Readlink(from)
	if err != nil {
		return err
	}
	return os.Symlink(target, to)
}

// share adds a file to a clone, as a hard link if possible. A file that is open
// for writing is always copied, because the clone would show later writes through
// a hard link.
func (d *Disk) share(from, to string, info fs.FileInfo) error {
	if countsLinks && !d.isWritten(info) && os.Link(from, to) == nil {
		return nil
	}
	return copyFile(from, to, info)
}

// isWritten reports whether a file is open for writing, under any of its names.
func (d *Disk) isWritten(found fs.FileInfo) bool {
	id, _ := identify(found)
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.handles[id]
	return h != nil && h.writing > 0
}

func copyFile(from, to string, info fs.FileInfo) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // only read
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Chmod(info.Mode()), target.Close(), os.Chtimes(to, info.ModTime(), info.ModTime()))
}

// spareName is the temporary name of a copy before it replaces the file. Guests
// cannot use this name.
const spareName = ".gogrid-copy"

// unshare copies a file that is shared with other disks, and replaces the file
// with the copy. It must be called
// before the file changes.
func (d *Disk) unshare(at string, found fs.FileInfo) error {
	if !found.Mode().IsRegular() || links(found) < 2 {
		return nil
	}
	d.copyMu.Lock()
	defer d.copyMu.Unlock()
	current, err := d.root.Lstat(at)
	if err != nil || links(current) < 2 {
		return err
	}
	err = d.copyWithin(at, spareName, current)
	if err == nil {
		err = d.root.Rename(spareName, at)
	}
	if err != nil {
		return errors.Join(err, d.root.RemoveAll(spareName))
	}
	return nil
}

// copyWithin copies a file by paths relative to the root of the disk. It does not
// use paths of the host: a guest could change a link in such a path during the
// copy.
func (d *Disk) copyWithin(from, to string, info fs.FileInfo) error {
	source, err := d.root.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // only read
	target, err := d.root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Chmod(info.Mode()), target.Close(), d.root.Chtimes(to, info.ModTime(), info.ModTime()))
}
