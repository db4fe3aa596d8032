// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package webserver

import "strings"

// scanner splits a configuration file of nginx into directives.
type scanner struct {
	text string
	file string
	line int
}

func (s *scanner) fail(text string) error { return &Error{text, s.file, s.line} }

// directive returns the words before the next ";", "{" or "}". end is that
// character, or 0 at the end of the file.
func (s *scanner) directive() (words []string, end byte, err error) {
	for {
		word, mark := s.next()
		switch {
		case mark == 'w':
			words = append(words, word)
		case mark == '"':
			return nil, 0, s.fail("unexpected end of file in a quoted text")
		case mark == 0 && len(words) > 0:
			return nil, 0, s.fail(`unexpected end of file, expecting ";" or "}"`)
		case mark == '}' && len(words) > 0:
			return nil, 0, s.fail(`unexpected "}"`)
		case (mark == ';' || mark == '{') && len(words) == 0:
			return nil, 0, s.fail(`unexpected "` + string(mark) + `"`)
		default:
			return words, mark, nil
		}
	}
}

// next returns the next token. mark is 'w' for a word, the delimiter itself, 0
// at the end of the file, or '"' if a quoted text is not closed.
func (s *scanner) next() (word string, mark byte) {
	for s.text != "" {
		switch c := s.text[0]; c {
		case '\n':
			s.line++
			s.text = s.text[1:]
		case ' ', '\t', '\r':
			s.text = s.text[1:]
		case '#':
			_, rest, found := strings.Cut(s.text, "\n")
			s.text = rest
			if found {
				s.line++
			}
		case ';', '{', '}':
			s.text = s.text[1:]
			return "", c
		case '"', '\'':
			return s.quoted(c)
		default:
			at := strings.IndexAny(s.text, " \t\r\n;{}")
			for at >= 0 && s.text[at] == '{' && at > 0 && s.text[at-1] == '$' { // a variable such as ${name}
				more := strings.IndexAny(s.text[at+1:], " \t\r\n;")
				if more < 0 {
					at = -1
					break
				}
				at += 1 + more
			}
			if at < 0 {
				at = len(s.text)
			}
			word, s.text = s.text[:at], s.text[at:]
			return word, 'w'
		}
	}
	return "", 0
}

func (s *scanner) quoted(quote byte) (word string, mark byte) {
	var text strings.Builder
	for i := 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == quote:
			s.text = s.text[i+1:]
			return text.String(), 'w'
		case c == '\\' && i+1 < len(s.text) && (s.text[i+1] == quote || s.text[i+1] == '\\'):
			i++
			text.WriteByte(s.text[i])
		default:
			if c == '\n' {
				s.line++
			}
			text.WriteByte(c)
		}
	}
	return "", '"'
}

// skip skips a block.
func (s *scanner) skip() error {
	for depth := 1; depth > 0; {
		switch _, mark := s.next(); mark {
		case '{':
			depth++
		case '}':
			depth--
		case 0, '"':
			return s.fail(`unexpected end of file, expecting "}"`)
		}
	}
	return nil
}
