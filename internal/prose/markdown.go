// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prose

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// columns is the longest permitted line of Markdown prose.
const columns = 100

var (
	// markdownMarker matches the beginning of a line that starts a new text:
	// headings, list items, quotes and table rows.
	markdownMarker = regexp.MustCompile(`^\s*(#+ |[-*+] |\d+[.)] |> ?|\|)`)
	// fence matches a line that opens or closes a code block.
	fence = regexp.MustCompile("^\\s*(```|~~~)")
	// linkLine matches a line that is only a link, an image, a link definition
	// or a template action.
	linkLine = regexp.MustCompile(`^(!?\[.*\]\([^()]*\)|\[[^\]]*\]: .*|\{\{.*\}\})[.,;:]?$`)
)

// readMarkdown collects the paragraphs of a page, its code blocks included.
func readMarkdown(source []byte) *passage {
	p := &passage{}
	for i, line := range strings.Split(string(source), "\n") {
		marker := markdownMarker.FindString(line)
		if marker != "" || fence.MatchString(line) {
			p.end()
		}
		p.write(i+1, line[len(marker):]+"\n")
	}
	return p
}

// longLines returns the numbers and widths of the lines of prose that are too
// long. Front matter, code blocks, table rows and lines that cannot be broken
// may have any length.
func longLines(source []byte) map[int]int {
	long := map[int]int{}
	inCode, inFrontMatter := false, false
	for i, line := range strings.Split(string(source), "\n") {
		switch {
		case strings.TrimRight(line, " ") == "---" && (i == 0 || inFrontMatter):
			inFrontMatter = !inFrontMatter
		case fence.MatchString(line):
			inCode = !inCode
		case inCode, inFrontMatter, !breakable(line):
		default:
			if width := utf8.RuneCountInString(line); width > columns {
				long[i+1] = width
			}
		}
	}
	return long
}

// breakable reports whether a line break can be inserted into a line.
func breakable(line string) bool {
	marker := markdownMarker.FindString(line)
	rest := strings.TrimSpace(line[len(marker):])
	return !strings.Contains(marker, "|") && !linkLine.MatchString(rest) && strings.Contains(rest, " ")
}
