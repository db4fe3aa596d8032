// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package shell

import (
	"io/fs"
	"syscall"
)

// ownedInfo shows a file as root's. The interpreter looks for the owner in what
// the host's system says of a file, of which there must be something.
type ownedInfo struct{ fs.FileInfo }

func (ownedInfo) Sys() any { return &syscall.Stat_t{} }

func ownedByRoot(found fs.FileInfo) fs.FileInfo { return ownedInfo{found} }
