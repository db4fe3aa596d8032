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

// edit implements sed: addresses, and the commands s, d, p, q, a, i, c and =.
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
		return p.filter(ctx, args, func(_ string, input io.Reader) error { return s.process(input) })
	}
	return p.forEach(args, func(name string) error { return sedInPlace(p, name, commands, flags.has('n')) })
}

func sedInPlace(p *Process, name string, commands []sedCommand, quiet bool) error {
	text, err := readAll(p.Files, p.path(name), maxKept)
	if err != nil {
		return err
	}
	found, err := p.Files.Stat(p.path(name))
	if err != nil {
		return reason(name, err)
	}
	var out limitedBuffer
	s := sedRun{commands: commands, quiet: quiet, out: &out}
	if err := s.process(strings.NewReader(text)); err != nil {
		return err
	}
	// Write a new file and rename it, as the real sed does, so that an
	// interrupted edit does not damage the old file.
	next := p.path(name) + ".sed"
	file, err := p.Files.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, found.Mode().Perm())
	if err != nil {
		return reason(name, err)
	}
	_, err = file.Write(out.Bytes())
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(wrap(name, err), p.Files.Remove(next))
	}
	return wrap(name, p.Files.Rename(next, p.path(name)))
}

// limitedBuffer is a buffer that holds at most maxKept bytes.
type limitedBuffer struct{ bytes.Buffer }

// Write appends p. It returns an error if the buffer would exceed its limit.
func (k *limitedBuffer) Write(p []byte) (int, error) {
	if k.Len()+len(p) > maxKept {
		return 0, errExhausted
	}
	return k.Buffer.Write(p)
}

// sedAddress selects lines by number, by pattern, or the last line.
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
	nth      int // number of the match to replace; 0 means all matches
	print    bool

	inRange *bool
}

// applies reports whether the command applies to a line. A command with a range
// applies to all lines from the first to the last line of the range.
func (c *sedCommand) applies(number int, last bool, line string) bool {
	chosen := true
	switch {
	case c.from == nil:
	case c.to == nil:
		chosen = c.from.matches(number, last, line)
	case *c.inRange:
		*c.inRange = !c.to.matches(number, last, line)
	default:
		chosen = c.from.matches(number, last, line)
		*c.inRange = chosen && (c.to.pattern != nil || c.to.last && !last || c.to.line > number)
	}
	return chosen != c.negated
}

type sedRun struct {
	commands []sedCommand
	quiet    bool
	out      io.Writer
	writeErr error // of the first failed write
	number   int
	quit     bool
}

func (s *sedRun) process(input io.Reader) error {
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
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// print writes a line. If the write fails, the next command returns the error.
func (s *sedRun) print(line string) {
	if s.writeErr == nil {
		_, s.writeErr = fmt.Fprintln(s.out, line)
	}
}

func (s *sedRun) line(line string, last bool) error {
	if s.quit {
		return errStop
	}
	s.number++
	after := ""
	for i := range s.commands {
		if s.writeErr != nil {
			return s.writeErr
		}
		c := &s.commands[i]
		if !c.applies(s.number, last, line) {
			continue
		}
		switch c.name {
		case 'd':
			return nil
		case 'c':
			s.print(c.text)
			return nil
		case 'p':
			s.print(line)
		case '=':
			s.print(strconv.Itoa(s.number))
		case 'i':
			s.print(c.text)
		case 'a':
			after += c.text + "\n"
		case 'q':
			s.quit = true
		case 's':
			changed, replaced, err := c.substitute(line)
			if err != nil {
				return err
			}
			line = changed
			if replaced && c.print {
				s.print(line)
			}
		}
	}
	if !s.quiet {
		after = line + "\n" + after
	}
	_, err := io.WriteString(s.out, after)
	return err
}

func (c *sedCommand) substitute(line string) (changed string, replaced bool, err error) {
	var out strings.Builder
	at := 0
	for i, match := range c.pattern.FindAllStringSubmatchIndex(line, -1) {
		if c.nth != 0 && i+1 != c.nth {
			continue
		}
		out.WriteString(line[at:match[0]])
		out.Write(c.pattern.ExpandString(nil, c.text, line, match))
		at, replaced = match[1], true
		if out.Len() > maxLine {
			return "", false, errExhausted
		}
	}
	out.WriteString(line[at:])
	return out.String(), replaced, nil
}
