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

// partMark is between the name of a file and a random text while it is being
// uploaded.
const partInfix = ".part-"

// maxNameLength leaves room for what is added to a name while uploading.
const maxNameLength = bootstrap.MaxNameLength - len(partInfix) - 26

// CheckPath tells whether a file may have a path on a share: relative, with
// slashes, inside the share, and of names that Windows and Linux both have. The
// error does not repeat the path.
func CheckPath(at string) error {
	if err := bootstrap.CheckPath(at); err != nil {
		return err
	}
	name := path.Base(at)
	switch {
	case strings.Contains(name, partInfix):
		return errors.New("holds \"" + partInfix + "\", which is the mark of an upload that has not ended")
	case len(name) > maxNameLength:
		return errors.New("ends in a name that is too long: an upload adds to it")
	}
	return nil
}

// CheckPrefix is CheckPath for the beginning of a path, which may be empty or
// end in a slash.
func CheckPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	return bootstrap.CheckPath(strings.TrimSuffix(prefix, "/"))
}

// partName is a new temporary name beside a path.
func partName(at string) string { return at + partInfix + strings.ToLower(rand.Text()) }

// PartOf returns the path of the file that a part belongs to.
func PartOf(part string) string {
	at, _, _ := strings.Cut(part, partInfix)
	return at
}

// isPart reports whether a name belongs to an unfinished upload.
func isPart(name string) bool { return strings.Contains(name, partInfix) }

// folderOf is the folder of a path, "" for the share itself.
func folderOf(at string) string {
	if folder := path.Dir(at); folder != "." {
		return folder
	}
	return ""
}
