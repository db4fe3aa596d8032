// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/localfile"
)

// source is an open source folder. All reads go through root, which follows no
// link out of the folder, even if the folder changes meanwhile.
type source struct {
	root *os.Root // nil if the recipe has no source folder
	dir  string
}

// openSource opens the source folder of a recipe. Without a source folder it
// returns an empty source. The error is an *InvalidError.
func openSource(r Recipe) (source, error) {
	if r.SourceDir == "" {
		return source{}, nil
	}
	info, err := os.Stat(r.SourceDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("there is no folder %q%s", r.SourceDir, absoluteHint(r.SourceDir))
	case err != nil:
		err = fmt.Errorf("the folder %q cannot be read: %w", r.SourceDir, err)
	case !info.IsDir():
		err = fmt.Errorf("%q is not a folder: name the folder that holds the files", r.SourceDir)
	default:
		var root *os.Root
		if root, err = os.OpenRoot(r.SourceDir); err == nil {
			return source{root: root, dir: r.SourceDir}, nil
		}
		err = fmt.Errorf("the folder %q cannot be read: %w", r.SourceDir, err)
	}
	return source{}, invalid(Problem{Field: FieldSourceDir, Err: err})
}

// absoluteHint returns the absolute form of a relative path, as the end of an
// error message.
func absoluteHint(path string) string {
	if filepath.IsAbs(path) {
		return ""
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (looked for %q: a relative path starts at the working directory)", absolute)
}

func (s source) close() {
	if s.root != nil {
		_ = s.root.Close() // opened for reading only
	}
}

// scan collects the files of a source folder.
type scan struct {
	source source
	rules  exclusions
	paths  *pathSet
	limit  limits

	items    []item
	omitted  []string // paths of Terraform's own files, which are not archived
	problems []Problem
}

// walk visits the whole folder. Its only error is the context's error.
func (s *scan) walk(ctx context.Context) error {
	return fs.WalkDir(s.source.root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if ctxErr := ctx.Err(); ctxErr != nil {
			return ctxErr
		}
		return s.visit(ctx, path, entry, err)
	})
}

// visit records a file or a problem. The walk continues unless there are too
// many files.
func (s *scan) visit(ctx context.Context, path string, entry fs.DirEntry, err error) error {
	if err != nil {
		s.add(path, fmt.Errorf("cannot be read: %w", err))
		return skip(entry)
	}
	if path == "." {
		return nil
	}
	if path == IgnoreName || s.rules.match(path, entry.IsDir()) {
		return skip(entry)
	}
	if isTerraformName(path, entry.IsDir()) {
		s.omitted = append(s.omitted, path)
		return skip(entry)
	}
	err = CheckPath(path)
	if err == nil {
		err = checkManifestName(path)
	}
	if err == nil && foldCase(path) == IgnoreName {
		err = fmt.Errorf("differs from %q only by case, so only some systems would apply its patterns: rename or exclude it", IgnoreName)
	}
	if err != nil {
		s.add(path, err)
		return skip(entry)
	}
	if entry.IsDir() {
		return nil
	}
	return s.file(ctx, path, entry)
}

// skip returns fs.SkipDir for a folder, and nil for a file.
func skip(entry fs.DirEntry) error {
	if entry != nil && entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

func (s *scan) file(ctx context.Context, path string, entry fs.DirEntry) error {
	if len(s.items) == s.limit.files {
		s.problems = append(s.problems, Problem{Field: FieldSourceDir, Err: tooManyError(s.limit)})
		return fs.SkipAll
	}
	info, err := s.source.fileInfo(path, entry.Type())
	if err == nil {
		if it := (item{path: path, size: info.Size(), onDisk: true}); s.source.holdsTerraform(ctx, it) {
			s.omitted = append(s.omitted, path)
			return nil
		}
		err = s.paths.add(path)
	}
	if err != nil {
		s.add(path, err)
		return nil
	}
	s.items = append(s.items, item{path: path, size: info.Size(), onDisk: true})
	return nil
}

func (s *scan) add(path string, err error) {
	s.problems = append(s.problems, Problem{Field: FieldSourceDir, Path: path, Err: err})
}

// fileInfo describes a regular file, or the target of a link.
func (s source) fileInfo(path string, kind fs.FileMode) (fs.FileInfo, error) {
	isLink := kind&fs.ModeSymlink != 0
	if !isLink && !kind.IsRegular() {
		return nil, fmt.Errorf("is %s: only files, folders and links to files can be archived; exclude it", localfile.KindName(kind))
	}
	info, err := s.root.Stat(path)
	switch {
	case !isLink && err != nil:
		return nil, fmt.Errorf("cannot be read: %w", err)
	case !isLink:
		return info, nil
	}
	target, linkErr := s.root.Readlink(path)
	if linkErr != nil {
		target = "?"
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("is a link to %q, which does not exist; remove or exclude it", target)
	case err != nil:
		return nil, fmt.Errorf("is a link to %q, which is not inside the source folder or cannot be followed (%w): "+
			"links may point to files inside the folder only, and by relative paths; copy the file, or exclude the link", target, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("is a link to %q, which is %s: only links to files can be archived; exclude it", target, localfile.KindName(info.Mode()))
	}
	return info, nil
}

// open opens the content of an item. Reads fail once ctx has ended.
func (s source) open(ctx context.Context, it item) (io.ReadCloser, error) {
	if !it.onDisk {
		return io.NopCloser(strings.NewReader(it.content)), nil
	}
	file, err := localfile.OpenIn(ctx, s.root, it.path, MaxFileSize)
	if err != nil {
		return nil, withoutPath(err)
	}
	return file, nil
}

// withoutPath removes the path from an error about a file, because a Problem already
// names the file.
func withoutPath(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
