// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"fmt"
	"regexp"
	"strings"
)

// compile converts a POSIX regular expression to Go's syntax and compiles it.
// If extended is set, the syntax is the syntax of grep -E. In the basic syntax,
// the characters (){}|+? are special only after a backslash.
func compile(text string, extended, foldCase bool) (*regexp.Regexp, error) {
	if !extended {
		text = fromBasic(text)
	}
	if foldCase {
		text = "(?i)" + text
	}
	found, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("invalid regular expression %q", text)
	}
	return found, nil
}

func fromBasic(text string) string {
	var b strings.Builder
	inSet := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inSet:
			b.WriteByte(c)
			if c == ']' && i > 0 && text[i-1] != '[' && !strings.HasSuffix(text[:i], "[^") {
				inSet = false
			}
		case c == '[':
			inSet = true
			b.WriteByte(c)
		case c == '\\' && i+1 < len(text):
			i++
			if strings.IndexByte("(){}|+?", text[i]) < 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(text[i])
		case strings.IndexByte("(){}|+?", c) >= 0, c == '*' && (i == 0 || text[i-1] == '^' && i == 1):
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
