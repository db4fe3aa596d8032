// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Exit codes of rsync.
const (
	rsyncUsage   = 1
	rsyncPartial = 23
	rsyncRemote  = 4
)

// synchronise implements "rsync -a [-v] [-n] [--delete] [--exclude=PATTERN]
// SOURCE... TARGET" between folders of one server.
func synchronise(ctx context.Context, p *Process) int {
	s := &rsync{p: p}
	var short, names []string
	for i := 1; i < len(p.Args); i++ {
		switch option := p.Args[i]; {
		case option == "--version":
			fmt.Fprintln(p.Stdout, "rsync  version 3.0.6  protocol version 30")
			return 0
		case option == "--server", option == "--daemon":
			return p.fail(rsyncRemote, "a simulated server's rsync only copies between its own folders; use scp or sftp")
		case option == "--delete" || option == "--delete-after" || option == "--delete-before":
			s.deletes = true
		case option == "--archive" || option == "--recursive":
			short = append(short, "-r")
		case option == "--verbose":
			short = append(short, "-v")
		case option == "--dry-run":
			short = append(short, "-n")
		case option == "--exclude" && i+1 < len(p.Args):
			i++
			s.excludes = append(s.excludes, p.Args[i])
		case strings.HasPrefix(option, "--exclude="):
			s.excludes = append(s.excludes, strings.TrimPrefix(option, "--exclude="))
		case strings.HasPrefix(option, "--chmod="), option == "--progress", option == "--stats", option == "--checksum", option == "--numeric-ids":
		case strings.HasPrefix(option, "--"):
			return p.fail(rsyncUsage, "%s: unknown option", option)
		case strings.HasPrefix(option, "-") && len(option) > 1:
			short = append(short, option)
		default:
			names = append(names, option)
		}
	}
	flags, _, err := options(short, "avrltpgoDznhcuqPWHAX", "e")
	if err != nil {
		return p.fail(rsyncUsage, "%v", err)
	}
	if len(names) < 2 {
		return p.fail(rsyncUsage, "sources and a target are required")
	}
	for _, name := range names {
		if at := strings.Index(name, ":"); at > 0 && !strings.Contains(name[:at], "/") {
			return p.fail(rsyncRemote, "%s: a simulated server's rsync only copies between its own folders", name)
		}
	}
	s.recursive, s.verbose, s.dry = flags.any("ar"), flags.has('v'), flags.has('n')
	target := names[len(names)-1]
	for _, source := range names[:len(names)-1] {
		err = errors.Join(err, s.copy(ctx, source, target, len(names) > 2))
	}
	if err != nil {
		return p.fail(rsyncPartial, "%v", err)
	}
	return 0
}

type rsync struct {
	p                                *Process
	recursive, verbose, dry, deletes bool
	excludes                         []string
}

// copy makes a target equal to its source. If the source ends in a slash, copy
// copies the content of the folder instead of the folder itself.
func (s *rsync) copy(ctx context.Context, source, target string, several bool) error {
	files, from, to := s.p.Files, s.p.path(source), s.p.path(target)
	found, err := files.Stat(from)
	if err != nil {
		return reason(source, err)
	}
	existing, err := files.Stat(to)
	isFolder := err == nil && existing.IsDir() || several || strings.HasSuffix(target, "/")
	if found.IsDir() && !s.recursive {
		fmt.Fprintf(s.p.Stdout, "skipping directory %s\n", strings.TrimSuffix(source, "/"))
		return nil
	}
	if found.IsDir() && !strings.HasSuffix(source, "/") || !found.IsDir() && isFolder {
		to = path.Join(to, path.Base(from))
	}
	if to == from || strings.HasPrefix(to, from+"/") && found.IsDir() {
		return fmt.Errorf("%s: the target is inside the source", target)
	}
	seen := map[string]bool{}
	err = walk(files, from, func(at string, found fs.FileInfo) error {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		inside := strings.TrimPrefix(strings.TrimPrefix(at, from), "/")
		if s.excluded(inside) {
			return nil
		}
		seen[inside] = true
		return s.one(at, path.Join(to, inside), inside, found)
	})
	if err != nil || !s.deletes || !found.IsDir() {
		return err
	}
	return s.prune(to, seen)
}

// excluded reports whether a pattern matches a name or one of its parent
// folders.
func (s *rsync) excluded(inside string) bool {
	parts := strings.Split(inside, "/")
	for _, pattern := range s.excludes {
		rooted := strings.HasPrefix(pattern, "/")
		pattern = strings.Trim(pattern, "/")
		for i := range parts {
			name := parts[i]
			if rooted || strings.Contains(pattern, "/") {
				name = strings.Join(parts[:i+1], "/")
			}
			if matches, err := path.Match(pattern, name); err == nil && matches && name != "" {
				return true
			}
		}
	}
	return false
}

func (s *rsync) one(from, to, shown string, found fs.FileInfo) error {
	files := s.p.Files
	existing, err := files.Lstat(to)
	exists := err == nil
	switch {
	case found.IsDir():
		if s.dry || exists && existing.IsDir() {
			return nil
		}
		return wrap(to, files.MkdirAll(to, found.Mode().Perm()))
	case found.Mode()&fs.ModeSymlink != 0:
		link, err := files.Readlink(from)
		if err != nil || s.dry {
			return err
		}
		_ = files.Remove(to) // replace an existing entry
		return wrap(to, files.Symlink(link, to))
	case exists && existing.Mode().IsRegular() && existing.Size() == found.Size() && existing.ModTime().Equal(found.ModTime()):
		return nil
	}
	if s.verbose {
		if shown == "" {
			shown = path.Base(from)
		}
		fmt.Fprintln(s.p.Stdout, shown)
	}
	if s.dry {
		return nil
	}
	file, err := files.Open(from)
	if err != nil {
		return reason(from, err)
	}
	defer func() { _ = file.Close() }() // only read
	if err := s.p.writeEntry(to, found.Mode(), file); err != nil {
		return err
	}
	return errors.Join(files.Chmod(to, found.Mode().Perm()), files.Chtimes(to, found.ModTime(), found.ModTime()))
}

// prune removes entries from the target that do not exist in the source.
func (s *rsync) prune(to string, seen map[string]bool) error {
	var extra []string
	err := walk(s.p.Files, to, func(at string, _ fs.FileInfo) error {
		inside := strings.TrimPrefix(strings.TrimPrefix(at, to), "/")
		if inside != "" && !seen[inside] && !s.excluded(inside) {
			extra = append(extra, at)
		}
		return nil
	})
	for i := len(extra) - 1; i >= 0 && err == nil; i-- {
		if s.verbose {
			fmt.Fprintf(s.p.Stdout, "deleting %s\n", strings.TrimPrefix(extra[i], to+"/"))
		}
		if !s.dry {
			err = s.p.Files.RemoveAll(extra[i])
		}
	}
	return err
}
