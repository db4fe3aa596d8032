// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// names finds paths that cannot live side by side on a file system that
// ignores case, as those of Windows do: names that differ only by case, and a
// file where another path needs a folder.
type names struct {
	seen     map[string]seenName
	reported map[string]bool
}

type seenName struct {
	path  string
	isDir bool
}

func newNames() *names {
	return &names{seen: map[string]seenName{}, reported: map[string]bool{}}
}

// add records the path of a file and all folders above it. The error says how
// it clashes with an earlier path; a clash of folders is told once, not for
// every file below them.
func (n *names) add(path string) error {
	for i := 0; i < len(path); i++ {
		if path[i] == '/' {
			if clash, err := n.addOne(path[:i], true); clash {
				return err
			}
		}
	}
	_, err := n.addOne(path, false)
	return err
}

func (n *names) addOne(path string, isDir bool) (clash bool, err error) {
	key := foldCase(path)
	before, ok := n.seen[key]
	if !ok {
		n.seen[key] = seenName{path: path, isDir: isDir}
		return false, nil
	}
	if before.path == path && before.isDir && isDir {
		return false, nil
	}
	if n.reported[path] {
		return true, nil
	}
	n.reported[path] = true
	return true, clashError(before, seenName{path: path, isDir: isDir})
}

func clashError(before, now seenName) error {
	switch {
	case before.path != now.path:
		return fmt.Errorf("clashes with %q: %q and %q differ only by case, which Windows does not tell apart; rename one",
			before.path, before.path, now.path)
	case before.isDir != now.isDir:
		return fmt.Errorf("cannot be added: %q would be a file and a folder at the same time; rename one", now.path)
	default:
		return fmt.Errorf("is there already; take it out of \"files\", or exclude \"/%s\" from the source folder", escapePattern(now.path))
	}
}

// foldCase maps all spellings of a path that strings.EqualFold holds equal to
// one.
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
