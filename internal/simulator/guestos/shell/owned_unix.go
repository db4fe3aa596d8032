// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package shell

import (
	"io/fs"
	"syscall"
)

// ownedInfo describes a file that belongs to root. The interpreter reads the owner
// from the result of Sys, which must be a Stat_t of the host's system.
type ownedInfo struct{ fs.FileInfo }

func (ownedInfo) Sys() any { return &syscall.Stat_t{} }

func ownedByRoot(found fs.FileInfo) fs.FileInfo { return ownedInfo{found} }
