// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckReportsLongLines(t *testing.T) {
	t.Parallel()
	words := strings.TrimSpace(strings.Repeat("word ", 21))
	link := "[" + words + "](https://example.com/)"
	tests := map[string]struct {
		file, content string
		want          []string
	}{
		"prose":         {"a.md", "Short.\n" + words + "\n", []string{"a.md:2: 104 columns: break the line at column 100"}},
		"template":      {"a.md.tmpl", words + "\n", []string{"a.md.tmpl:1: 104 columns: break the line at column 100"}},
		"list item":     {"a.md", "- " + words + "\n", []string{"a.md:1: 106 columns: break the line at column 100"}},
		"after code":    {"a.md", "```\n```\n" + words + "\n", []string{"a.md:3: 104 columns: break the line at column 100"}},
		"100 columns":   {"a.md", strings.Repeat("ä", 95) + " word\n", nil},
		"front matter":  {"a.md", "---\ndescription: " + words + "\n---\n", nil},
		"code":          {"a.md", "```shell\n" + words + "\n```\n", nil},
		"table":         {"a.md", "| " + words + " |\n", nil},
		"one word":      {"a.md", "- https://example.com/" + strings.Repeat("a", 100) + "\n", nil},
		"link":          {"a.md", "- " + link + ".\n", nil},
		"definition":    {"a.md", "[a]: https://example.com/ \"" + words + "\"\n", nil},
		"action":        {"a.md.tmpl", "{{ " + words + " }}\n", nil},
		"generated":     {"docs/a.md", words + "\n", nil},
		"other content": {"a.go", "package a\n\n// " + words + "\n", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, check(t, load(t), test.file, test.content)); diff != "" {
				t.Errorf("findings differ (-want +got):\n%s", diff)
			}
		})
	}
}
