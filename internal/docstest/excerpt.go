// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// excerptOf matches the first line of an excerpt.
var excerptOf = regexp.MustCompile(`^\s*# From (examples/\S+\.tf)$`)

// isExcerpt reports whether a configuration is part of an example.
func (c configuration) isExcerpt() bool {
	first, _, _ := strings.Cut(c.text, "\n")
	return excerptOf.MatchString(first)
}

// checkExcerpt returns an error unless the example below root contains the
// lines of the excerpt in the same order.
func (c configuration) checkExcerpt(root string) error {
	first, rest, _ := strings.Cut(c.text, "\n")
	name := excerptOf.FindStringSubmatch(first)[1]
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return fmt.Errorf("%s: %w", c, err)
	}
	example := strings.Split(string(content), "\n")
	next := 0
	skipping := true
	for number, line := range strings.Split(strings.TrimRight(rest, "\n"), "\n") {
		want := words(line)
		if want == "# ..." {
			skipping = true
			continue
		}
		at := find(example, want, next, skipping)
		if at < 0 {
			return fmt.Errorf("%s: line %d of the excerpt is missing from %s or out of order: %q", c, number+2, name, line)
		}
		next, skipping = at+1, false
	}
	return nil
}

// find returns the index of the first line at or after next that matches want,
// or -1. Unless skipping is set, it checks only the line at next.
func find(lines []string, want string, next int, skipping bool) int {
	for i := next; i < len(lines); i++ {
		if words(lines[i]) == want {
			return i
		}
		if !skipping {
			return -1
		}
	}
	return -1
}

// words returns a line with single spaces, because an excerpt has its own
// indentation and alignment.
func words(line string) string { return strings.Join(strings.Fields(line), " ") }

// onlyImports reports whether a configuration consists only of import blocks.
func (c configuration) onlyImports() bool {
	blocks := topLevel.FindAllStringSubmatch(c.text, -1)
	for _, block := range blocks {
		if block[1] != "import" {
			return false
		}
	}
	return len(blocks) > 0
}

// topLevel matches the first word of each block.
var topLevel = regexp.MustCompile(`(?m)^(\w+)\b[^=\n]*\{`)
