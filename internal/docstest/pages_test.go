// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package docstest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// pages returns the pages with configurations: the README, the documentation
// and the pages of the examples, below the root of the repository.
func pages(t *testing.T, root string) []string {
	t.Helper()
	found := []string{"README.md"}
	for _, dir := range []string{"docs", "examples"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" {
				return err
			}
			relative, err := filepath.Rel(root, path)
			found = append(found, filepath.ToSlash(relative))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// printed returns the configurations of a page below root.
func printed(t *testing.T, root, page string) []configuration {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	found, err := configurations(page, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestAccDocumentation runs every configuration of every page with the commands
// printed after it, each on its own grid.
func TestAccDocumentation(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	for _, page := range pages(t, r.root) {
		prefix := ""
		for _, c := range printed(t, r.root, page) {
			if c.isExcerpt() || c.onlyImports() {
				continue
			}
			s, err := c.script(prefix)
			if err != nil {
				t.Error(err)
				continue
			}
			prefix = s.prefix
			t.Run(c.String(), func(t *testing.T) {
				t.Parallel()
				if err := r.own(t).follow(t.Context(), c, s, t.TempDir()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestExcerpts checks that every excerpt on a page matches its example.
func TestExcerpts(t *testing.T) {
	t.Parallel()
	root, err := tfcli.Root()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, page := range pages(t, root) {
		for _, c := range printed(t, root, page) {
			if !c.isExcerpt() {
				continue
			}
			count++
			if err := c.checkExcerpt(root); err != nil {
				t.Error(err)
			}
		}
	}
	if count == 0 {
		t.Error("no page has an excerpt")
	}
}

// TestAccBrokenConfigurations checks that the test of the documentation reports
// broken configurations.
func TestAccBrokenConfigurations(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	found := printed(t, "testdata", "broken.md")
	// The first line of each configuration on the page holds the expected
	// message.
	for _, c := range found {
		first, _, _ := strings.Cut(c.text, "\n")
		want := strings.TrimPrefix(first, "# broken: ")
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			s, err := c.script("")
			if err == nil {
				err = r.own(t).follow(t.Context(), c, s, t.TempDir())
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
	if len(found) < 5 {
		t.Errorf("there are %d broken configurations, want at least 5", len(found))
	}
}
