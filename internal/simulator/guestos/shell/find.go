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
)

// find walks trees and prints the names of all files that pass every test.
func find(ctx context.Context, p *Process) int {
	args := p.Args[1:]
	var roots []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") && args[0] != "!" {
		roots, args = append(roots, args[0]), args[1:]
	}
	if len(roots) == 0 {
		roots = []string{"."}
	}
	passes, terminator, err := findTests(args)
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.forEach(roots, func(root string) error {
		from := p.path(root)
		var matched []string
		err := walk(p.Files, from, func(at string, found fs.FileInfo) error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if !passes(at, found, strings.Count(strings.TrimPrefix(at, from), "/")) {
				return nil
			}
			if terminator == "-delete" {
				matched = append(matched, at)
				return nil
			}
			_, err := fmt.Fprint(p.Stdout, root+strings.TrimPrefix(at, from)+terminator)
			return err
		})
		for i := len(matched) - 1; i >= 0 && err == nil; i-- {
			err = p.Files.Remove(matched[i])
		}
		return err
	})
}

// findTests parses the tests. terminator is the text to print after each name.
// The terminator "-delete" means that find deletes the files instead.
func findTests(args []string) (passes func(string, fs.FileInfo, int) bool, terminator string, err error) {
	type test func(at string, found fs.FileInfo, depth int) bool
	var tests []test
	terminator = "\n"
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
			terminator = "\x00"
		case "-delete":
			terminator = "-delete"
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
	}, terminator, nil
}

func diskUsage(_ context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "skhabm", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	return p.forEach(names, func(name string) error {
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
