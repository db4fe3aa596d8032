// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
)

// maxEntries bounds the files and folders of a disk.
const maxEntries = 200_000

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

	// still is held for writing while the disk is cloned and for reading while
	// anything changes it, so that a clone is the disk at one moment.
	still sync.RWMutex
	// copying makes one copy of a shared file, however many open it at once.
	copying sync.Mutex

	mu      sync.Mutex // guards all below
	used    int64
	entries int64
	writers map[string]int // open for writing, by path on the disk
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
	d := &Disk{dir: dir, root: root, limit: limit, writers: map[string]int{}}
	if d.used, d.entries, err = d.measure("."); err != nil {
		return nil, errors.Join(fmt.Errorf("opening a disk: %w", err), root.Close())
	}
	return d, nil
}

// measure counts the bytes of all files below a folder, and the entries. What
// vanishes meanwhile counts as gone.
func (d *Disk) measure(at string) (size, entries int64, err error) {
	err = fs.WalkDir(d.root.FS(), at, func(_ string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		}
		entries++
		if !entry.Type().IsRegular() {
			return nil
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, entries, err
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
	d.still.RLock()
	defer d.still.RUnlock()
	return told(op, name, change())
}

// told says what failed in the guest's own words: no path of the host.
func told(op, name string, err error) error {
	if err == nil {
		return nil
	}
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}
