// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prose

import (
	"sort"
	"strings"
	"unicode"
)

// passage is text collected from the lines of a file. Every sequence of white
// space becomes one space, or one newline where a paragraph ends.
type passage struct {
	text     strings.Builder
	starts   []start
	spaces   bool
	newlines int
}

// start records the source line of the text that begins at offset.
type start struct {
	offset, line int
}

// write appends text from the given source line. Two newlines in a sequence of
// white space end the paragraph, even if separate calls have written them.
func (p *passage) write(line int, text string) {
	p.starts = append(p.starts, start{p.text.Len(), line})
	for _, r := range text {
		if unicode.IsSpace(r) {
			p.spaces = true
			if r == '\n' {
				p.newlines++
			}
			continue
		}
		switch {
		case p.newlines > 1:
			p.text.WriteByte('\n')
		case p.spaces:
			p.text.WriteByte(' ')
		}
		p.spaces, p.newlines = false, 0
		p.text.WriteRune(unicode.ToLower(r))
	}
}

// writeLines appends text that begins at the given source line and continues
// on the lines below it.
func (p *passage) writeLines(line int, text string) {
	for i, part := range strings.SplitAfter(text, "\n") {
		p.write(line+i, part)
	}
}

// end ends the paragraph.
func (p *passage) end() {
	p.spaces, p.newlines = true, 2
}

// line returns the source line of the text at offset.
func (p *passage) line(offset int) int {
	after := sort.Search(len(p.starts), func(i int) bool { return p.starts[i].offset > offset })
	return p.starts[after-1].line
}
