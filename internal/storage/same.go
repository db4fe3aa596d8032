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

// Fold returns a canonical form of a path: it is equal for all spellings that a
// share may treat as the same path. Fold ignores case, the composition of
// accents, and dots and spaces at the end of a name.
func Fold(at string) string {
	names := strings.Split(norm.NFKC.String(at), "/")
	for i, name := range names {
		names[i] = strings.TrimRight(strings.Map(foldRune, name), ". ")
	}
	return norm.NFKC.String(strings.Join(names, "/"))
}

// foldRune returns the smallest of the characters that differ from r only in
// case.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

// Alike reports whether a share may treat two paths as the same path.
func Alike(a, b string) bool { return a == b || Fold(a) == Fold(b) }

// Same reports whether two paths may name the same file. It compares the
// entries to which the share's own listings resolve the paths. If the listings
// do not show which entry a path names, Same returns true. If either file is
// missing, Same returns false.
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

// spelling returns a path with the spelling that the share lists. sure is false
// if the listings do not show the path, because an entry on the path is a link,
// or because no entry or several entries match a name.
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
