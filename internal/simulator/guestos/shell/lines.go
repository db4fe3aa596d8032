// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// lineCount parses options such as "-n 5" and "-5". If from is true, the count
// was given as "+5" and is the number of the first line.
func lineCount(args []string) (count int, from bool, rest []string, err error) {
	count = 10
	for i := 0; i < len(args); i++ {
		text, found := args[i], false
		switch {
		case text == "-n" && i+1 < len(args):
			i++
			text, found = args[i], true
		case strings.HasPrefix(text, "-n"):
			text, found = text[2:], true
		case len(text) > 1 && text[0] == '-' && strings.Trim(text[1:], "0123456789") == "":
			text, found = text[1:], true
		case text == "-f" || text == "-q":
			return 0, false, nil, fmt.Errorf("option %s is not supported", text)
		case text == "--":
			return count, from, append(rest, args[i+1:]...), nil
		case len(text) > 1 && text[0] == '-':
			return 0, false, nil, fmt.Errorf("invalid option -- '%s'", text[1:])
		}
		if !found {
			rest = append(rest, text)
			continue
		}
		from = strings.HasPrefix(text, "+")
		if count, err = strconv.Atoi(strings.TrimLeft(text, "+-")); err != nil {
			return 0, false, nil, fmt.Errorf("invalid number of lines: '%s'", text)
		}
	}
	return count, from, rest, nil
}

func head(ctx context.Context, p *Process) int {
	if len(p.Args) > 1 && strings.HasPrefix(p.Args[1], "-c") {
		number, names := p.Args[1][2:], p.Args[2:]
		if number == "" && len(names) > 0 {
			number, names = names[0], names[1:]
		}
		size, err := strconv.ParseInt(number, 10, 64)
		if err != nil || size < 0 {
			return p.fail(1, "invalid number of bytes: '%s'", number)
		}
		return p.filter(ctx, names, func(_ string, input io.Reader) error {
			_, err := io.CopyN(p.Stdout, input, size)
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		})
	}
	count, _, names, err := lineCount(p.Args[1:])
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.filter(ctx, names, func(_ string, input io.Reader) error {
		left := count
		err := eachLine(input, func(line string) error {
			if left--; left < 0 {
				return errStop
			}
			_, err := fmt.Fprintln(p.Stdout, line)
			return err
		})
		if errors.Is(err, errStop) {
			return nil
		}
		return err
	})
}

// lineOverhead is the memory that a kept line uses in addition to its text, in
// bytes.
const lineOverhead = 16

func tail(ctx context.Context, p *Process) int {
	count, from, names, err := lineCount(p.Args[1:])
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.filter(ctx, names, func(_ string, input io.Reader) error {
		var last []string
		number, size := 0, 0
		err := eachLine(input, func(line string) error {
			number++
			if from {
				if number >= count {
					_, err := fmt.Fprintln(p.Stdout, line)
					return err
				}
				return nil
			}
			size += len(line) + lineOverhead
			if last = append(last, line); len(last) > count {
				size -= len(last[0]) + lineOverhead
				last = last[1:]
			}
			if size > maxKept {
				return errExhausted
			}
			return nil
		})
		for _, line := range last {
			fmt.Fprintln(p.Stdout, line)
		}
		return err
	})
}

func count(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "lwcm", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.filter(ctx, names, func(name string, input io.Reader) error {
		var lines, words, size int
		inWord := false
		reader := bufio.NewReader(input)
		for {
			b, err := reader.ReadByte()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			size++
			blank := b == ' ' || b >= '\t' && b <= '\r'
			if b == '\n' {
				lines++
			}
			if !blank && !inWord {
				words++
			}
			inWord = !blank
		}
		var fields []string
		for _, field := range []struct {
			letters string
			number  int
		}{{"l", lines}, {"w", words}, {"cm", size}} {
			if flags.any(field.letters) || !flags.any("lwcm") {
				fields = append(fields, strconv.Itoa(field.number))
			}
		}
		if name != "-" {
			fields = append(fields, name)
		}
		_, err := fmt.Fprintln(p.Stdout, strings.Join(fields, " "))
		return err
	})
}
