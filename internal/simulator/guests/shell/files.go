// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guests/disk"
)

// eachOf runs a job for every name and reports what failed.
func (p *Process) eachOf(names []string, do func(name string) error) int {
	code := 0
	for _, name := range names {
		if err := do(name); err != nil {
			code = p.fail(1, "%v", err)
		}
	}
	return code
}

func makeFolders(_ context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "pv", "m")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(names) == 0 {
		return p.fail(1, "missing operand")
	}
	mode, err := parseMode(flags.value('m'), 0o755, true)
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.eachOf(names, func(name string) error {
		if flags.has('p') {
			return wrap(name, p.Files.MkdirAll(p.path(name), mode))
		}
		return wrap(name, p.Files.Mkdir(p.path(name), mode))
	})
}

func wrap(name string, err error) error {
	if err == nil {
		return nil
	}
	return reason(name, err)
}

func removeFolders(_ context.Context, p *Process) int {
	return p.eachOf(p.Args[1:], func(name string) error {
		found, err := p.Files.Lstat(p.path(name))
		if err != nil {
			return reason(name, err)
		}
		if !found.IsDir() {
			return fmt.Errorf("%s: Not a directory", name)
		}
		return wrap(name, p.Files.Remove(p.path(name)))
	})
}

func remove(_ context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "rRfv", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(names) == 0 && !flags.has('f') {
		return p.fail(1, "missing operand")
	}
	return p.eachOf(names, func(name string) error {
		found, err := p.Files.Lstat(p.path(name))
		switch {
		case err != nil && flags.has('f'):
			return nil
		case err != nil:
			return reason(name, err)
		case p.path(name) == "/":
			return errors.New("it is dangerous to operate recursively on '/'")
		case found.IsDir() && !flags.any("rR"):
			return fmt.Errorf("%s: Is a directory", name)
		}
		return wrap(name, p.Files.RemoveAll(p.path(name)))
	})
}

func touch(_ context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "c", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.eachOf(names, func(name string) error {
		if _, err := p.Files.Stat(p.path(name)); err == nil {
			return wrap(name, p.Files.Chtimes(p.path(name), p.Host.Now(), p.Host.Now()))
		}
		if flags.has('c') {
			return nil
		}
		file, err := p.Files.OpenFile(p.path(name), os.O_WRONLY|os.O_CREATE, 0o644)
		if err != nil {
			return reason(name, err)
		}
		return file.Close()
	})
}

func link(_ context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "sfnv", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(names) == 1 {
		names = append(names, path.Base(names[0]))
	}
	if len(names) != 2 {
		return p.fail(1, "it takes a target and the name of the link")
	}
	target, name := names[0], names[1]
	if found, err := p.Files.Stat(p.path(name)); err == nil && found.IsDir() && !flags.has('n') {
		name = path.Join(name, path.Base(target))
	}
	if flags.has('f') {
		_ = p.Files.Remove(p.path(name)) // what is not there need not go
	}
	if flags.has('s') {
		err = p.Files.Symlink(target, p.path(name))
	} else {
		err = p.Files.Link(p.path(target), p.path(name))
	}
	if err != nil {
		return p.fail(1, "%v", reason(name, err))
	}
	return 0
}

