// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package localfile reads the files of this machine that a user names. A path may lead
// to a pipe without a writer, to an endless device or to a file larger than the memory.
// Reading such a file must end in an error, and not in a hang.
//
// Every function accepts regular files only, reads at most a given number of bytes, and
// stops when its context ends.
package localfile
