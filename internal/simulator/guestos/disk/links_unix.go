// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package disk

import (
	"io/fs"
	"syscall"
)

// countsLinks tells that the host says how many names a file has.
const countsLinks = true

// fileID tells which file of the host one is, whatever it is called.
type fileID struct{ device, number uint64 }

// identify tells it; ok is false where the host does not say.
func identify(found fs.FileInfo) (id fileID, ok bool) {
	stat, ok := found.Sys().(*syscall.Stat_t)
	if !ok {
		return fileID{}, false
	}
	return fileID{uint64(stat.Dev), stat.Ino}, true //nolint:unconvert // its type differs between systems
}

// links is the number of names that a file has.
func links(found fs.FileInfo) uint64 {
	if stat, ok := found.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink) //nolint:unconvert // its type differs between systems
	}
	return 1
}
