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

// UnprovenError reports that a file was not found, but that a second check did
// not confirm its absence. It does not match fs.ErrNotExist.
type UnprovenError struct {
	Path string
	// Empty reports that the share lists no files and no folders at all.
	Empty bool
	// Listed reports that a listing contains the file, or a folder of its path.
	Listed bool
	// Err is the error of a failed listing, or nil if no listing failed.
	Err error

	folder string // the folder whose listing did not confirm the absence
}

// Error returns the result of the second check.
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

// Unwrap returns the error of a failed listing.
func (e *UnprovenError) Unwrap() error { return e.Err }

// IsUnproven reports whether an error is an *UnprovenError: a file was not found, but
// its absence is not proven.
func IsUnproven(err error) bool {
	var unproven *UnprovenError
	return errors.As(err, &unproven)
}

// IsEmptyShare reports whether an error is an *UnprovenError because the share
// shows no files at all.
func IsEmptyShare(err error) bool {
	var unproven *UnprovenError
	return errors.As(err, &unproven) && unproven.Empty
}

// IsMissing reports whether a file was not found, whether or not its absence is
// proven. Use it only for decisions that are harmless if the file does exist.
func IsMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) || IsUnproven(err) }

// Absent reports whether the absence of a file is proven. Two checks must
// agree: the file is not found, and a listing lacks the file or a folder of its
// path. The error is an *UnprovenError if the listings do not confirm the
// absence. A share that lists no files at all cannot confirm it.
//
// Stat, Inspect, Read and Get return fs.ErrNotExist only for proven absence.
func (s *Store) Absent(ctx context.Context, at string) (bool, error) {
	_, err := s.Stat(ctx, at, Object{})
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return false, err
}

// statProven calls look, which looks up a file. It returns fs.ErrNotExist only if the
// absence of the file is proven. If the file appears between the two checks,
// statProven calls look again.
func statProven(ctx context.Context, d driver, at string, look func() error) error {
	err := confirmAbsence(ctx, d, at, look())
	var unproven *UnprovenError
	if errors.As(err, &unproven) && unproven.Listed {
		return confirmAbsence(ctx, d, at, look())
	}
	return err
}

// confirmAbsence returns err, the error of a lookup. If err is fs.ErrNotExist but the
// absence is not proven, it returns the reason instead.
func confirmAbsence(ctx context.Context, d driver, at string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if doubt := proveAbsent(ctx, d, at, false); doubt != nil {
		return doubt
	}
	return err
}

// proveAbsent returns nil if the listings of the folders of a path show that
// the file, or the folder if isFolder is set, does not exist. It starts at the
// root, because the answer that a folder does not exist may be as wrong as the
// answer that a file does not exist.
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
			return nil // the entry is a folder instead of a file, or a file instead of a folder
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

// entryOf returns the entry of a folder with the given name, or nil if there is
// none. On a share that ignores case, the spelling of the entry may differ.
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

// listingError returns the error for a folder that cannot be listed. It returns the
// error of an outage unchanged.
func listingError(at, folder string, err error) error {
	if IsOutage(err) {
		return err
	}
	if errors.Is(err, fs.ErrNotExist) { // its parent lists it
		return &UnprovenError{Path: at, Listed: true, folder: folderOf(folder)}
	}
	return &UnprovenError{Path: at, folder: folder, Err: err}
}

// isContent reports whether an entry of the root was created by a user of the share.
// Freshly formatted disks and home folders contain other entries.
func isContent(entry fs.FileInfo) bool {
	name := entry.Name()
	switch strings.ToLower(name) {
	case "lost+found", "system volume information", "$recycle.bin", "aquota.user", "aquota.group":
		return false
	}
	return !strings.HasPrefix(name, ".")
}
