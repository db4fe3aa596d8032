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

// links is the number of names that a file has.
func links(found fs.FileInfo) uint64 {
	if stat, ok := found.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink) //nolint:unconvert // its type differs between systems
	}
	return 1
}
