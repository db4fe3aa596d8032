// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

func sortLines(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "rnuf", "kt")
	if err != nil {
		return p.fail(2, "%v", err)
	}
	var lines []string
	size := 0
	code := p.filter(ctx, names, func(_ string, input io.Reader) error {
		return eachLine(input, func(line string) error {
			if size += len(line) + lineOverhead; size > maxKept {
				return errExhausted
			}
			lines = append(lines, line)
			return nil
		})
	})
	key := func(line string) string {
		field, _ := strconv.Atoi(strings.TrimRight(strings.Split(flags.value('k'), ",")[0], "nr"))
		if field < 1 {
			return line
		}
		fields := strings.Fields(line)
		if separator := flags.value('t'); separator != "" {
			fields = strings.Split(line, separator)
		}
		return strings.Join(fields[min(field-1, len(fields)):], " ")
	}
	numeric := flags.has('n') || strings.Contains(flags.value('k'), "n")
	sort.SliceStable(lines, func(i, j int) bool {
		a, b := key(lines[i]), key(lines[j])
		if flags.has('f') {
			a, b = strings.ToLower(a), strings.ToLower(b)
		}
		if numeric {
			if one, other := leadingNumber(a), leadingNumber(b); one != other {
				return one < other
			}
		}
		return a < b
	})
	if flags.has('u') {
		lines = slices.Compact(lines)
	}
	if flags.has('r') {
		slices.Reverse(lines)
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(p.Stdout, line); err != nil {
			return 2
		}
	}
	return code
}

var numberAtFront = regexp.MustCompile(`^\s*-?[0-9]+(\.[0-9]+)?`)

func leadingNumber(text string) float64 {
	number, _ := strconv.ParseFloat(strings.TrimSpace(numberAtFront.FindString(text)), 64) // 0 if there is no number
	return number
}

func unique(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "cdu", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.filter(ctx, names, func(_ string, input io.Reader) error {
		times, last := 0, ""
		flush := func() {
			if times == 0 || flags.has('d') && times < 2 || flags.has('u') && times > 1 {
				return
			}
			if flags.has('c') {
				fmt.Fprintf(p.Stdout, "%7d ", times)
			}
			fmt.Fprintln(p.Stdout, last)
		}
		err := eachLine(input, func(line string) error {
			if times > 0 && line == last {
				times++
				return nil
			}
			flush()
			times, last = 1, line
			return nil
		})
		flush()
		return err
	})
}
