// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package localfile

// nonBlocking is 0: only Unix has pipes whose open waits.
const nonBlocking = 0
