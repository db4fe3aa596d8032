// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parseSed parses a script.
func parseSed(text string, extended bool) ([]sedCommand, error) {
	var all []sedCommand
	for {
		text = strings.TrimLeft(text, " \t\n;")
		if text == "" {
			return all, nil
		}
		if text[0] == '#' {
			_, text, _ = strings.Cut(text, "\n")
			continue
		}
		c := sedCommand{inRange: new(bool), nth: 1}
		var err error
		if c.from, text, err = sedAddressOf(text, extended); err != nil {
			return nil, err
		}
		if c.from != nil && strings.HasPrefix(text, ",") {
			if c.to, text, err = sedAddressOf(text[1:], extended); err != nil || c.to == nil {
				return nil, errors.New("unexpected ','")
			}
		}
		text = strings.TrimLeft(text, " ")
		if strings.HasPrefix(text, "!") {
			c.negated, text = true, strings.TrimLeft(text[1:], " ")
		}
		if text == "" {
			return nil, errors.New("missing command")
		}
		c.name, text = text[0], text[1:]
		if text, err = c.arguments(text, extended); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
}

// arguments parses the text after a command's name. rest is the text after the
// whole command.
func (c *sedCommand) arguments(text string, extended bool) (rest string, err error) {
	switch c.name {
	case 'd', 'p', 'q', '=':
		return text, nil
	case 'a', 'i', 'c':
		line, rest, _ := strings.Cut(strings.TrimPrefix(strings.TrimLeft(text, " "), "\\\n"), "\n")
		c.text = strings.TrimPrefix(strings.TrimLeft(line, " \t"), "\\")
		return rest, nil
	case 's':
		return c.substitution(text, extended)
	}
	return "", fmt.Errorf("unknown command: '%c'", c.name)
}

func (c *sedCommand) substitution(text string, extended bool) (string, error) {
	if text == "" {
		return "", errors.New("unterminated 's' command")
	}
	separator := text[0]
	pattern, rest, ok := sedPart(text[1:], separator)
	replacement, rest, closed := sedPart(rest, separator)
	if !ok || !closed {
		return "", errors.New("unterminated 's' command")
	}
	fold := false
	for rest != "" && strings.IndexByte("gpiI123456789", rest[0]) >= 0 {
		switch rest[0] {
		case 'g':
			c.nth = 0
		case 'p':
			c.print = true
		case 'i', 'I':
			fold = true
		default:
			c.nth, _ = strconv.Atoi(rest[:1])
		}
		rest = rest[1:]
	}
	if trimmed := strings.TrimLeft(rest, " "); trimmed != "" && strings.IndexByte(";\n}#", trimmed[0]) < 0 {
		return "", fmt.Errorf("unknown option to 's': '%s'", trimmed)
	}
	c.text = sedReplacement(replacement)
	var err error
	c.pattern, err = compile(pattern, extended, fold)
	return rest, err
}

// sedPart returns the text before and after the first separator that no
// backslash escapes. ok is false if there is no such separator.
func sedPart(text string, separator byte) (part, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == separator:
			i++
			b.WriteByte(separator)
		case text[i] == '\\' && i+1 < len(text):
			b.WriteString(text[i : i+2])
			i++
		case text[i] == separator:
			return b.String(), text[i+1:], true
		default:
			b.WriteByte(text[i])
		}
	}
	return "", "", false
}

// sedReplacement converts "&" and "\1" to the syntax of regexp.Regexp.Expand.
func sedReplacement(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			switch next := text[i]; {
			case next >= '0' && next <= '9':
				b.WriteString("${" + string(next) + "}")
			case next == 'n':
				b.WriteByte('\n')
			case next == '$':
				b.WriteString("$$")
			default:
				b.WriteByte(next)
			}
		case c == '&':
			b.WriteString("${0}")
		case c == '$':
			b.WriteString("$$")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func sedAddressOf(text string, extended bool) (*sedAddress, string, error) {
	text = strings.TrimLeft(text, " ")
	switch {
	case text == "":
		return nil, text, nil
	case text[0] == '$':
		return &sedAddress{last: true}, text[1:], nil
	case text[0] == '/':
		pattern, rest, ok := sedPart(text[1:], '/')
		if !ok {
			return nil, "", errors.New("unterminated address")
		}
		compiled, err := compile(pattern, extended, false)
		return &sedAddress{pattern: compiled}, rest, err
	case text[0] >= '0' && text[0] <= '9':
		digits := text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
		number, err := strconv.Atoi(digits)
		return &sedAddress{line: number}, text[len(digits):], err
	}
	return nil, text, nil
}
