// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"io/fs"
	"time"
)

// Limits of an archive. They keep every archive within the plain zip format.
// Above 65,535 entries or 4 GiB a zip needs the ZIP64 extension, which the
// unpackers of Windows Server 2003 and 2008 cannot read.
const (
	// MaxFiles is the maximum number of files in one archive, without its
	// manifest.
	MaxFiles = 65_000
	// MaxFileSize is the maximum size of one file, in bytes. Old unpackers store
	// sizes in signed 32-bit integers.
	MaxFileSize = 2_000_000_000
	// MaxTotalSize is the maximum total size of all files, in bytes before
	// compression. The rest of the 4 GiB is for names and the manifest.
	MaxTotalSize = 4_000_000_000
)

// OS is the operating system of the servers that use an archive.
type OS string

// The operating systems of GoGrid's servers.
const (
	Linux   OS = "linux"
	Windows OS = "windows"
)

// Recipe describes the content of an archive. Two recipes with the same files,
// steps, OS and version produce the same archive, no matter which files come
// from SourceDir and which from Files.
//
// With a relative SourceDir a recipe does not depend on the machine, so
// RebuildFile can build the archive of a saved plan on another machine.
type Recipe struct {
	// SourceDir is a folder whose files go into the archive, under their paths
	// relative to the folder. Empty means none. A relative SourceDir is resolved
	// against the working directory.
	//
	// The archive has no entries for folders, so it omits empty folders. Links to
	// regular files inside the folder are followed. Any other link, and anything
	// that is neither a file nor a folder, causes an error.
	//
	// Terraform's state files, plan files and data folders are not archived.
	// Archive.Warnings names them.
	//
	// A file named IgnoreName at the root of the folder holds more patterns in
	// the language of Exclude. It is not archived.
	SourceDir string

	// Files holds further files, as a map from the path in the archive to the
	// content. CheckPath describes which paths are valid.
	Files map[string]string

	// Exclude holds .gitignore patterns for the files in SourceDir that the
	// archive omits. The patterns come after the patterns of the ignore file and
	// override them. They do not apply to Files.
	Exclude []string

	// OS is the operating system of the servers. It may be empty if there are no
	// Steps.
	OS OS

	// Version is the first part of the release's name; a digest is the last. It
	// may be empty.
	Version string

	// Steps lists the steps that the server runs, in order.
	Steps []Step

	// Inspection makes Build open and check the certificates. If it is nil, Build
	// archives them unchecked: RebuildFile relies on the check that the plan made.
	Inspection *Inspection
}

// Inspection holds the input for checking certificates. It does not change the
// archive.
type Inspection struct {
	// Now is the time at which certificates must be valid.
	Now time.Time
	// Passwords maps the path of a certificate in the archive to its password,
	// for certificates whose password is not in the archive.
	Passwords map[string]string
}

// Archive describes a built archive.
type Archive struct {
	// SHA256 is the digest of the whole archive in lower-case hex.
	SHA256 string
	// Size is the archive's size in bytes.
	Size int64
	// Release is Manifest.Release, the name of the release in the archive.
	Release string
	// Manifest is the text of the entry ManifestName.
	Manifest string
	// Entries lists all files except the manifest, sorted by Path.
	Entries []Entry
	// Warnings lists problems that do not make the archive unusable.
	Warnings []Problem
}

// Entry is one file of an archive.
type Entry struct {
	// Path is slash-separated and relative to the archive's root.
	Path string
	// Size is the file's size in bytes, before compression.
	Size int64
	// SHA256 is the digest of the file's content in lower-case hex.
	SHA256 string
	// Mode is 0755 for an executable file, as decided by the content, and 0644
	// for any other.
	Mode fs.FileMode
}

// limits holds the limits of an archive. Tests use smaller ones.
type limits struct {
	files     int
	fileSize  int64
	totalSize int64
}

func defaultLimits() limits {
	return limits{files: MaxFiles, fileSize: MaxFileSize, totalSize: MaxTotalSize}
}
