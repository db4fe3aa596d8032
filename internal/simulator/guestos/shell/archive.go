// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"
)

// entryPath returns the path of an archive's entry below dir. Like the real
// programs, it rejects an entry whose path would leave dir.
func entryPath(dir, name string) (string, error) {
	if path.IsAbs(name) || strings.Contains("/"+name+"/", "/../") || name == "" {
		return "", fmt.Errorf("%s: the entry's name leads outside the target folder", name)
	}
	return path.Join(dir, name), nil
}

// writeEntry writes one file of an archive and creates the folders above it.
func (p *Process) writeEntry(at string, mode fs.FileMode, content io.Reader) error {
	if err := p.Files.MkdirAll(path.Dir(at), 0o755); err != nil {
		return reason(at, err)
	}
	_ = p.Files.Remove(at) // an existing link must not redirect the write
	file, err := p.Files.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode.Perm())
	if err != nil {
		return reason(at, err)
	}
	_, err = io.Copy(file, content)
	return wrap(at, errors.Join(err, file.Close()))
}

func unpack(ctx context.Context, p *Process) int {
	flags, args, err := options(p.Args[1:], "oqlnj", "d")
	if err != nil {
		return p.fail(10, "%v", err)
	}
	if len(args) == 0 {
		return p.fail(10, "the archive is missing")
	}
	file, err := p.Files.Open(p.path(args[0]))
	if err != nil {
		return p.fail(9, "%v", reason(args[0], err))
	}
	defer func() { _ = file.Close() }() // only read
	found, err := file.Stat()
	if err != nil {
		return p.fail(9, "%v", err)
	}
	directory := &directoryReader{ReaderAt: file}
	reader, err := zip.NewReader(directory, found.Size())
	directory.read.Store(math.MinInt64) // lift the limit: only the directory is kept in memory
	if err != nil {
		return p.fail(9, "%s is not a zip archive", args[0])
	}
	dir := p.Dir
	if flags.has('d') {
		dir = p.path(flags.value('d'))
	}
	for _, entry := range reader.File {
		if err := context.Cause(ctx); err != nil {
			return p.fail(3, "%v", err)
		}
		if flags.has('l') {
			fmt.Fprintf(p.Stdout, "%9d  %s\n", entry.UncompressedSize64, entry.Name)
			continue
		}
		if err := p.unpackEntry(ctx, dir, entry, flags); err != nil {
			return p.fail(3, "%v", err)
		}
	}
	return 0
}

// maxDirectory is the size of the largest directory of a zip archive, in bytes.
// The reader keeps the whole directory in memory.
const maxDirectory = 8 << 20

// directoryReader limits how many bytes of a zip archive's directory are read.
type directoryReader struct {
	io.ReaderAt

	read atomic.Int64
}

// ReadAt fails once more than maxDirectory bytes have been requested.
func (d *directoryReader) ReadAt(p []byte, at int64) (int, error) {
	if d.read.Add(int64(len(p))) > maxDirectory {
		return 0, errExhausted
	}
	return d.ReaderAt.ReadAt(p, at)
}

func (p *Process) unpackEntry(ctx context.Context, dir string, entry *zip.File, flags flagSet) error {
	at, err := entryPath(dir, entry.Name)
	if err != nil {
		return err
	}
	if entry.FileInfo().IsDir() {
		return wrap(entry.Name, p.Files.MkdirAll(at, 0o755))
	}
	if _, err := p.Files.Lstat(at); err == nil && !flags.has('o') {
		if flags.has('n') {
			return nil
		}
		return fmt.Errorf("%s exists; -o overwrites the file, -n keeps it", entry.Name)
	}
	if !flags.has('q') {
		fmt.Fprintf(p.Stdout, "  inflating: %s\n", entry.Name)
	}
	content, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read
	mode := entry.Mode().Perm()
	if mode == 0 {
		mode = 0o644
	}
	return p.writeEntry(at, mode, contextReader{ctx, content})
}

