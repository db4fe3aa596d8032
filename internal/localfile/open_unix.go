// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package localfile

import "syscall"

// nonBlocking makes the open of a pipe return without waiting for its writer. It does
// not change how a regular file is read.
const nonBlocking = syscall.O_NONBLOCK
