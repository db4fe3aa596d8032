// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

func grep(ctx context.Context, p *Process) int {
	flags, args, err := options(p.Args[1:], "EFGivnqclorhHsxwR", "em")
	if err != nil {
		return p.fail(2, "%v", err)
	}
	patterns := flags['e']
	if len(patterns) == 0 {
		if len(args) == 0 {
			return p.fail(2, "a pattern is missing")
		}
		patterns, args = args[:1], args[1:]
	}
	name := path.Base(p.Args[0])
	expression, err := grepPattern(patterns, flags, name)
	if err != nil {
		return p.fail(2, "%v", err)
	}
	recursive := flags.any("rR")
	files, err := grepFiles(p, args, recursive)
	if err != nil {
		return p.fail(2, "%v", err)
	}
	g := grepper{p: p, flags: flags, pattern: expression, named: !flags.has('h') && (len(files) > 1 || recursive || flags.has('H'))}
	code := p.filter(ctx, files, g.search)
	switch {
	case g.found && (code == 0 || flags.has('q')):
		return 0
	case code != 0:
		return 2
	}
	return 1
}

func grepPattern(patterns []string, flags flagSet, name string) (*regexp.Regexp, error) {
	var parts []string
	extended := flags.has('E') || name == "egrep"
	for _, pattern := range patterns {
		for line := range strings.SplitSeq(pattern, "\n") {
			switch {
			case flags.has('F') || name == "fgrep":
				line = regexp.QuoteMeta(line)
			case !extended:
				line = fromBasic(line)
			}
			parts = append(parts, "(?:"+line+")")
		}
	}
	text := strings.Join(parts, "|")
	switch {
	case flags.has('x'):
		text = "^(?:" + text + ")$"
	case flags.has('w'):
		text = `\b(?:` + text + `)\b`
	}
	return compile(text, true, flags.has('i'))
}

func grepFiles(p *Process, args []string, recursive bool) ([]string, error) {
	if !recursive {
		return args, nil
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	var files []string
	for _, arg := range args {
		root := p.path(arg)
		err := walk(p.Files, root, func(at string, found fs.FileInfo) error {
			if found.Mode().IsRegular() {
				files = append(files, arg+strings.TrimPrefix(at, root))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

type grepper struct {
	p       *Process
	flags   flagSet
	pattern *regexp.Regexp
	named   bool
	found   bool
}

func (g *grepper) search(name string, input io.Reader) error {
	matches, number, most := 0, 0, g.flags.number('m', 1<<30)
	prefix := ""
	if g.named {
		prefix = name + ":"
	}
	err := eachLine(input, func(line string) error {
		number++
		if g.pattern.MatchString(line) == g.flags.has('v') {
			return nil
		}
		matches++
		g.found = true
		if g.flags.any("ql") {
			return errStop
		}
		if !g.flags.has('c') {
			g.show(prefix, number, line)
		}
		if matches >= most {
			return errStop
		}
		return nil
	})
	if errors.Is(err, errStop) {
		err = nil
	}
	switch {
	case g.flags.has('q'):
	case g.flags.has('l') && matches > 0:
		fmt.Fprintln(g.p.Stdout, name)
	case g.flags.has('c'):
		fmt.Fprintf(g.p.Stdout, "%s%d\n", prefix, matches)
	}
	return err
}

func (g *grepper) show(prefix string, number int, line string) {
	if g.flags.has('n') {
		prefix += fmt.Sprintf("%d:", number)
	}
	if !g.flags.has('o') {
		fmt.Fprintln(g.p.Stdout, prefix+line)
		return
	}
	for _, part := range g.pattern.FindAllString(line, -1) {
		if part != "" {
			fmt.Fprintln(g.p.Stdout, prefix+part)
		}
	}
}
