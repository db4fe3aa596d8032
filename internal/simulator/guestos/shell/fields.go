// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

func cutFields(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "s", "dfcb")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	separator, ranges := "\t", flags.value('f')
	if flags.has('d') {
		separator = flags.value('d')
	}
	byCharacter := flags.any("cb")
	if byCharacter {
		separator, ranges = "", flags.value('c')+flags.value('b')
	}
	chosen, err := parseRanges(ranges)
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.filter(ctx, names, func(_ string, input io.Reader) error {
		return eachLine(input, func(line string) error {
			if !byCharacter && !strings.Contains(line, separator) {
				if !flags.has('s') {
					fmt.Fprintln(p.Stdout, line)
				}
				return nil
			}
			var kept []string
			for i, field := range strings.Split(line, separator) {
				if chosen(i + 1) {
					kept = append(kept, field)
				}
			}
			_, err := fmt.Fprintln(p.Stdout, strings.Join(kept, separator))
			return err
		})
	})
}

// parseRanges parses a list such as "1,3-5,7-" and returns a function that reports
// whether the list contains a number.
func parseRanges(text string) (func(int) bool, error) {
	type span struct{ from, to int }
	var spans []span
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, err := strconv.Atoi(first)
		if first == "" && isRange {
			from, err = 1, nil
		}
		to := from
		if isRange && last == "" {
			to = 1 << 30
		} else if isRange && err == nil {
			to, err = strconv.Atoi(last)
		}
		if err != nil || from < 1 {
			return nil, fmt.Errorf("invalid field list '%s'", text)
		}
		spans = append(spans, span{from, to})
	}
	return func(i int) bool {
		return slices.ContainsFunc(spans, func(s span) bool { return i >= s.from && i <= s.to })
	}, nil
}

func translate(ctx context.Context, p *Process) int {
	flags, sets, err := options(p.Args[1:], "dsc", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(sets) == 0 || len(sets) == 1 && !flags.any("ds") {
		return p.fail(1, "missing operand")
	}
	from, to := characters(sets[0]), []rune(nil)
	if len(sets) > 1 {
		to = characters(sets[1])
	}
	if len(from) > maxCharacters || len(to) > maxCharacters {
		return p.fail(1, "a set has more than %d characters", maxCharacters)
	}
	member := func(r rune) bool { return slices.Contains(from, r) != flags.has('c') }
	reader, last := bufio.NewReader(contextReader{ctx, p.Stdin}), rune(-1)
	out := bufio.NewWriter(p.Stdout)
	for {
		r, _, err := reader.ReadRune()
		if err != nil {
			break
		}
		changed := member(r)
		switch {
		case changed && flags.has('d'):
			continue
		case changed && len(to) > 0:
			r = to[min(max(slices.Index(from, r), 0), len(to)-1)]
		}
		if flags.has('s') && changed && r == last {
			continue
		}
		last = r
		if _, err := out.WriteRune(r); err != nil {
			return p.fail(1, "%v", err)
		}
	}
	if err := out.Flush(); err != nil {
		return p.fail(1, "%v", err)
	}
	return 0
}

// maxCharacters limits the size of a set, because tr searches the set for every
// character of the input.
const maxCharacters = 4096

// characters returns the characters of a set such as "a-z\n[:digit:]".
func characters(set string) []rune {
	for class, all := range map[string]string{
		"[:lower:]": "a-z", "[:upper:]": "A-Z", "[:digit:]": "0-9", "[:alpha:]": "A-Za-z", "[:alnum:]": "A-Za-z0-9", "[:space:]": " \\t\\n\\r", "[:blank:]": " \\t",
	} {
		set = strings.ReplaceAll(set, class, all)
	}
	text := []rune(strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\r`, "\r", `\0`, "\x00", `\\`, `\`).Replace(set))
	var all []rune
	for i := 0; i < len(text) && len(all) <= maxCharacters; i++ {
		if i+2 < len(text) && text[i+1] == '-' && text[i+2] >= text[i] {
			for r := text[i]; r <= text[i+2] && len(all) <= maxCharacters; r++ {
				all = append(all, r)
			}
			i += 2
			continue
		}
		all = append(all, text[i])
	}
	return all
}
