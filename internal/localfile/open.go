// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package localfile

import (
	"context"
	"io"
	"io/fs"
	"os"
)

// File is an open regular file. After the context has ended, Read returns the cause of
// the context. If the file has grown over the limit, Read returns a *SizeError.
type File struct {
	ctx   context.Context
	file  *os.File
	name  string
	size  int64
	limit int64
	read  int64
}

// Open opens a regular file of at most limit bytes. It returns a *KindError for a path
// that is not a regular file, a *SizeError for a larger file, and otherwise the errors
// of os.Open. Every error is an *fs.PathError with the name.
func Open(ctx context.Context, name string, limit int64) (*File, error) {
	return open(ctx, name, limit, os.Stat, os.OpenFile)
}

// OpenIn is Open for a file in a root. A link that leads out of the root is an error.
func OpenIn(ctx context.Context, root *os.Root, name string, limit int64) (*File, error) {
	return open(ctx, name, limit, root.Stat, root.OpenFile)
}

// open checks the kind of the file before and after the open. The first check avoids
// opening a device, because the open alone may trigger an action. The second check
// covers a path that changed in between: if the path is now a pipe, nonBlocking keeps
// the open from waiting for a writer.
func open(ctx context.Context, name string, limit int64, stat func(string) (fs.FileInfo, error), openFile func(string, int, fs.FileMode) (*os.File, error)) (*File, error) {
	if ctx.Err() != nil {
		return nil, failed(name, context.Cause(ctx))
	}
	info, err := stat(name)
	if err != nil {
		return nil, err
	}
	if err := check(info, limit); err != nil {
		return nil, failed(name, err)
	}
	file, err := openFile(name, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, err
	}
	if info, err = file.Stat(); err == nil {
		err = check(info, limit)
	}
	if err != nil {
		_ = file.Close() // opened for reading only
		return nil, failed(name, err)
	}
	return &File{ctx: ctx, file: file, name: name, size: info.Size(), limit: limit}, nil
}

// Size returns the number of bytes that the file had when it was opened.
func (f *File) Size() int64 { return f.size }

// Read implements io.Reader.
func (f *File) Read(buffer []byte) (int, error) {
	if f.ctx.Err() != nil {
		return 0, failed(f.name, context.Cause(f.ctx))
	}
	n, err := f.file.Read(buffer)
	if f.read += int64(n); f.read > f.limit {
		return 0, failed(f.name, &SizeError{Size: f.read, Limit: f.limit})
	}
	return n, err
}

// Close implements io.Closer.
func (f *File) Close() error { return f.file.Close() }

// Read returns the content of a regular file of at most limit bytes. It returns the
// errors of Open.
func Read(ctx context.Context, name string, limit int64) ([]byte, error) {
	return readAll(Open(ctx, name, limit))
}

// ReadIn is Read for a file in a root. A link that leads out of the root is an error.
func ReadIn(ctx context.Context, root *os.Root, name string, limit int64) ([]byte, error) {
	return readAll(OpenIn(ctx, root, name, limit))
}

func readAll(file *File, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // opened for reading only
	return io.ReadAll(file)
}
