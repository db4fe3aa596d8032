// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pathSet finds paths that clash on a case-insensitive file system such as
// Windows': names that differ only by case, and a file where another path needs
// a folder.
type pathSet struct {
	seen     map[string]seenPath
	reported map[string]bool
}

type seenPath struct {
	path  string
	isDir bool
}

func newPathSet() *pathSet {
	return &pathSet{seen: map[string]seenPath{}, reported: map[string]bool{}}
}

// add records the path of a file and all folders above it. It returns an error
// if one of them clashes with an earlier path. A clash of folders is reported
// once, not for every file below them.
func (s *pathSet) add(path string) error {
	for i := 0; i < len(path); i++ {
		if path[i] == '/' {
			if clash, err := s.addOne(path[:i], true); clash {
				return err
			}
		}
	}
	_, err := s.addOne(path, false)
	return err
}

func (s *pathSet) addOne(path string, isDir bool) (clash bool, err error) {
	key := foldCase(path)
	existing, ok := s.seen[key]
	if !ok {
		s.seen[key] = seenPath{path: path, isDir: isDir}
		return false, nil
	}
	if existing.path == path && existing.isDir && isDir {
		return false, nil
	}
	if s.reported[path] {
		return true, nil
	}
	s.reported[path] = true
	return true, clashError(existing, seenPath{path: path, isDir: isDir})
}

func clashError(existing, added seenPath) error {
	switch {
	case existing.path != added.path:
		return fmt.Errorf("clashes with %q: %q and %q differ only by case, which Windows ignores; rename one",
			existing.path, existing.path, added.path)
	case existing.isDir != added.isDir:
		return fmt.Errorf("cannot be added: %q would be a file and a folder at the same time; rename one", added.path)
	default:
		return fmt.Errorf("is also in the source folder; remove it from \"files\", or exclude \"/%s\" from the source folder", escapePattern(added.path))
	}
}

// foldCase returns the same string for all paths that strings.EqualFold
// considers equal.
func foldCase(path string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return unicode.ToLower(r)
		}
		smallest := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			smallest = min(smallest, next)
		}
		return smallest
	}, path)
}
