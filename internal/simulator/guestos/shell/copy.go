// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

func copyFiles(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "rRapfvdLi", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.forEachTarget(names, func(from, to string) error {
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

// forEachTarget calls do for each source with its target. The last name is the
// target. If the last name is a folder, the target is an entry of that folder.
func (p *Process) forEachTarget(names []string, do func(from, to string) error) int {
	if len(names) < 2 {
		return p.fail(1, "missing operand")
	}
	target := p.path(names[len(names)-1])
	found, err := p.Files.Stat(target)
	folder := err == nil && found.IsDir()
	if len(names) > 2 && !folder {
		return p.fail(1, "target '%s' is not a directory", names[len(names)-1])
	}
	return p.forEach(names[:len(names)-1], func(name string) error {
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
	if slices.Contains(p.Args, "--exchange") {
		return exchange(p)
	}
	flags, names, err := options(p.Args[1:], "fn", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.forEachTarget(names, func(from, to string) error {
		if _, err := p.Files.Lstat(to); err == nil && flags.has('n') {
			return nil
		}
		err := p.Files.Rename(from, to)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return err
		}
		// The target may be on another disk of the guest, so copy the source and then remove it.
		if copied := copyTree(ctx, p, from, to, true, true); copied != nil {
			return err
		}
		return p.Files.RemoveAll(from)
	})
}

// exchange implements "mv --exchange -T A B" of newer systems.
func exchange(p *Process) int {
	names := slices.DeleteFunc(slices.Clone(p.Args[1:]), func(arg string) bool { return arg == "--exchange" || arg == "-T" })
	if len(names) != 2 || !slices.Contains(p.Args, "-T") || strings.HasPrefix(names[0], "-") || strings.HasPrefix(names[1], "-") {
		return p.fail(1, "--exchange takes -T and two names")
	}
	if err := p.Files.Exchange(p.path(names[0]), p.path(names[1])); err != nil {
		return p.fail(1, "cannot exchange '%s' and '%s': %v", names[0], names[1], reason(names[1], err))
	}
	return 0
}
