// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package disk

import (
	"io/fs"
	"syscall"
)

// countsLinks reports whether the host knows the number of hard links of a
// file.
const countsLinks = true

// fileID identifies a file of the host, independent of its names.
type fileID struct{ device, number uint64 }

// identify returns the id of a file. ok is false if the host has no ids.
func identify(found fs.FileInfo) (id fileID, ok bool) {
	stat, ok := found.Sys().(*syscall.Stat_t)
	if !ok {
		return fileID{}, false
	}
	return fileID{uint64(stat.Dev), stat.Ino}, true //nolint:unconvert // the type differs between systems
}

// links returns the number of hard links of a file.
func links(found fs.FileInfo) uint64 {
	if stat, ok := found.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink) //nolint:unconvert // the type differs between systems
	}
	return 1
}
