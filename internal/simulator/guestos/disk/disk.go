// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
)

const (
	// maxEntries bounds the files and folders of a disk.
	maxEntries = 200_000
	// maxOpen bounds the files that are open at once: the host has only so many.
	maxOpen = 1024
)

// Disk is the file tree of a guest in a folder of the host. Programs of the
// guest that run at the same time may use it together.
//
// Disks that were cloned share unchanged files by hard links; whatever would
// change such a file replaces it by a copy first. Hard links that a guest makes
// are therefore copies.
type Disk struct {
	dir   string
	root  *os.Root
	limit int64

	// cloneMu is held for writing while the disk is cloned and for reading while
	// anything changes it, so that a clone is the disk at one moment.
	cloneMu sync.RWMutex
	// copyMu makes one copy of a shared file, however many open it at once.
	copyMu sync.Mutex

	mu      sync.Mutex // guards all below
	used    int64
	entries int64
	open    int
	handles map[fileID]*handles
}

// handles are how often a file is open. One that is deleted meanwhile counts
// for what is used until nobody has it open any more.
type handles struct {
	all, writing int
	deleted      bool
}

var _ FS = (*Disk)(nil)

// Create makes an empty disk in a folder that must not exist. limit is the
// number of bytes that all its files together may have.
func Create(dir string, limit int64) (*Disk, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making a disk: %w", err)
	}
	return Open(dir, limit)
}

// Open opens a disk that exists.
func Open(dir string, limit int64) (*Disk, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening a disk: %w", err)
	}
	d := &Disk{dir: dir, root: root, limit: limit, handles: map[fileID]*handles{}}
	if err := root.RemoveAll(spareName); err != nil { // what a killed process left
		return nil, errors.Join(fmt.Errorf("opening a disk: %w", err), root.Close())
	}
	if d.used, d.entries, err = d.measure(".", fs.FileInfo.Size); err != nil {
		return nil, errors.Join(fmt.Errorf("opening a disk: %w", err), root.Close())
	}
	return d, nil
}

// measure counts what the files below a folder weigh, and the entries.
func (d *Disk) measure(at string, weigh func(fs.FileInfo) int64) (size, entries int64, err error) {
	found, err := d.root.Lstat(at)
	if err != nil {
		return 0, 0, err
	}
	err = d.walk(at, found, func(_ string, found fs.FileInfo) error {
		entries++
		if found.Mode().IsRegular() {
			size += weigh(found)
		}
		return nil
	})
	return size, entries, err
}

// walk visits a tree, folders before what is in them. What vanishes meanwhile
// is left out. Package fs would refuse names that are not UTF-8.
func (d *Disk) walk(at string, found fs.FileInfo, visit func(at string, found fs.FileInfo) error) error {
	if err := visit(at, found); err != nil || !found.IsDir() {
		return err
	}
	folder, err := d.root.Open(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	inside, err := folder.Readdir(-1)
	if err = errors.Join(err, folder.Close()); err != nil {
		return err
	}
	for _, next := range inside {
		if err := d.walk(path.Join(at, next.Name()), next, visit); err != nil {
			return err
		}
	}
	return nil
}

// Close frees the folder. Files that are open stay so until they are closed.
func (d *Disk) Close() error { return d.root.Close() }

// Used is the number of bytes that all files together have.
func (d *Disk) Used() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used
}

// Remove deletes a disk, or what is left of one. One that is gone is no error.
func Remove(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("deleting a disk: %w", err)
	}
	return nil
}

// change runs a change of the disk's tree, which a clone waits for.
func (d *Disk) change(op, name string, change func() error) error {
	d.cloneMu.RLock()
	defer d.cloneMu.RUnlock()
	return guestError(op, name, change())
}

// guestError says what failed in the guest's own words: no path of the host.
func guestError(op, name string, err error) error {
	if err == nil {
		return nil
	}
	var file *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &file):
		err = file.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}