// archive implements tar: -c, -x and -t, with -z, -v, -f and -C.
func archive(ctx context.Context, p *Process) int {
	args := p.Args[1:]
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		args = append([]string{"-" + args[0]}, args[1:]...)
	}
	flags, names, err := options(args, "cxtzvpk", "fC")
	if err != nil {
		return p.fail(2, "%v", err)
	}
	dir := p.Dir
	if flags.has('C') {
		dir = p.path(flags.value('C'))
	}
	switch {
	case flags.has('c'):
		err = p.pack(ctx, flags, dir, names)
	case flags.any("xt"):
		err = p.unpackTar(ctx, flags, dir, names)
	default:
		err = errors.New("one of -c, -x and -t is required")
	}
	if err != nil {
		return p.fail(2, "%v", err)
	}
	return 0
}

func (p *Process) unpackTar(ctx context.Context, flags flagSet, dir string, names []string) error {
	name := flags.value('f')
	if name == "" {
		name = "-"
	}
	input, err := p.open(name)
	if err != nil {
		return err
	}
	defer func() { _ = input.Close() }() // only read
	var content io.Reader = contextReader{ctx, input}
	if flags.has('z') || strings.HasSuffix(name, "gz") {
		if content, err = gzip.NewReader(content); err != nil {
			return fmt.Errorf("%s: not in gzip format", name)
		}
	}
	reader := tar.NewReader(content)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !selected(names, header.Name) {
			continue
		}
		if flags.any("tv") {
			fmt.Fprintln(p.Stdout, header.Name)
		}
		if flags.has('x') {
			if err := p.unpackTarEntry(dir, header, reader); err != nil {
				return err
			}
		}
	}
}

// selected reports whether names contains an entry or one of its parent
// folders. If names is empty, all entries are selected.
func selected(names []string, entry string) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(name string) bool {
		name = strings.TrimSuffix(name, "/")
		return entry == name || strings.HasPrefix(entry, name+"/")
	})
}

func (p *Process) unpackTarEntry(dir string, header *tar.Header, content io.Reader) error {
	at, err := entryPath(dir, strings.TrimPrefix(header.Name, "./"))
	if header.Name == "./" || header.Name == "." {
		return nil
	}
	if err != nil {
		return err
	}
	switch header.Typeflag {
	case tar.TypeDir:
		return wrap(header.Name, p.Files.MkdirAll(at, header.FileInfo().Mode().Perm()))
	case tar.TypeSymlink:
		_ = p.Files.Remove(at) // replace an existing entry
		return wrap(header.Name, p.Files.Symlink(header.Linkname, at))
	case tar.TypeReg:
		return p.writeEntry(at, header.FileInfo().Mode(), content)
	}
	return fmt.Errorf("%s: entries of this kind cannot be unpacked", header.Name)
}

func (p *Process) pack(ctx context.Context, flags flagSet, dir string, names []string) (err error) {
	if len(names) == 0 {
		return errors.New("no files were named for the archive")
	}
	output := p.Stdout
	if name := flags.value('f'); name != "" && name != "-" {
		file, err := p.Files.OpenFile(p.path(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return reason(name, err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		output = file
	}
	if flags.has('z') {
		packed := gzip.NewWriter(output)
		defer func() { err = errors.Join(err, packed.Close()) }()
		output = packed
	}
	writer := tar.NewWriter(output)
	for _, name := range names {
		root := absolute(dir, name)
		err := walk(p.Files, root, func(at string, found fs.FileInfo) error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			return p.packEntry(writer, at, strings.TrimPrefix(path.Clean(name)+strings.TrimPrefix(at, root), "/"), found)
		})
		if err != nil {
			return err
		}
	}
	return writer.Close()
}

func (p *Process) packEntry(writer *tar.Writer, at, name string, found fs.FileInfo) error {
	target, _ := p.Files.Readlink(at) // empty unless the entry is a link
	header, err := tar.FileInfoHeader(found, target)
	if err != nil {
		return err
	}
	header.Name = name
	if found.IsDir() {
		header.Name += "/"
	}
	if err := writer.WriteHeader(header); err != nil || !found.Mode().IsRegular() {
		return err
	}
	file, err := p.Files.Open(at)
	if err != nil {
		return reason(at, err)
	}
	defer func() { _ = file.Close() }() // only read
	_, err = io.Copy(writer, file)
	return err
}
