// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package localfile

import "syscall"

// nonBlocking lets open return without waiting for the writer of a pipe. It has no
// effect on regular files.
const nonBlocking = syscall.O_NONBLOCK
