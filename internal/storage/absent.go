// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// UnprovenError says that a file was not found, and that a second look did not
// confirm that it is absent. It is not fs.ErrNotExist.
type UnprovenError struct {
	Path string
	// Empty reports that the share lists no files and no folders at all.
	Empty bool
	// Listed reports that the listing of a folder holds the file, or the folder
	// that it is in.
	Listed bool
	// Err is why a folder could not be listed, nil if it could.
	Err error

	folder string // whose listing did not confirm the absence
}

// Error says what the second look showed.
func (e *UnprovenError) Error() string {
	in := "the share"
	if e.folder != "" {
		in = "the folder " + e.folder
	}
	switch {
	case e.Empty:
		return "it was not found, but the share shows no files at all, which may also mean that its disk is not mounted"
	case e.Listed:
		return fmt.Sprintf("it was not found, but the listing of %s holds it or its folder", in)
	default:
		return fmt.Sprintf("it was not found, but %s cannot be listed to confirm that: %v", in, e.Err)
	}
}

// Unwrap returns why a folder could not be listed.
func (e *UnprovenError) Unwrap() error { return e.Err }

// IsUnproven reports whether an error is about a file that was not found and
// whose absence is not proven.
func IsUnproven(err error) bool {
	var unproven *UnprovenError
	return errors.As(err, &unproven)
}

// IsEmptyShare reports whether an error is about a file on a share that shows no
// files at all.
func IsEmptyShare(err error) bool {
	var unproven *UnprovenError
	return errors.As(err, &unproven) && unproven.Empty
}

// IsMissing reports whether a file was not found, whether or not its absence is
// proven. Use it for decisions that lose nothing if the file exists after all.
func IsMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) || IsUnproven(err) }

// Absent reports whether a file is proven to be absent, by two looks that
// agree: the file is not found, and the listing of its folder lacks it, or the
// listing of a folder further up lacks the next folder. The error is an
// *UnprovenError if the second look does not agree with the first. A share that
// lists nothing at all proves nothing.
//
// Stat, Inspect, Read and Get return fs.ErrNotExist for proven absence only.
func (s *Store) Absent(ctx context.Context, at string) (bool, error) {
	_, err := s.Stat(ctx, at, Object{})
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return false, err
}

// proven runs a look at a file. fs.ErrNotExist is returned only if the absence is
// proven. A file that appears between the two looks is looked at again.
func statProven(ctx context.Context, d driver, at string, look func() error) error {
	err := confirmAbsence(ctx, d, at, look())
	var unproven *UnprovenError
	if errors.As(err, &unproven) && unproven.Listed {
		return confirmAbsence(ctx, d, at, look())
	}
	return err
}

// confirmed returns the error of a look at a file, or what keeps fs.ErrNotExist
// from being believed.
func confirmAbsence(ctx context.Context, d driver, at string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if doubt := proveAbsent(ctx, d, at, false); doubt != nil {
		return doubt
	}
	return err
}

// proveAbsent returns nil if the listings of the folders on the way to a path
// show that there is no file, or no folder, of that name. It goes down from the
// root, since an answer about a folder proves no more than an answer about a
// file.
func proveAbsent(ctx context.Context, d driver, at string, isFolder bool) error {
	entries, err := d.list(ctx, "")
	if err != nil {
		return listingError(at, "", err)
	}
	if !slices.ContainsFunc(entries, isContent) {
		return &UnprovenError{Path: at, Empty: true}
	}
	folder, names := "", strings.Split(at, "/")
	for i, name := range names {
		here, last := path.Join(folder, name), i == len(names)-1
		entry, err := entryOf(ctx, d, folder, name, entries)
		switch {
		case err != nil:
			return listingError(at, folder, err)
		case entry == nil:
			return nil
		case last && !isFolder && entry.IsDir(), (!last || isFolder) && entry.Mode().IsRegular():
			return nil // a folder is no file, and a file no folder
		case last:
			return &UnprovenError{Path: at, Listed: true, folder: folder}
		}
		if entries, err = d.list(ctx, here); err != nil {
			return listingError(at, here, err)
		}
		folder = here
	}
	return nil
}

// entryOf returns the entry that a name in a folder stands for, nil if there is
// none. On a share that ignores case, the entry may be spelled in another way.
func entryOf(ctx context.Context, d driver, folder, name string, entries []fs.FileInfo) (fs.FileInfo, error) {
	alike := false
	for _, entry := range entries {
		if entry.Name() == name {
			return entry, nil
		}
		alike = alike || Alike(entry.Name(), name)
	}
	if !alike {
		return nil, nil
	}
	entry, err := d.stat(ctx, path.Join(folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return entry, err
}

// unlisted is the error about a folder that cannot be listed. An error about
// the share as a whole stays unchanged.
func listingError(at, folder string, err error) error {
	if IsOutage(err) {
		return err
	}
	if errors.Is(err, fs.ErrNotExist) { // its parent lists it
		return &UnprovenError{Path: at, Listed: true, folder: folderOf(folder)}
	}
	return &UnprovenError{Path: at, folder: folder, Err: err}
}

// isContent reports whether an entry of the root was put there by a user of the
// share. A disk that was just formatted, and a login's home folder, have others.
func isContent(entry fs.FileInfo) bool {
	name := entry.Name()
	switch strings.ToLower(name) {
	case "lost+found", "system volume information", "$recycle.bin", "aquota.user", "aquota.group":
		return false
	}
	return !strings.HasPrefix(name, ".")
}
