// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package disk implements the file systems of simulated guests in folders of
// the host. Nothing in a guest can leave its folder, copies are cheap, and the
// size is limited.
package disk

import (
	"io"
	"io/fs"
	"time"
)

// FS is a file tree as a guest sees it. Names are slash-separated paths from
// the guest's root, such as "/etc/passwd". A relative name starts at the root,
// and ".." cannot leave the root. Symbolic links, including absolute links, are
// resolved inside the guest. Errors are *fs.PathError with the name that the
// guest used, never a path of the host.
type FS interface {
	Open(name string) (File, error)
	OpenFile(name string, flag int, mode fs.FileMode) (File, error)
	Stat(name string) (fs.FileInfo, error)
	Lstat(name string) (fs.FileInfo, error)
	// ReadDir returns the entries of a folder, sorted by name.
	ReadDir(name string) ([]fs.DirEntry, error)
	Readlink(name string) (string, error)
	Mkdir(name string, mode fs.FileMode) error
	MkdirAll(name string, mode fs.FileMode) error
	Symlink(target, name string) error
	Link(old, name string) error
	Rename(old, name string) error
	// RenameNew renames a file or folder. It returns fs.ErrExist if the new name
	// exists.
	RenameNew(old, name string) error
	// Exchange swaps two files or folders.
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
