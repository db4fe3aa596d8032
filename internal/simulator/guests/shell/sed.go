// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// edit is sed: addresses, and the commands s, d, p, q, a, i, c and =.
func edit(ctx context.Context, p *Process) int {
	flags, args, err := options(p.Args[1:], "nErsi", "e")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	texts := flags['e']
	if len(texts) == 0 {
		if len(args) == 0 {
			return p.fail(1, "a script is missing")
		}
		texts, args = args[:1], args[1:]
	}
	commands, err := parseSed(strings.Join(texts, "\n"), flags.any("Er"))
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if !flags.has('i') {
		s := sedRun{commands: commands, quiet: flags.has('n'), out: p.Stdout}
		return p.filter(ctx, args, func(_ string, input io.Reader) error { return s.over(input) })
	}
	return p.eachOf(args, func(name string) error { return sedInPlace(p, name, commands, flags.has('n')) })
}

func sedInPlace(p *Process, name string, commands []sedCommand, quiet bool) error {
	text, err := readAll(p.Files, p.path(name), longestLine)
	if err != nil {
		return err
	}
	found, err := p.Files.Stat(p.path(name))
	if err != nil {
		return reason(name, err)
	}
	var out bytes.Buffer
	s := sedRun{commands: commands, quiet: quiet, out: &out}
	if err := s.over(strings.NewReader(text)); err != nil {
		return err
	}
	file, err := p.Files.OpenFile(p.path(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, found.Mode().Perm())
	if err != nil {
		return reason(name, err)
	}
	_, err = file.Write(out.Bytes())
	return wrap(name, errors.Join(err, file.Close()))
}

// sedAddress chooses lines: a number, the last line, or what matches.
type sedAddress struct {
	line    int
	last    bool
	pattern *regexp.Regexp
}

func (a *sedAddress) matches(number int, last bool, line string) bool {
	switch {
	case a.pattern != nil:
		return a.pattern.MatchString(line)
	case a.last:
		return last
	}
	return a.line == number
}

type sedCommand struct {
	from, to *sedAddress
	negated  bool
	name     byte
	pattern  *regexp.Regexp
	text     string
	nth      int // which match is replaced; 0: all
	print    bool

	within *bool
}

// applies tells whether a line is chosen; a range goes on until its end.
func (c *sedCommand) applies(number int, last bool, line string) bool {
	chosen := true
	switch {
	case c.from == nil:
	case c.to == nil:
		chosen = c.from.matches(number, last, line)
	case *c.within:
		*c.within = !c.to.matches(number, last, line)
	default:
		chosen = c.from.matches(number, last, line)
		*c.within = chosen && (c.to.pattern != nil || c.to.last && !last || c.to.line > number)
	}
	return chosen != c.negated
}

type sedRun struct {
	commands []sedCommand
	quiet    bool
	out      io.Writer
	number   int
	ended    bool
}

func (s *sedRun) over(input io.Reader) error {
	var held *string
	err := eachLine(input, func(line string) error {
		if held != nil {
			if err := s.line(*held, false); err != nil {
				return err
			}
		}
		held = &line
		return nil
	})
	if err == nil && held != nil {
		err = s.line(*held, true)
	}
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (s *sedRun) line(line string, last bool) error {
	if s.ended {
		return errEnough
	}
	s.number++
	after := ""
	for i := range s.commands {
		c := &s.commands[i]
		if !c.applies(s.number, last, line) {
			continue
		}
		switch c.name {
		case 'd':
			return nil
		case 'c':
			fmt.Fprintln(s.out, c.text)
			return nil
		case 'p':
			fmt.Fprintln(s.out, line)
		case '=':
			fmt.Fprintln(s.out, s.number)
		case 'i':
			fmt.Fprintln(s.out, c.text)
		case 'a':
			after += c.text + "\n"
		case 'q':
			s.ended = true
		case 's':
			changed, did := c.substitute(line)
			line = changed
			if did && c.print {
				fmt.Fprintln(s.out, line)
			}
		}
	}
	if !s.quiet {
		fmt.Fprintln(s.out, line)
	}
	_, err := io.WriteString(s.out, after)
	return err
}

func (c *sedCommand) substitute(line string) (string, bool) {
	var out strings.Builder
	at, did := 0, false
	for i, match := range c.pattern.FindAllStringSubmatchIndex(line, -1) {
		if c.nth != 0 && i+1 != c.nth {
			continue
		}
		out.WriteString(line[at:match[0]])
		out.Write(c.pattern.ExpandString(nil, c.text, line, match))
		at, did = match[1], true
	}
	out.WriteString(line[at:])
	return out.String(), did
}

// parseSed reads a script.
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
		c := sedCommand{within: new(bool), nth: 1}
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

// arguments reads what follows the name of a command.
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

// sedPart reads up to a separator that has no backslash before it.
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

// sedReplacement turns "&" and "\1" into what Go expands.
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
