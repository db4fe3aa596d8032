// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

func list(_ context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "1aAlhdRrtSnF", "")
	if err != nil {
		return p.fail(2, "%v", err)
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	return p.forEach(names, func(name string) error {
		found, err := p.Files.Stat(p.path(name))
		if err != nil {
			if found, err = p.Files.Lstat(p.path(name)); err != nil {
				return fmt.Errorf("cannot access '%s': %w", name, reason(name, err))
			}
		}
		if !found.IsDir() || flags.has('d') {
			p.printEntry(flags, name, p.path(name))
			return nil
		}
		if len(names) > 1 || flags.has('R') {
			fmt.Fprintf(p.Stdout, "%s:\n", name)
		}
		return p.listFolder(flags, name)
	})
}

func (p *Process) listFolder(flags flagSet, name string) error {
	entries, err := p.Files.ReadDir(p.path(name))
	if err != nil {
		return reason(name, err)
	}
	if flags.has('a') {
		p.printEntry(flags, ".", p.path(name))
		p.printEntry(flags, "..", path.Dir(p.path(name)))
	}
	if flags.has('t') {
		sortByTime(entries)
	}
	if flags.has('r') {
		reverse(entries)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") && !flags.any("aA") {
			continue
		}
		p.printEntry(flags, entry.Name(), path.Join(p.path(name), entry.Name()))
	}
	if !flags.has('R') {
		return nil
	}
	for _, entry := range entries {
		if entry.IsDir() {
			fmt.Fprintf(p.Stdout, "\n%s:\n", path.Join(name, entry.Name()))
			if err := p.listFolder(flags, path.Join(name, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Process) printEntry(flags flagSet, shown, at string) {
	if !flags.any("ln") {
		fmt.Fprintln(p.Stdout, shown)
		return
	}
	found, err := p.Files.Lstat(at)
	if err != nil {
		return // removed meanwhile
	}
	if target, err := p.Files.Readlink(at); err == nil {
		shown += " -> " + target
	}
	fmt.Fprintf(p.Stdout, "%s 1 root root %8d %s %s\n", modeString(found.Mode()), found.Size(), found.ModTime().UTC().Format("Jan _2 15:04"), shown)
}

// modeString returns a mode in the format of ls.
func modeString(mode fs.FileMode) string {
	kind := "-"
	switch {
	case mode.IsDir():
		kind = "d"
	case mode&fs.ModeSymlink != 0:
		kind = "l"
	case mode&fs.ModeDevice != 0:
		kind = "c"
	}
	return kind + mode.Perm().String()[1:]
}

func showStat(_ context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "L", "c")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	format := flags.value('c')
	if format == "" {
		format = "  File: %n\n  Size: %s\nAccess: (%a/%A)\nModify: %y"
	}
	return p.forEach(names, func(name string) error {
		look := p.Files.Lstat
		if flags.has('L') {
			look = p.Files.Stat
		}
		found, err := look(p.path(name))
		if err != nil {
			return reason(name, err)
		}
		kind := map[bool]string{true: "directory", false: "regular file"}[found.IsDir()]
		if found.Mode()&fs.ModeSymlink != 0 {
			kind = "symbolic link"
		}
		fmt.Fprintln(p.Stdout, strings.NewReplacer(
			"\\n", "\n", "%n", name, "%s", strconv.FormatInt(found.Size(), 10), "%a", strconv.FormatUint(uint64(found.Mode().Perm()), 8),
			"%A", modeString(found.Mode()), "%F", kind, "%U", "root", "%G", "root", "%u", "0", "%g", "0",
			"%Y", strconv.FormatInt(found.ModTime().Unix(), 10), "%y", found.ModTime().UTC().Format(time.RFC3339Nano),
		).Replace(format))
		return nil
	})
}

func sortByTime(entries []fs.DirEntry) {
	slices.SortStableFunc(entries, func(a, b fs.DirEntry) int {
		one, err := a.Info()
		other, otherErr := b.Info()
		if err != nil || otherErr != nil {
			return 0 // removed meanwhile
		}
		return other.ModTime().Compare(one.ModTime())
	})
}

func reverse(entries []fs.DirEntry) { slices.Reverse(entries) }