func readLink(_ context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "femqn", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	whole := flags.any("fem") || path.Base(p.Args[0]) == "realpath"
	return p.eachOf(names, func(name string) error {
		at := p.path(name)
		for range 40 {
			target, err := p.Files.Readlink(at)
			switch {
			case err != nil && !whole:
				return reason(name, err)
			case err != nil:
				fmt.Fprintln(p.Stdout, at)
				return nil
			case !whole:
				fmt.Fprintln(p.Stdout, target)
				return nil
			}
			at = absolute(path.Dir(at), target)
		}
		return fmt.Errorf("%s: Too many levels of symbolic links", name)
	})
}

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
	return p.eachOf(args[1:], func(name string) error {
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

// parseMode reads a mode in octal or as letters, relative to one there is.
func parseMode(text string, now fs.FileMode, folder bool) (fs.FileMode, error) {
	if text == "" {
		return now, nil
	}
	if octal, err := strconv.ParseUint(text, 8, 16); err == nil {
		return fs.FileMode(octal) & 0o777, nil
	}
	mode := now
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
				case right == 'x', right == 'X' && (folder || now&0o111 != 0):
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

// changeOwner only looks whether the files are there: owners are not modelled.
func changeOwner(_ context.Context, p *Process) int {
	_, args, err := options(p.Args[1:], "Rhvf", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(args) < 2 {
		return p.fail(1, "missing operand")
	}
	return p.eachOf(args[1:], func(name string) error {
		_, err := p.Files.Lstat(p.path(name))
		return wrap(name, err)
	})
}

// walk visits a tree, folders before what is in them; links are not followed.
func walk(files disk.FS, at string, visit func(at string, found fs.FileInfo) error) error {
	found, err := files.Lstat(at)
	if err != nil {
		return reason(at, err)
	}
	if err := visit(at, found); err != nil || !found.IsDir() {
		return err
	}
	entries, err := files.ReadDir(at)
	if err != nil {
		return reason(at, err)
	}
	for _, entry := range entries {
		if err := walk(files, path.Join(at, entry.Name()), visit); err != nil {
			return err
		}
	}
	return nil
}

func copyFiles(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "rRapfvdLi", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.into(names, func(from, to string) error {
		found, err := p.Files.Stat(from)
		switch {
		case err != nil:
			return err
		case found.IsDir() && !flags.any("rRa"):
			return errors.New("omitting directory")
		case from == to:
			return errors.New("source and destination are the same file")
		case found.IsDir() && strings.HasPrefix(to+"/", from+"/"):
			return errors.New("cannot copy a directory into itself")
		}
		return copyTree(ctx, p, from, to, flags.any("rRa"), flags.any("ap"))
	})
}

// into runs a job for each source and where it goes: into the last name where
// that is a folder, else as it.
func (p *Process) into(names []string, do func(from, to string) error) int {
	if len(names) < 2 {
		return p.fail(1, "missing operand")
	}
	target := p.path(names[len(names)-1])
	found, err := p.Files.Stat(target)
	folder := err == nil && found.IsDir()
	if len(names) > 2 && !folder {
		return p.fail(1, "target '%s' is not a directory", names[len(names)-1])
	}
	return p.eachOf(names[:len(names)-1], func(name string) error {
		to := target
		if folder {
			to = path.Join(target, path.Base(p.path(name)))
		}
		return wrap(name, do(p.path(name), to))
	})
}

func copyTree(ctx context.Context, p *Process, from, to string, links, keep bool) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	found, err := p.Files.Stat(from)
	if links {
		found, err = p.Files.Lstat(from)
	}
	switch {
	case err != nil:
		return err
	case found.Mode()&fs.ModeSymlink != 0:
		target, err := p.Files.Readlink(from)
		if err != nil {
			return err
		}
		return p.Files.Symlink(target, to)
	case !found.IsDir():
		return copyOne(p.Files, from, to, found, keep)
	}
	if err := p.Files.MkdirAll(to, found.Mode().Perm()); err != nil {
		return err
	}
	entries, err := p.Files.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := copyTree(ctx, p, path.Join(from, entry.Name()), path.Join(to, entry.Name()), links, keep); err != nil {
			return err
		}
	}
	return nil
}

func copyOne(files disk.FS, from, to string, found fs.FileInfo, keep bool) error {
	source, err := files.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // only read
	target, err := files.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, found.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	if err = errors.Join(err, target.Close()); err != nil || !keep {
		return err
	}
	return errors.Join(files.Chmod(to, found.Mode().Perm()), files.Chtimes(to, found.ModTime(), found.ModTime()))
}

func move(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "fn", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.into(names, func(from, to string) error {
		if _, err := p.Files.Lstat(to); err == nil && flags.has('n') {
			return nil
		}
		err := p.Files.Rename(from, to)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return err
		}
		// Perhaps the target is on another disk of the guest.
		if copied := copyTree(ctx, p, from, to, true, true); copied != nil {
			return err
		}
		return p.Files.RemoveAll(from)
	})
}

func makeTemporary(_ context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "dqu", "p")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	template := "/tmp/tmp.XXXXXXXXXX"
	if len(names) > 0 {
		template = names[0]
	}
	if dir := flags.value('p'); dir != "" {
		template = path.Join(dir, path.Base(template))
	}
	stem := strings.TrimRight(template, "X")
	if len(template)-len(stem) < 3 {
		return p.fail(1, "too few X's in template '%s'", template)
	}
	for try := range 1000 {
		name := p.path(stem + fmt.Sprintf("%0*d", len(template)-len(stem), try))
		if flags.has('d') {
			err = p.Files.Mkdir(name, 0o700)
		} else {
			var file disk.File
			if file, err = p.Files.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
				err = file.Close()
			}
		}
		switch {
		case err == nil:
			fmt.Fprintln(p.Stdout, name)
			return 0
		case !errors.Is(err, fs.ErrExist):
			return p.fail(1, "%v", reason(name, err))
		}
	}
	return p.fail(1, "no name is free")
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
	return p.eachOf(names, func(name string) error {
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
			"%A", letters(found.Mode()), "%F", kind, "%U", "root", "%G", "root", "%u", "0", "%g", "0",
			"%Y", strconv.FormatInt(found.ModTime().Unix(), 10), "%y", found.ModTime().UTC().Format(time.RFC3339Nano),
		).Replace(format))
		return nil
	})
}

// letters is a mode as ls shows it.
func letters(mode fs.FileMode) string {
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

func list(_ context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "1aAlhdRrtSnF", "")
	if err != nil {
		return p.fail(2, "%v", err)
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	return p.eachOf(names, func(name string) error {
		found, err := p.Files.Stat(p.path(name))
		if err != nil {
			if found, err = p.Files.Lstat(p.path(name)); err != nil {
				return fmt.Errorf("cannot access '%s': %w", name, reason(name, err))
			}
		}
		if !found.IsDir() || flags.has('d') {
			p.listed(flags, name, p.path(name))
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
		p.listed(flags, ".", p.path(name))
		p.listed(flags, "..", path.Dir(p.path(name)))
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
		p.listed(flags, entry.Name(), path.Join(p.path(name), entry.Name()))
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

func (p *Process) listed(flags flagSet, shown, at string) {
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
	fmt.Fprintf(p.Stdout, "%s 1 root root %8d %s %s\n", letters(found.Mode()), found.Size(), found.ModTime().UTC().Format("Jan _2 15:04"), shown)
}
