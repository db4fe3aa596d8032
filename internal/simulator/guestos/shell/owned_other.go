// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package shell

import "io/fs"

func ownedByRoot(found fs.FileInfo) fs.FileInfo { return found }
