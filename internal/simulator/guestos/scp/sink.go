// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package scp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// record describes the next file or folder that the client sends.
type record struct {
	kind byte // 'C' or 'D'
	mode fs.FileMode
	size int64
	name string
}

// times are the times that the client sends for a file.
type times struct{ modified, accessed time.Time }

// receive implements the receiving side (sink): it writes the files from the
// client to a target.
func (t *transfer) receive(target string) error {
	if t.toDir {
		found, err := t.p.Files.Stat(t.p.Path(target))
		if err == nil && !found.IsDir() {
			err = syscall.ENOTDIR
		}
		if err != nil {
			return t.refuse("%s: %s", target, errorText(err))
		}
	}
	return t.sink(target, 0)
}

// sink reads records until the end of the current folder. At the top level it
// reads until the end of the input.
func (t *transfer) sink(target string, depth int) error {
	if depth > maxDepth {
		return t.refuse("%s: folders are nested too deeply", target)
	}
	if err := t.acknowledge(); err != nil {
		return err
	}
	found, err := t.p.Files.Stat(t.p.Path(target))
	isFolder := err == nil && found.IsDir()
	var wanted *times
	for first := true; ; first = false {
		line, err := t.line()
		switch {
		case errors.Is(err, io.EOF) && depth == 0:
			return nil
		case errors.Is(err, io.EOF):
			return errLost
		case err != nil:
			return err
		case line == "":
			return t.refuse("protocol error: unexpected <newline>")
		}
		switch line[0] {
		case 1:
			t.errors++ // the client could not read a file
			continue
		case 2:
			t.errors++
			return fatal{line[1:]}
		case 'E':
			return t.acknowledge()
		case 'T':
			if wanted, err = t.times(line); err == nil {
				err = t.acknowledge()
			}
			if err != nil {
				return err
			}
			continue
		}
		next, err := t.record(line, first)
		if err != nil {
			return err
		}
		name := target
		if isFolder {
			name = joined(target, next.name)
		}
		if next.kind == 'D' {
			err = t.folder(name, next, wanted, depth)
		} else {
			err = t.file(name, next, wanted)
		}
		if err != nil {
			return err
		}
		wanted = nil
	}
}

// times reads "T<seconds> <microseconds> <seconds> <microseconds>".
func (t *transfer) times(line string) (*times, error) {
	fields := strings.Fields(line[1:])
	if len(fields) != 4 {
		return nil, t.refuse("protocol error: atime.usec not delimited")
	}
	var numbers [4]int64
	for i, field := range fields {
		number, err := strconv.ParseInt(field, 10, 64)
		if err != nil || number < 0 || i%2 == 1 && number > 999_999 {
			return nil, t.refuse("protocol error: %s", [...]string{"mtime.sec not present", "mtime.usec not delimited", "atime.sec not present", "atime.usec not delimited"}[i])
		}
		numbers[i] = number
	}
	return &times{time.Unix(numbers[0], numbers[1]*1000), time.Unix(numbers[2], numbers[3]*1000)}, nil
}

// record reads "C<mode> <size> <name>" or "D<mode> 0 <name>".
func (t *transfer) record(line string, first bool) (record, error) {
	next := record{kind: line[0]}
	if next.kind != 'C' && next.kind != 'D' {
		if first {
			return next, t.refuse("%s", line)
		}
		return next, t.refuse("protocol error: expected control record")
	}
	fields := strings.SplitN(line[1:], " ", 3)
	mode, err := strconv.ParseUint(fields[0], 8, 16)
	if err != nil || len(fields[0]) != 4 {
		return next, t.refuse("protocol error: bad mode")
	}
	if len(fields) < 2 {
		return next, t.refuse("protocol error: mode not delimited")
	}
	if next.size, err = strconv.ParseInt(fields[1], 10, 64); err != nil || next.size < 0 {
		return next, t.refuse("protocol error: size not present")
	}
	if len(fields) < 3 {
		return next, t.refuse("protocol error: size not delimited")
	}
	next.mode, next.name = fs.FileMode(mode).Perm(), fields[2]
	if next.name == "" || next.name == "." || next.name == ".." || strings.ContainsAny(next.name, "/\x00") {
		return next, t.refuse("error: unexpected filename: %s", next.name)
	}
	return next, nil
}

