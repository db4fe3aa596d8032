// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Exit codes of zip.
const (
	zipNoArguments = 16
	zipNothing     = 12
	zipUnreadable  = 18
	zipNoDisk      = 14
)

// zipFiles implements "zip [-r] [-q] [-j] [-D] ARCHIVE FILE...". It replaces an
// existing archive.
func zipFiles(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "rqjDvyX0123456789", "x")
	if err != nil {
		return p.fail(zipNoArguments, "%v", err)
	}
	if len(names) < 2 {
		return p.fail(zipNoArguments, "an archive and files are required")
	}
	target := names[0]
	if target == "-" {
		flags['q'] = []string{""} // standard output must contain only the archive
	}
	if path.Ext(target) == "" && target != "-" {
		target += ".zip"
	}
	output := p.Stdout
	var file io.WriteCloser
	if target != "-" {
		if file, err = p.Files.OpenFile(p.path(target), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644); err != nil {
			return p.fail(zipNoDisk, "%v", reason(target, err))
		}
		output = file
	}
	writer := zip.NewWriter(output)
	z := &zipper{p: p, flags: flags, writer: writer, archive: p.path(target)}
	for _, name := range names[1:] {
		err = errors.Join(err, z.add(ctx, name))
	}
	err = errors.Join(err, writer.Close())
	if file != nil {
		err = errors.Join(err, file.Close())
	}
	switch {
	case err != nil:
		return p.fail(zipUnreadable, "%v", err)
	case z.added == 0:
		_ = p.Files.Remove(p.path(target)) // do not leave an empty archive
		return p.fail(zipNothing, "error: Nothing to do! (%s)", target)
	}
	return 0
}

type zipper struct {
	p       *Process
	flags   flagSet
	writer  *zip.Writer
	archive string
	added   int
}

// add adds a file to the archive, or a folder with its content.
func (z *zipper) add(ctx context.Context, name string) error {
	root := z.p.path(name)
	if _, err := z.p.Files.Lstat(root); err != nil {
		fmt.Fprintf(z.p.Stdout, "\tzip warning: name not matched: %s\n", name)
		return nil
	}
	return walk(z.p.Files, root, func(at string, found fs.FileInfo) error {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		inArchive := strings.TrimPrefix(path.Clean(name)+strings.TrimPrefix(at, root), "/")
		switch {
		case at != root && !z.flags.has('r'), at == z.archive, z.excluded(inArchive):
			return nil
		case found.IsDir() && (z.flags.any("jD") || inArchive == "."):
			return nil
		case found.IsDir():
			inArchive += "/"
		case z.flags.has('j'):
			inArchive = path.Base(inArchive)
		case !found.Mode().IsRegular():
			return nil
		}
		return z.entry(at, strings.TrimPrefix(inArchive, "./"), found)
	})
}

func (z *zipper) excluded(name string) bool {
	for _, pattern := range z.flags['x'] {
		if matches, err := path.Match(pattern, name); err == nil && matches {
			return true
		}
	}
	return false
}

func (z *zipper) entry(at, name string, found fs.FileInfo) error {
	header, err := zip.FileInfoHeader(found)
	if err != nil {
		return err
	}
	header.Name, header.Method = name, zip.Deflate
	if !z.flags.has('q') {
		fmt.Fprintf(z.p.Stdout, "  adding: %s\n", name)
	}
	z.added++
	writer, err := z.writer.CreateHeader(header)
	if err != nil || found.IsDir() {
		return err
	}
	file, err := z.p.Files.Open(at)
	if err != nil {
		return reason(at, err)
	}
	defer func() { _ = file.Close() }() // only read
	_, err = io.Copy(writer, file)
	return err
}
