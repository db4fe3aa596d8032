// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"crypto/rand"
	"errors"
	"path"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
)

// partInfix marks the name of a part, which is the temporary file of an upload.
// It stands between the name of the uploaded file and a random text.
const partInfix = ".part-"

// maxNameLength is the longest allowed file name, in bytes. It leaves room for
// the suffix of a part.
const maxNameLength = bootstrap.MaxNameLength - len(partInfix) - 26

// CheckPath returns an error if a file on a share must not have the path. The
// path must be relative, use slashes, stay inside the share, and consist of
// names that both Windows and Linux allow. The error does not repeat the path.
func CheckPath(at string) error {
	if err := bootstrap.CheckPath(at); err != nil {
		return err
	}
	name := path.Base(at)
	switch {
	case strings.Contains(name, partInfix):
		return errors.New("contains \"" + partInfix + "\", which marks an upload that has not ended")
	case len(name) > maxNameLength:
		return errors.New("ends in a name that is too long: an upload appends a suffix to the name")
	}
	return nil
}

// CheckPrefix is like CheckPath, but for a prefix of paths. A prefix may be
// empty or end in a slash.
func CheckPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	return bootstrap.CheckPath(strings.TrimSuffix(prefix, "/"))
}

// partName returns a new name for a part of the file at a path.
func partName(at string) string { return at + partInfix + strings.ToLower(rand.Text()) }

// PartOf returns the path of the file that a part belongs to.
func PartOf(part string) string {
	at, _, _ := strings.Cut(part, partInfix)
	return at
}

// isPart reports whether a name belongs to an unfinished upload.
func isPart(name string) bool { return strings.Contains(name, partInfix) }

// folderOf returns the folder of a path, or "" for the root of the share.
func folderOf(at string) string {
	if folder := path.Dir(at); folder != "." {
		return folder
	}
	return ""
}
