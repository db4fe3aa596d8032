// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// forEach calls do for every name and prints each error. It returns the exit code.
func (p *Process) forEach(names []string, do func(name string) error) int {
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
	return p.forEach(names, func(name string) error {
		if _, err := p.Files.Stat(p.path(name)); err == nil && flags.has('p') {
			return wrap(name, p.Files.MkdirAll(p.path(name), mode))
		}
		create := p.Files.Mkdir
		if flags.has('p') {
			create = p.Files.MkdirAll
		}
		err := create(p.path(name), mode)
		if err == nil && flags.has('m') { // -m ignores the mask
			err = p.Files.Chmod(p.path(name), mode)
		}
		return wrap(name, err)
	})
}

func wrap(name string, err error) error {
	if err == nil {
		return nil
	}
	return reason(name, err)
}

func removeFolders(_ context.Context, p *Process) int {
	return p.forEach(p.Args[1:], func(name string) error {
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
	return p.forEach(names, func(name string) error {
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
	flags, names, err := options(p.Args[1:], "c", "d")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	at := p.Host.Now()
	if flags.has('d') {
		if at, err = instant(flags.value('d')); err != nil {
			return p.fail(1, "%v", err)
		}
	}
	return p.forEach(names, func(name string) error {
		if _, err := p.Files.Stat(p.path(name)); err == nil {
			return wrap(name, p.Files.Chtimes(p.path(name), at, at))
		}
		if flags.has('c') {
			return nil
		}
		file, err := p.Files.OpenFile(p.path(name), os.O_WRONLY|os.O_CREATE, 0o644)
		if err != nil {
			return reason(name, err)
		}
		return errors.Join(file.Close(), p.Files.Chtimes(p.path(name), at, at))
	})
}

// instant parses "@SECONDS" or a date, with or without a time, in UTC.
func instant(text string) (time.Time, error) {
	if number, found := strings.CutPrefix(text, "@"); found {
		seconds, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("invalid date format '%s'", text)
		}
		return time.Unix(seconds, 0), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("invalid date format '%s'", text)
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
		return p.fail(1, "a target and the name of the link are required")
	}
	target, name := names[0], names[1]
	if found, err := p.Files.Stat(p.path(name)); err == nil && found.IsDir() && !flags.has('n') {
		name = path.Join(name, path.Base(target))
	}
	if flags.has('f') {
		_ = p.Files.Remove(p.path(name)) // the file need not exist
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
	return p.forEach(names, func(name string) error {
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

// walk visits a tree, each folder before its content. It does not follow links.
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
