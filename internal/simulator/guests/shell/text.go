// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"bufio"
	"context"
	"crypto/md5" //nolint:gosec // it is what md5sum prints
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// longestLine is the longest line that a filter takes, in bytes.
const longestLine = 16 << 20

// filter runs a job over all inputs.
func (p *Process) filter(ctx context.Context, names []string, do func(name string, input io.Reader) error) int {
	return p.eachOf(inputs(names), func(name string) error {
		file, err := p.open(name)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // only read
		return do(name, untilDone{ctx, file})
	})
}

// untilDone is a reader that ends with a context.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := context.Cause(u.ctx); err != nil {
		return 0, err
	}
	return u.Reader.Read(p)
}

func eachLine(input io.Reader, do func(line string) error) error {
	scanner := bufio.NewScanner(input)
	scanner.Buffer(nil, longestLine)
	for scanner.Scan() {
		if err := do(scanner.Text()); err != nil {
			return err
		}
	}
	return scanner.Err()
}

func concatenate(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "nuA", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	number := 0
	return p.filter(ctx, names, func(_ string, input io.Reader) error {
		if !flags.has('n') {
			_, err := io.Copy(p.Stdout, input)
			return err
		}
		return eachLine(input, func(line string) error {
			number++
			_, err := fmt.Fprintf(p.Stdout, "%6d\t%s\n", number, line)
			return err
		})
	})
}

func tee(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "ai", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	mode := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if flags.has('a') {
		mode = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	outputs := []io.Writer{p.Stdout}
	for _, name := range names {
		file, err := p.Files.OpenFile(p.path(name), mode, 0o644)
		if err != nil {
			return p.fail(1, "%v", reason(name, err))
		}
		defer func() { _ = file.Close() }() // a failed write was told
		outputs = append(outputs, file)
	}
	if _, err := io.Copy(io.MultiWriter(outputs...), untilDone{ctx, p.Stdin}); err != nil {
		return p.fail(1, "%v", err)
	}
	return 0
}

// lineCount reads "-n 5", "-5" and the like; from tells "+5".
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
			return 0, false, nil, fmt.Errorf("option %s is not known here", text)
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

var errEnough = errors.New("enough")

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
				return errEnough
			}
			_, err := fmt.Fprintln(p.Stdout, line)
			return err
		})
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	})
}

func tail(ctx context.Context, p *Process) int {
	count, from, names, err := lineCount(p.Args[1:])
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.filter(ctx, names, func(_ string, input io.Reader) error {
		var last []string
		number := 0
		err := eachLine(input, func(line string) error {
			number++
			if from {
				if number >= count {
					_, err := fmt.Fprintln(p.Stdout, line)
					return err
				}
				return nil
			}
			if last = append(last, line); len(last) > count {
				last = last[1:]
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

func sortLines(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "rnuf", "kt")
	if err != nil {
		return p.fail(2, "%v", err)
	}
	var lines []string
	code := p.filter(ctx, names, func(_ string, input io.Reader) error {
		return eachLine(input, func(line string) error {
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
		fmt.Fprintln(p.Stdout, line)
	}
	return code
}

var numberAtFront = regexp.MustCompile(`^\s*-?[0-9]+(\.[0-9]+)?`)

func leadingNumber(text string) float64 {
	number, _ := strconv.ParseFloat(strings.TrimSpace(numberAtFront.FindString(text)), 64) // none is 0
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

// parseRanges reads a list such as "1,3-5,7-".
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
	member := func(r rune) bool { return slices.Contains(from, r) != flags.has('c') }
	reader, last := bufio.NewReader(untilDone{ctx, p.Stdin}), rune(-1)
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
		_, _ = out.WriteRune(r) // Flush tells
	}
	if err := out.Flush(); err != nil {
		return p.fail(1, "%v", err)
	}
	return 0
}

// characters are those of a set such as "a-z\n[:digit:]".
func characters(set string) []rune {
	for class, all := range map[string]string{
		"[:lower:]": "a-z", "[:upper:]": "A-Z", "[:digit:]": "0-9", "[:alpha:]": "A-Za-z", "[:alnum:]": "A-Za-z0-9", "[:space:]": " \\t\\n\\r", "[:blank:]": " \\t",
	} {
		set = strings.ReplaceAll(set, class, all)
	}
	text := []rune(strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\r`, "\r", `\0`, "\x00", `\\`, `\`).Replace(set))
	var all []rune
	for i := 0; i < len(text); i++ {
		if i+2 < len(text) && text[i+1] == '-' && text[i+2] >= text[i] {
			for r := text[i]; r <= text[i+2]; r++ {
				all = append(all, r)
			}
			i += 2
			continue
		}
		all = append(all, text[i])
	}
	return all
}

func checksum(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "cbt", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	sum := func(input io.Reader) (string, error) {
		h := sha256.New()
		if path.Base(p.Args[0]) == "md5sum" {
			h = md5.New() //nolint:gosec // it is what md5sum prints
		}
		_, err := io.Copy(h, input)
		return hex.EncodeToString(h.Sum(nil)), err
	}
	if !flags.has('c') {
		return p.filter(ctx, names, func(name string, input io.Reader) error {
			text, err := sum(input)
			if err == nil {
				_, err = fmt.Fprintf(p.Stdout, "%s  %s\n", text, name)
			}
			return err
		})
	}
	return p.filter(ctx, names, func(_ string, input io.Reader) error {
		return eachLine(input, func(line string) error {
			want, name, _ := strings.Cut(line, " ")
			name = strings.TrimLeft(name, " *")
			file, err := p.open(name)
			if err != nil {
				return err
			}
			defer func() { _ = file.Close() }() // only read
			got, err := sum(file)
			if err == nil && got != want {
				err = fmt.Errorf("%s: FAILED", name)
			}
			if err == nil {
				fmt.Fprintf(p.Stdout, "%s: OK\n", name)
			}
			return err
		})
	})
}

func encode64(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "di", "w")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.filter(ctx, names, func(_ string, input io.Reader) error {
		if flags.has('d') {
			_, err := io.Copy(p.Stdout, base64.NewDecoder(base64.StdEncoding, input))
			return err
		}
		encoder := base64.NewEncoder(base64.StdEncoding, p.Stdout)
		_, err := io.Copy(encoder, input)
		err = errors.Join(err, encoder.Close())
		fmt.Fprintln(p.Stdout)
		return err
	})
}
