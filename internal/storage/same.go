// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold returns a form of a path that is equal for all spellings that a share may
// treat as one path. It ignores case, the composition of accents, and dots and
// spaces at the end of a name.
func Fold(at string) string {
	names := strings.Split(norm.NFKC.String(at), "/")
	for i, name := range names {
		names[i] = strings.TrimRight(strings.Map(foldRune, name), ". ")
	}
	return norm.NFKC.String(strings.Join(names, "/"))
}

// foldRune returns the smallest of the characters that differ in case only.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

// Alike reports whether a share may treat two paths as one.
func Alike(a, b string) bool { return a == b || Fold(a) == Fold(b) }

// Same reports whether two paths may lead to one file. The share's own listings
// decide: two paths are the same if they resolve to the same entries. If the
// listings do not show which entry a path stands for, the answer is true. A
// missing file is never the same as another file.
func (s *Store) Same(ctx context.Context, a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	same := false
	err := s.do(ctx, request{verb: "compare " + a + " with", path: b}, func(ctx context.Context, d driver) error {
		first, err := d.stat(ctx, a)
		if err == nil {
			var second fs.FileInfo
			if second, err = d.stat(ctx, b); err == nil {
				same, err = compareFiles(ctx, d, a, b, first, second)
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			same, err = false, nil
		}
		return err
	})
	return same, err
}

// compareFiles reports whether two existing files may be the same.
func compareFiles(ctx context.Context, d driver, a, b string, first, second fs.FileInfo) (bool, error) {
	if first.Size() != second.Size() || !first.ModTime().Equal(second.ModTime()) {
		return false, nil
	}
	from, sure, err := spelling(ctx, d, a)
	if err != nil || !sure {
		return true, err
	}
	to, sure, err := spelling(ctx, d, b)
	return !sure || from == to, err
}

// spelling returns a path as the share lists it. It reports false if the
// listings do not show the path: an entry on the way is a link, or no entry or
// several entries are alike.
func spelling(ctx context.Context, d driver, at string) (spelled string, sure bool, err error) {
	for name := range strings.SplitSeq(at, "/") {
		entries, err := d.list(ctx, spelled)
		if err != nil {
			return "", false, err
		}
		var exact, alike []fs.FileInfo
		for _, entry := range entries {
			switch {
			case entry.Name() == name:
				exact = append(exact, entry)
			case Alike(entry.Name(), name):
				alike = append(alike, entry)
			}
		}
		if len(exact) == 0 {
			exact = alike
		}
		if len(exact) != 1 || exact[0].Mode()&fs.ModeSymlink != 0 {
			return "", false, nil
		}
		spelled = path.Join(spelled, exact[0].Name())
	}
	return spelled, true, nil
}
