// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

func changeMode(_ context.Context, p *Process) int {
	flags, args, err := options(p.Args[1:], "Rvf", "")
	if err != nil && strings.HasPrefix(p.Args[1], "-") && strings.ContainsAny(p.Args[1], "rwx") {
		flags, args, err = flagSet{}, p.Args[1:], nil // a mode such as -x
	}
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(args) < 2 {
		return p.fail(1, "missing operand")
	}
	change := func(at string, found fs.FileInfo) error {
		mode, err := parseMode(args[0], found.Mode().Perm(), found.IsDir())
		if err != nil {
			return err
		}
		return p.Files.Chmod(at, mode)
	}
	return p.forEach(args[1:], func(name string) error {
		found, err := p.Files.Stat(p.path(name))
		if err != nil {
			return reason(name, err)
		}
		if !flags.has('R') {
			return change(p.path(name), found)
		}
		return walk(p.Files, p.path(name), func(at string, found fs.FileInfo) error {
			if found.Mode()&fs.ModeSymlink != 0 {
				return nil
			}
			return change(at, found)
		})
	})
}

// parseMode parses an octal mode, or a mode in letters such as "u+x", which is
// relative to the current mode.
func parseMode(text string, current fs.FileMode, folder bool) (fs.FileMode, error) {
	if text == "" {
		return current, nil
	}
	if octal, err := strconv.ParseUint(text, 8, 16); err == nil {
		return fs.FileMode(octal) & 0o777, nil
	}
	mode := current
	for clause := range strings.SplitSeq(text, ",") {
		at := strings.IndexAny(clause, "+-=")
		if at < 0 || strings.Trim(clause[:at], "ugoa") != "" || strings.Trim(clause[at+1:], "rwxXst") != "" {
			return 0, fmt.Errorf("invalid mode: '%s'", text)
		}
		who := clause[:at]
		if who == "" || strings.Contains(who, "a") {
			who = "ugo"
		}
		var bits, all fs.FileMode
		for _, class := range who {
			shift := map[rune]uint{'u': 6, 'g': 3, 'o': 0}[class]
			all |= 7 << shift
			for _, right := range clause[at+1:] {
				switch {
				case right == 'r':
					bits |= 4 << shift
				case right == 'w':
					bits |= 2 << shift
				case right == 'x', right == 'X' && (folder || current&0o111 != 0):
					bits |= 1 << shift
				}
			}
		}
		switch clause[at] {
		case '+':
			mode |= bits
		case '-':
			mode &^= bits
		default:
			mode = mode&^all | bits
		}
	}
	return mode, nil
}

// changeOwner implements chown and chgrp. It only checks that the files exist,
// because guests do not simulate the owners of files.
func changeOwner(_ context.Context, p *Process) int {
	_, args, err := options(p.Args[1:], "Rhvf", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(args) < 2 {
		return p.fail(1, "missing operand")
	}
	return p.forEach(args[1:], func(name string) error {
		_, err := p.Files.Lstat(p.path(name))
		return wrap(name, err)
	})
}
