// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

func nothing(context.Context, *Process) int { return 0 }

// kill finds nobody: what runs in a guest has no process id.
func kill(_ context.Context, p *Process) int {
	return p.fail(1, "No such process")
}

func baseName(_ context.Context, p *Process) int {
	if len(p.Args) < 2 {
		return p.fail(1, "missing operand")
	}
	name := path.Base(p.Args[1])
	if len(p.Args) > 2 && name != p.Args[2] {
		name = strings.TrimSuffix(name, p.Args[2])
	}
	fmt.Fprintln(p.Stdout, name)
	return 0
}

func dirName(_ context.Context, p *Process) int {
	if len(p.Args) < 2 {
		return p.fail(1, "missing operand")
	}
	for _, name := range p.Args[1:] {
		fmt.Fprintln(p.Stdout, path.Dir(name))
	}
	return 0
}

func sleep(ctx context.Context, p *Process) int {
	if len(p.Args) < 2 {
		return p.fail(1, "missing operand")
	}
	var total time.Duration
	for _, text := range p.Args[1:] {
		d, err := seconds(text)
		if err != nil {
			return p.fail(1, "%v", err)
		}
		total += d
	}
	if p.Host.Sleep(ctx, total) != nil {
		return exitTerminated
	}
	return 0
}

func hostname(_ context.Context, p *Process) int {
	flags, args, err := options(p.Args[1:], "fsd", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(args) > 0 {
		p.Host.SetHostname(args[0])
		return 0
	}
	name := p.Host.Hostname()
	if flags.has('s') {
		name, _, _ = strings.Cut(name, ".")
	}
	fmt.Fprintln(p.Stdout, name)
	return 0
}

func systemName(_ context.Context, p *Process) int {
	flags, _, err := options(p.Args[1:], "asnrmvpo", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	var parts []string
	for _, part := range []struct{ letters, text string }{
		{"as", "Linux"}, {"an", p.Host.Hostname()}, {"ar", "2.6.32-gogrid"}, {"av", "#1 SMP"}, {"am", "x86_64"}, {"ao", "GNU/Linux"},
	} {
		if flags.any(part.letters) || part.letters == "as" && len(flags) == 0 {
			parts = append(parts, part.text)
		}
	}
	fmt.Fprintln(p.Stdout, strings.Join(parts, " "))
	return 0
}

// identity is id, whoami and groups: accounts other than root are plain users.
func identity(_ context.Context, p *Process) int {
	flags, args, err := options(p.Args[1:], "ungG", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	user := p.User
	if len(args) > 0 {
		user = args[0]
	}
	id := accountID(p, user)
	switch {
	case id == "":
		return p.fail(1, "'%s': no such user", user)
	case path.Base(p.Args[0]) != "id" || flags.has('n'):
		fmt.Fprintln(p.Stdout, user)
	case flags.any("ugG"):
		fmt.Fprintln(p.Stdout, id)
	default:
		fmt.Fprintf(p.Stdout, "uid=%[1]s(%[2]s) gid=%[1]s(%[2]s) groups=%[1]s(%[2]s)\n", id, user)
	}
	return 0
}

func accountID(p *Process, user string) string {
	text, err := readAll(p.Files, "/etc/passwd", maxScript)
	if err == nil {
		for line := range strings.SplitSeq(text, "\n") {
			if fields := strings.Split(line, ":"); len(fields) > 2 && fields[0] == user {
				return fields[2]
			}
		}
	}
	if user == "root" {
		return "0"
	}
	return ""
}

func showDate(_ context.Context, p *Process) int {
	now, format := p.Host.Now().UTC(), "+%a %b %e %H:%M:%S UTC %Y"
	args := p.Args[1:]
	for len(args) > 0 {
		switch {
		case args[0] == "-u" || args[0] == "--utc":
		case args[0] == "-d" && len(args) > 1:
			at, err := parseDate(args[1], now)
			if err != nil {
				return p.fail(1, "%v", err)
			}
			now, args = at, args[1:]
		case args[0] == "-Iseconds":
			format = "+%Y-%m-%dT%H:%M:%S+00:00"
		case strings.HasPrefix(args[0], "+"):
			format = args[0]
		default:
			return p.fail(1, "invalid argument '%s'", args[0])
		}
		args = args[1:]
	}
	fmt.Fprintln(p.Stdout, formatDate(format[1:], now))
	return 0
}

func parseDate(text string, now time.Time) (time.Time, error) {
	if number, found := strings.CutPrefix(text, "@"); found {
		if unix, err := strconv.ParseInt(number, 10, 64); err == nil {
			return time.Unix(unix, 0).UTC(), nil
		}
	}
	if text == "now" {
		return now, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return now, fmt.Errorf("invalid date '%s'", text)
}

func formatDate(format string, at time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch format[i] {
		case 's':
			b.WriteString(strconv.FormatInt(at.Unix(), 10))
		case 'N':
			fmt.Fprintf(&b, "%09d", at.Nanosecond())
		case 'j':
			fmt.Fprintf(&b, "%03d", at.YearDay())
		case '%':
			b.WriteByte('%')
		case 'n':
			b.WriteByte('\n')
		default:
			layout, known := map[byte]string{
				'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
				'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January", 'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04",
				'Z': "MST", 'z': "-0700", 'D': "01/02/06", 'c': "Mon Jan _2 15:04:05 2006",
			}[format[i]]
			if !known {
				layout = "%" + string(format[i])
			}
			b.WriteString(at.Format(layout))
		}
	}
	return b.String()
}

func sequence(ctx context.Context, p *Process) int {
	numbers := []int{1, 1, 1}
	args := p.Args[1:]
	for i, text := range args {
		number, err := strconv.Atoi(text)
		if err != nil || len(args) > 3 {
			return p.fail(1, "invalid argument '%s'", text)
		}
		args := len(args)
		switch {
		case args == 1:
			numbers[2] = number
		case args == 2 && i == 1:
			numbers[2] = number
		default:
			numbers[i] = number
		}
	}
	if len(args) == 0 || numbers[1] == 0 {
		return p.fail(1, "missing operand")
	}
	for n := numbers[0]; (numbers[1] > 0) == (n <= numbers[2]) || n == numbers[2]; n += numbers[1] {
		if _, err := fmt.Fprintln(p.Stdout, n); err != nil || ctx.Err() != nil {
			return 1
		}
	}
	return 0
}

func diskUsage(_ context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "skhabm", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	return p.eachOf(names, func(name string) error {
		var size int64
		err := walk(p.Files, p.path(name), func(_ string, found fs.FileInfo) error {
			if found.Mode().IsRegular() {
				size += found.Size()
			}
			return nil
		})
		if !flags.has('b') {
			size = (size + 1023) / 1024
		}
		fmt.Fprintf(p.Stdout, "%d\t%s\n", size, name)
		return err
	})
}

// find walks trees and prints what passes all tests.
func find(ctx context.Context, p *Process) int {
	args := p.Args[1:]
	var roots []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") && args[0] != "!" {
		roots, args = append(roots, args[0]), args[1:]
	}
	if len(roots) == 0 {
		roots = []string{"."}
	}
	passes, end, err := findTests(args)
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.eachOf(roots, func(root string) error {
		from := p.path(root)
		var gone []string
		err := walk(p.Files, from, func(at string, found fs.FileInfo) error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if !passes(at, found, strings.Count(strings.TrimPrefix(at, from), "/")) {
				return nil
			}
			if end == "-delete" {
				gone = append(gone, at)
				return nil
			}
			_, err := fmt.Fprint(p.Stdout, root+strings.TrimPrefix(at, from)+end)
			return err
		})
		for i := len(gone) - 1; i >= 0 && err == nil; i-- {
			err = p.Files.Remove(gone[i])
		}
		return err
	})
}

// findTests reads the tests; end is what follows each name, or -delete.
func findTests(args []string) (passes func(string, fs.FileInfo, int) bool, end string, err error) {
	type test func(at string, found fs.FileInfo, depth int) bool
	var tests []test
	end = "\n"
	negated := false
	add := func(t test) {
		if not := negated; not {
			tests = append(tests, func(at string, found fs.FileInfo, depth int) bool { return !t(at, found, depth) })
		} else {
			tests = append(tests, t)
		}
		negated = false
	}
	for len(args) > 0 {
		name, value := args[0], ""
		args = args[1:]
		if strings.Contains(" -name -path -type -maxdepth -mindepth ", " "+name+" ") {
			if len(args) == 0 {
				return nil, "", fmt.Errorf("missing argument to '%s'", name)
			}
			value, args = args[0], args[1:]
		}
		depthLimit, _ := strconv.Atoi(value)
		switch name {
		case "!", "-not":
			negated = true
		case "-name":
			add(func(at string, _ fs.FileInfo, _ int) bool { ok, _ := path.Match(value, path.Base(at)); return ok })
		case "-path":
			add(func(at string, _ fs.FileInfo, _ int) bool { ok, _ := path.Match(value, at); return ok })
		case "-type":
			add(func(_ string, found fs.FileInfo, _ int) bool {
				return map[string]bool{"f": found.Mode().IsRegular(), "d": found.IsDir(), "l": found.Mode()&fs.ModeSymlink != 0}[value]
			})
		case "-empty":
			add(func(_ string, found fs.FileInfo, _ int) bool { return found.Mode().IsRegular() && found.Size() == 0 })
		case "-maxdepth":
			add(func(_ string, _ fs.FileInfo, depth int) bool { return depth <= depthLimit })
		case "-mindepth":
			add(func(_ string, _ fs.FileInfo, depth int) bool { return depth >= depthLimit })
		case "-print":
		case "-print0":
			end = "\x00"
		case "-delete":
			end = "-delete"
		default:
			return nil, "", fmt.Errorf("unknown predicate '%s'", name)
		}
	}
	return func(at string, found fs.FileInfo, depth int) bool {
		for _, t := range tests {
			if !t(at, found, depth) {
				return false
			}
		}
		return true
	}, end, nil
}
