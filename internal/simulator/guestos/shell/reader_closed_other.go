// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package shell

import "io"

// readerClosed returns false, because this system does not report whether a pipe
// still has a reader.
func readerClosed(io.Writer) bool { return false }
