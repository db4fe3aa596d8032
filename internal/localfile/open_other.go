// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package localfile

// nonBlocking is 0, because only on Unix can opening a pipe block.
const nonBlocking = 0
