// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package localfile reads local files whose paths come from the user. A path may point
// to a pipe without a writer, to an endless device or to a file larger than the
// memory. Such a path must cause an error and not a hang.
//
// Every function accepts regular files only, reads at most a given number of bytes, and
// stops when its context ends.
package localfile
