// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// temporaryPrefix starts the names of the temporary files of BuildFile. A killed
// BuildFile leaves its file behind, and if the output is below SourceDir, that
// file would change the digest of the next run. Such files are never archived.
const temporaryPrefix = ".gogrid-bootstrap-archive-"

// exclusions holds .gitignore rules in the order in which they were given. This
// package parses the lines; doublestar matches a single rule. The Go libraries
// that read whole .gitignore files do not pass TestExclusionsAgreeWithGit: of
// its 150 lists of patterns, go-git v5.19.3 differs from git in 56 and
// sabhiram/go-gitignore in 57.
type exclusions []rule

type rule struct {
	glob     string
	negated  bool // "!": matching paths are included again
	dirOnly  bool // "build/": matches folders only
	anchored bool // "/a", "a/b": matches the whole path, not just the last name
}

func parseExclusions(lines []string) (exclusions, []Problem) {
	var rules exclusions
	var problems []Problem
	for i, line := range lines {
		r, ok, err := parseRule(line)
		if err != nil {
			problems = append(problems, Problem{
				Field: FieldExclude, Index: i,
				Err: fmt.Errorf("the pattern %q %w", line, err),
			})
		}
		if ok {
			rules = append(rules, r)
		}
	}
	return rules, problems
}

// match reports whether the rules exclude one path. The last matching rule
// decides. match does not check the folders above the path, so callers must
// walk down from the root and skip excluded folders, as git does.
func (e exclusions) match(name string, isDir bool) bool {
	if !isDir && strings.HasPrefix(path.Base(name), temporaryPrefix) {
		return true
	}
	for i := len(e) - 1; i >= 0; i-- {
		if e[i].match(name, isDir) {
			return !e[i].negated
		}
	}
	return false
}

// matchFile reports whether the rules exclude a file or any folder above it.
func (e exclusions) matchFile(name string) bool {
	for i := range len(name) {
		if name[i] == '/' && e.match(name[:i], true) {
			return true
		}
	}
	return e.match(name, false)
}

func (r rule) match(name string, isDir bool) bool {
	if r.dirOnly && !isDir {
		return false
	}
	if !r.anchored {
		name = path.Base(name)
	}
	return doublestar.MatchUnvalidated(r.glob, name)
}

// parseRule parses one line. ok is false for blank lines and comments.
func parseRule(line string) (r rule, ok bool, err error) {
	line = trimTrailingSpaces(strings.TrimSuffix(line, "\r"))
	if line == "" || line[0] == '#' {
		return rule{}, false, nil
	}
	if strings.ContainsAny(line, "\n\r\x00") {
		return rule{}, false, errors.New("contains a line break: put each pattern in a separate element")
	}
	line, r.negated = strings.CutPrefix(line, "!")
	line, r.dirOnly = strings.CutSuffix(line, "/")
	r.anchored = strings.Contains(line, "/")
	if r.glob, err = translateGlob(strings.TrimPrefix(line, "/")); err != nil {
		return rule{}, false, err
	}
	return r, true, nil
}

// trimTrailingSpaces removes trailing spaces, except a space that a backslash
// escapes.
func trimTrailingSpaces(line string) string {
	trimmed := strings.TrimRight(line, " ")
	backslashes := len(trimmed) - len(strings.TrimRight(trimmed, `\`))
	if len(trimmed) < len(line) && backslashes%2 == 1 {
		trimmed += " "
	}
	return trimmed
}
