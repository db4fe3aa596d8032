// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package disk keeps the file systems of simulated guests: folders of the host
// that nothing in a guest can leave, that are copied cheaply and that cannot
// grow beyond a limit.
package disk

import (
	"io"
	"io/fs"
	"time"
)

// FS is a file tree as a guest sees it. Names are slash-separated paths from
// the guest's root, such as "/etc/passwd"; a relative name is taken from the
// root and ".." stops there. Symbolic links are followed as the guest would:
// an absolute target is one in the guest. Errors are *fs.PathError with the
// guest's name, never the host's.
type FS interface {
	Open(name string) (File, error)
	OpenFile(name string, flag int, mode fs.FileMode) (File, error)
	Stat(name string) (fs.FileInfo, error)
	Lstat(name string) (fs.FileInfo, error)
	// ReadDir is sorted by name.
	ReadDir(name string) ([]fs.DirEntry, error)
	Readlink(name string) (string, error)
	Mkdir(name string, mode fs.FileMode) error
	MkdirAll(name string, mode fs.FileMode) error
	Symlink(target, name string) error
	Link(old, name string) error
	Rename(old, name string) error
	// RenameNew is Rename to a name that nothing has.
	RenameNew(old, name string) error
	// Exchange lets two names change places in one step.
	Exchange(one, other string) error
	Remove(name string) error
	RemoveAll(name string) error
	Chmod(name string, mode fs.FileMode) error
	Chtimes(name string, accessed, modified time.Time) error
	Truncate(name string, size int64) error
}

// File is an open file of a guest.
type File interface {
	io.Reader
	io.Writer
	io.Seeker
	io.ReaderAt
	io.WriterAt
	io.Closer
	Name() string
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error
	Sync() error
}