func (t *transfer) folder(name string, next record, wanted *times, depth int) error {
	if !t.recursive {
		return t.refuse("protocol error: received directory without -r")
	}
	files, at := t.p.Files, t.p.Path(name)
	found, err := files.Stat(at)
	switch {
	case err == nil && !found.IsDir():
		return t.complain("%s: Not a directory", name)
	case err != nil:
		if err := files.Mkdir(at, next.mode|0o700); err != nil {
			return t.complain("%s: %s", name, errorText(err))
		}
	}
	if err := t.sink(name, depth+1); err != nil {
		return err
	}
	if found == nil || t.preserve {
		if err := files.Chmod(at, next.mode); err != nil {
			return t.complain("%s: set mode: %s", name, errorText(err))
		}
	}
	return t.setTimes(name, wanted)
}

// setTimes sets the times of a file to the times that the client sent before
// the file.
func (t *transfer) setTimes(name string, wanted *times) error {
	if wanted == nil {
		return nil
	}
	if err := t.p.Files.Chtimes(t.p.Path(name), wanted.accessed, wanted.modified); err != nil {
		return t.complain("%s: set times: %s", name, errorText(err))
	}
	return nil
}

// file receives one file.
func (t *transfer) file(name string, next record, wanted *times) error {
	files, at := t.p.Files, t.p.Path(name)
	_, err := files.Stat(at)
	exists := err == nil
	file, err := files.OpenFile(at, os.O_WRONLY|os.O_CREATE, next.mode|0o200)
	if err != nil {
		return t.complain("%s: %s", name, errorText(err))
	}
	if err := t.acknowledge(); err != nil {
		return errors.Join(err, file.Close())
	}
	problem, err := t.content(file, next.size)
	problem = errors.Join(problem, file.Close())
	if err != nil {
		return err
	}
	if t.preserve || !exists {
		problem = errors.Join(problem, files.Chmod(at, next.mode))
	}
	if _, err := t.answered(); err != nil {
		return err
	}
	if problem != nil {
		return t.complain("%s: %s", name, errorText(problem))
	}
	before := t.errors
	if err := t.setTimes(name, wanted); err != nil || t.errors > before {
		return err
	}
	return t.acknowledge()
}

// content writes the bytes of a file. A write error does not end the transfer:
// content then reads and discards the rest of the file.
func (t *transfer) content(file disk.File, size int64) (problem, err error) {
	output := &keepFirstError{Writer: file}
	copied, err := io.Copy(output, &withContext{t.ctx, io.LimitReader(t.in, size)})
	switch {
	case err != nil:
		return nil, err
	case copied < size:
		return nil, fmt.Errorf("%w: received %d of %d bytes", errLost, copied, size)
	case output.problem != nil:
		return output.problem, nil
	}
	return file.Truncate(size), nil
}

// keepFirstError drops all data after the first write error.
type keepFirstError struct {
	io.Writer

	problem error
}

// Write never fails.
func (k *keepFirstError) Write(p []byte) (int, error) {
	if k.problem == nil {
		_, k.problem = k.Writer.Write(p)
	}
	return len(p), nil
}

// withContext is a reader that returns an error once its context has ended.
type withContext struct {
	ctx context.Context //nolint:containedctx // of one file
	io.Reader
}

// Read reads from Reader. If the context has ended, Read returns its cause.
func (w *withContext) Read(p []byte) (int, error) {
	if err := context.Cause(w.ctx); err != nil {
		return 0, err
	}
	return w.Reader.Read(p)
}
