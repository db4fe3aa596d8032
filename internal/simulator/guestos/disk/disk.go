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
	// maxEntries is the maximum number of files and folders on a disk.
	maxEntries = 200_000
	// maxOpen is the maximum number of open files on a disk. The host can have only
	// a limited number of open files.
	maxOpen = 1024
)

// Disk is the file tree of a guest in a folder of the host. It is safe for
// concurrent use.
//
// Clones share unchanged files by hard links. Before a shared file changes, the
// disk replaces the file with a copy. Because hard links mark shared files, Link
// copies the file instead.
type Disk struct {
	dir   string
	root  *os.Root
	limit int64

	// cloneMu is held for writing during a clone and for reading during a change,
	// so that a clone is consistent.
	cloneMu sync.RWMutex
	// copyMu is held while a shared file is copied, so that it is copied only
	// once.
	copyMu sync.Mutex

	mu      sync.Mutex // guards the fields below
	used    int64
	entries int64
	open    int
	handles map[fileID]*handles
}

// handles counts how often a file is open. A deleted file uses space until its
// last handle is closed.
type handles struct {
	all, writing int
	deleted      bool
}

var _ FS = (*Disk)(nil)

// Create creates an empty disk in a folder that must not exist. limit is the
// maximum size of all files in bytes.
func Create(dir string, limit int64) (*Disk, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create a disk: %w", err)
	}
	return Open(dir, limit)
}

// Open opens an existing disk. limit is the maximum size of all files in bytes.
func Open(dir string, limit int64) (*Disk, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open a disk: %w", err)
	}
	d := &Disk{dir: dir, root: root, limit: limit, handles: map[fileID]*handles{}}
	if err := root.RemoveAll(spareName); err != nil { // left by a killed process
		return nil, errors.Join(fmt.Errorf("open a disk: %w", err), root.Close())
	}
	if d.used, d.entries, err = d.measure(".", fs.FileInfo.Size); err != nil {
		return nil, errors.Join(fmt.Errorf("open a disk: %w", err), root.Close())
	}
	return d, nil
}

// measure adds up the weights of all files below a path, and counts the
// entries.
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

// walk visits a tree, each folder before its content. It skips entries that are
// deleted during the walk. Package fs cannot be used here, because it rejects
// names that are not UTF-8.
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

// Close closes the folder. Open files stay open until they are closed.
func (d *Disk) Close() error { return d.root.Close() }

// Used returns the total size of all files in bytes.
func (d *Disk) Used() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used
}

// Remove deletes the folder of a complete or incomplete disk. A missing folder
// is not an error.
func Remove(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("delete a disk: %w", err)
	}
	return nil
}

// change calls a function that changes the file tree. It first waits until a
// running clone is complete.
func (d *Disk) change(op, name string, change func() error) error {
	d.cloneMu.RLock()
	defer d.cloneMu.RUnlock()
	return guestError(op, name, change())
}

// guestError converts an error to a *fs.PathError with the name that the guest
// used. It removes paths of the host.
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
