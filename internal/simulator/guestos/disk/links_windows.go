// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import "io/fs"

// countsLinks is false, because Go does not return the number of hard links on
// Windows. Clones therefore share no files.
const countsLinks = false

// fileID is empty, because Go returns no file ids on Windows.
type fileID struct{}

func identify(fs.FileInfo) (fileID, bool) { return fileID{}, false }

func links(fs.FileInfo) uint64 { return 1 }
