// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Get copies the content of a file to a writer. If the connection is lost, Get
// does not retry, because it may already have written part of the content.
func (s *Store) Get(ctx context.Context, at string, to io.Writer) (Object, error) {
	var got Object
	err := s.do(ctx, request{verb: "read", path: at, noRetry: true}, func(ctx context.Context, d driver) error {
		var info fs.FileInfo
		err := statProven(ctx, d, at, func() (err error) {
			info, err = d.stat(ctx, at)
			return err
		})
		if err != nil {
			return err
		}
		sum := &digestWriter{hash: sha256.New()}
		if err := d.read(ctx, at, io.MultiWriter(to, sum)); err != nil {
			return err
		}
		got = newObject(at, info)
		got.Size, got.SHA256 = sum.size, sum.hex()
		return nil
	})
	return got, err
}

// Read returns the content of a file. The error is ErrTooLarge if the file has more
// than limit bytes.
func (s *Store) Read(ctx context.Context, at string, limit int64) ([]byte, error) {
	var content bytes.Buffer
	err := s.do(ctx, request{verb: "read", path: at}, func(ctx context.Context, d driver) error {
		return statProven(ctx, d, at, func() error {
			content.Reset()
			return d.read(ctx, at, &limitedWriter{to: &content, remaining: limit})
		})
	})
	if err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}

// limitedWriter returns ErrTooLarge if more than remaining bytes are written to
// it.
type limitedWriter struct {
	to        io.Writer
	remaining int64
}

func (l *limitedWriter) Write(p []byte) (int, error) {
	if l.remaining -= int64(len(p)); l.remaining < 0 {
		return 0, ErrTooLarge
	}
	return l.to.Write(p)
}

// Stat returns the size and time of a file without reading the file. If both
// equal those of known, the file counts as unchanged and the result has the
// digest of known. Otherwise the digest is empty.
func (s *Store) Stat(ctx context.Context, at string, known Object) (Object, error) {
	return s.stat(ctx, at, known, false)
}

// Inspect is like Stat, but if the file has changed, Inspect reads it to
// compute the digest.
func (s *Store) Inspect(ctx context.Context, at string, known Object) (Object, error) {
	return s.stat(ctx, at, known, true)
}

func (s *Store) stat(ctx context.Context, at string, known Object, thorough bool) (Object, error) {
	var found Object
	err := s.do(ctx, request{verb: "look up", path: at}, func(ctx context.Context, d driver) error {
		var info fs.FileInfo
		err := statProven(ctx, d, at, func() (err error) {
			if info, err = d.stat(ctx, at); err == nil && info.IsDir() {
				return fmt.Errorf("it is a folder: %w", fs.ErrNotExist)
			}
			return err
		})
		if err != nil {
			return err
		}
		found = newObject(at, info)
		switch {
		case found.Size == known.Size && found.Modified.Equal(known.Modified):
			found.SHA256 = known.SHA256
		case thorough:
			found.SHA256, err = digest(ctx, d, at)
		}
		return err
	})
	return found, err
}

// List returns the files whose paths begin with a prefix, sorted by path and
// without the parts of unfinished uploads. A missing folder counts as empty
// only if its absence is proven, or if the share lists no files at all.
func (s *Store) List(ctx context.Context, prefix string) ([]Object, error) {
	return s.list(ctx, prefix, false)
}

// Unfinished returns the parts of running and aborted uploads of files whose
// paths begin with a prefix. PartOf returns the path of the file that a part
// belongs to.
func (s *Store) Unfinished(ctx context.Context, prefix string) ([]Object, error) {
	return s.list(ctx, prefix, true)
}

func (s *Store) list(ctx context.Context, prefix string, parts bool) ([]Object, error) {
	var objects []Object
	err := s.do(ctx, request{verb: "list", path: prefix}, func(ctx context.Context, d driver) error {
		objects = nil
		return walk(ctx, d, folderOf(prefix+"x"), func(object Object) {
			if strings.HasPrefix(object.Path, prefix) && isPart(path.Base(object.Path)) == parts {
				objects = append(objects, object)
			}
		}, prefix)
	})
	slices.SortFunc(objects, func(a, b Object) int { return strings.Compare(a.Path, b.Path) })
	return objects, err
}

// walk visits the files in a folder and in those of its subfolders that may
// contain paths with the prefix.
func walk(ctx context.Context, d driver, folder string, visit func(Object), prefix string) error {
	entries, err := d.list(ctx, folder)
	if errors.Is(err, fs.ErrNotExist) && folder != "" {
		doubt := proveAbsent(ctx, d, folder, true)
		var unproven *UnprovenError
		if doubt == nil || IsEmptyShare(doubt) {
			return nil
		}
		if !errors.As(doubt, &unproven) || !unproven.Listed {
			return doubt
		}
		// The folder appeared between the two listings, so list the folder
		// again.
		if entries, err = d.list(ctx, folder); errors.Is(err, fs.ErrNotExist) {
			return doubt
		}
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		at := path.Join(folder, entry.Name())
		switch {
		case entry.Mode().IsRegular():
			visit(newObject(at, entry))
		case entry.IsDir() && (strings.HasPrefix(at+"/", prefix) || strings.HasPrefix(prefix, at+"/")):
			if err := walk(ctx, d, at, visit, prefix); err != nil {
				return err
			}
		}
	}
	return nil
}

// Remove removes a file and the parts of its uploads. Remove returns nil for a
// missing file if its absence is proven, or if the share lists no files at all.
// The error is fs.ErrExist if the file reappears after its removal.
func (s *Store) Remove(ctx context.Context, at string) error {
	return s.do(ctx, request{verb: "remove", path: at}, func(ctx context.Context, d driver) error {
		removeParts(ctx, d, at)
		err := d.remove(ctx, at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if err := proveAbsent(ctx, d, at, false); !IsEmptyShare(err) {
				return err
			}
			return nil
		case err != nil:
			return err
		}
		// The server's answer is the first proof of the removal, this stat the second.
		info, err := d.stat(ctx, at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err == nil && !info.IsDir():
			return fmt.Errorf("the server removed the file, but the file exists again: %w", fs.ErrExist)
		}
		return err
	})
}

// Rename renames a file in one step. It replaces an existing file.
func (s *Store) Rename(ctx context.Context, from, to string) error {
	return s.do(ctx, request{verb: "rename", path: from, noRetry: true}, func(ctx context.Context, d driver) error {
		return d.rename(ctx, from, to)
	})
}
