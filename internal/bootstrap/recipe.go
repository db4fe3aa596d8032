// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import "io/fs"

// Limits of an archive. They keep every archive within the plain zip format:
// past 65,535 entries or 4 GiB a zip needs the ZIP64 extension, which the
// unpackers of Windows 2003 and 2008 cannot read.
const (
	// MaxFiles is the largest number of files in one archive.
	MaxFiles = 65_000
	// MaxTotalSize is the largest sum of the sizes of all files, in bytes,
	// before compression.
	MaxTotalSize = 4_000_000_000
)

// Recipe says what goes into an archive. Two recipes with the same files give
// the same archive, whatever mix of SourceDir and Files they come from.
type Recipe struct {
	// SourceDir is the folder whose files go into the archive, under their
	// paths relative to it. Empty means none. A relative path starts at the
	// working directory.
	//
	// Folders are not entries of their own, so an empty one is left out.
	// Links to regular files inside the folder are followed; all other links
	// and everything that is neither file nor folder are refused.
	SourceDir string

	// Files are further files: path in the archive to content. See CheckPath
	// for what a path may be.
	Files map[string]string

	// Exclude are patterns, in the language of .gitignore, of what to leave
	// out of SourceDir. Files are not affected.
	Exclude []string
}

// Archive describes a built archive.
type Archive struct {
	// SHA256 is the digest of the whole archive in lower-case hex.
	SHA256 string
	// Size is the archive's size in bytes.
	Size int64
	// Entries are the files inside, sorted by Path.
	Entries []Entry
}

// Entry is one file of an archive.
type Entry struct {
	// Path is slash-separated and relative to the archive's root.
	Path string
	// Size is the file's size in bytes, before compression.
	Size int64
	// SHA256 is the digest of the file's content in lower-case hex.
	SHA256 string
	// Mode is 0755 for an executable file and 0644 for any other.
	Mode fs.FileMode
}

// limits are MaxFiles and MaxTotalSize, smaller in tests.
type limits struct {
	files     int
	totalSize int64
}

func defaultLimits() limits {
	return limits{files: MaxFiles, totalSize: MaxTotalSize}
}
