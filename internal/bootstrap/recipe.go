// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"io/fs"
	"time"
)

// Limits of an archive. They keep every archive within the plain zip format:
// past 65,535 entries or 4 GiB a zip needs the ZIP64 extension, which the
// unpackers of Windows 2003 and 2008 cannot read.
const (
	// MaxFiles is the largest number of files in one archive, without its
	// manifest.
	MaxFiles = 65_000
	// MaxFileSize is the largest size of one file, in bytes: unpackers of that
	// time count in 32 bits with a sign.
	MaxFileSize = 2_000_000_000
	// MaxTotalSize is the largest sum of the sizes of all files, in bytes,
	// before compression. It leaves room for names and manifest.
	MaxTotalSize = 4_000_000_000
)

// OS is the operating system that an archive is for.
type OS string

// The operating systems of GoGrid's servers.
const (
	Linux   OS = "linux"
	Windows OS = "windows"
)

// Recipe says what goes into an archive. Two recipes with the same files,
// steps, OS and version give the same archive, whatever mix of SourceDir and
// Files they come from.
//
// Nothing of a recipe depends on the machine as long as SourceDir is relative:
// the apply of a saved plan builds the archive again, elsewhere, with
// RebuildFile.
type Recipe struct {
	// SourceDir is the folder whose files go into the archive, under their
	// paths relative to it. Empty means none. A relative path starts at the
	// working directory.
	//
	// Folders are not entries of their own, so an empty one is left out.
	// Links to regular files inside the folder are followed; all other links
	// and everything that is neither file nor folder are refused.
	//
	// A file IgnoreName at its root holds patterns like those of Exclude, and
	// is not archived.
	SourceDir string

	// Files are further files: path in the archive to content. See CheckPath
	// for what a path may be.
	Files map[string]string

	// Exclude are patterns, in the language of .gitignore, of what to leave
	// out of SourceDir. They come after those of the ignore file, so they have
	// the last word. Files are not affected.
	Exclude []string

	// OS is what the servers run. It may be empty when there are no Steps.
	OS OS

	// Version begins the name of the release, which a digest ends. May be
	// empty.
	Version string

	// Steps are what a server does with the files, in this order.
	Steps []Step

	// Inspection opens the certificates. With nil they are archived as they
	// are, which is right for building again what was planned.
	Inspection *Inspection
}

// Inspection is what is needed to tell whether certificates can be used. It
// leaves no trace in the archive.
type Inspection struct {
	// Now is the time at which certificates have to be valid.
	Now time.Time
	// Passwords are those of certificates whose password is not in the
	// archive: path in the archive to password.
	Passwords map[string]string
}

// Archive describes a built archive.
type Archive struct {
	// SHA256 is the digest of the whole archive in lower-case hex.
	SHA256 string
	// Size is the archive's size in bytes.
	Size int64
	// Release is the name of what the archive holds.
	Release string
	// Manifest is the text of the entry ManifestName.
	Manifest string
	// Entries are the files inside but the manifest, sorted by Path.
	Entries []Entry
	// Warnings are what does not keep the archive from being used.
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
	// Mode is 0755 for an executable file and 0644 for any other.
	Mode fs.FileMode
}

// limits are the limits of an archive, smaller in tests.
type limits struct {
	files     int
	fileSize  int64
	totalSize int64
}

func defaultLimits() limits {
	return limits{files: MaxFiles, fileSize: MaxFileSize, totalSize: MaxTotalSize}
}
