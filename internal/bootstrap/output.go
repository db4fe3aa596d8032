// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gogrid/terraform-provider-gogrid/internal/localfile"
)

// BuildFile writes the archive of a recipe to the file at path. It replaces the
// file atomically, and does not touch a file that already has the same bytes.
// It creates missing folders. Only the owner can read a new file, because an
// archive may hold keys.
//
// In addition to the errors of Build, BuildFile returns an *InvalidError for
// FieldOutput if path cannot be written, or if it is inside Recipe.SourceDir and
// not excluded.
func (r Recipe) BuildFile(ctx context.Context, path string) (Archive, error) {
	out := &output{path: path}
	defer out.discard()
	archive, err := build(ctx, nil, r, out, defaults())
	if err != nil {
		return Archive{}, err
	}
	return archive, out.commit(ctx, archive)
}

// maxArchiveSize is the largest possible size of an archive, in bytes. Files that
// cannot be compressed take slightly more space in an archive than on the disk.
const maxArchiveSize = MaxTotalSize + MaxTotalSize/16

// output is the file that BuildFile and RebuildFile write. Build writes to an
// io.Writer, so its output is nil, and check returns no problems for a nil
// output.
type output struct {
	path string
	file *os.File // the temporary file, from create to commit or discard
}

func outputProblem(format string, args ...any) Problem {
	return Problem{Field: FieldOutput, Err: fmt.Errorf(format, args...)}
}

// check returns a problem if the output exists and is not a regular file, or if the
// archive would become part of its own source.
func (o *output) check(src source, rules exclusions) []Problem {
	if o == nil {
		return nil
	}
	switch info, err := os.Stat(o.path); {
	case err == nil && info.IsDir():
		return []Problem{outputProblem("%q is a folder: give the path of the file to write, such as %q",
			o.path, filepath.Join(o.path, "archive.zip"))}
	case err == nil && !info.Mode().IsRegular():
		return []Problem{outputProblem("%q is %s, and the archive would replace it: give the path of a file", o.path, localfile.KindName(info.Mode()))}
	}
	if src.root == nil {
		return nil
	}
	inside, ok := pathInside(src.dir, o.path)
	if !ok || rules.matchFile(inside) {
		return nil
	}
	return []Problem{outputProblem("%q is inside the source folder %q, so the archive would contain itself: write it elsewhere, or add %q to \"exclude\"",
		o.path, src.dir, "/"+escapePattern(inside))}
}

// pathInside returns the slash-separated path of file relative to dir, and
// whether file is inside dir. The folders above file need not exist.
func pathInside(dir, file string) (string, bool) {
	dir, dirErr := realPath(dir)
	folder, fileErr := realPath(filepath.Dir(file))
	if dirErr != nil || fileErr != nil {
		return "", false
	}
	relative, err := filepath.Rel(dir, filepath.Join(folder, filepath.Base(file)))
	if err != nil || !filepath.IsLocal(relative) {
		return "", false
	}
	return filepath.ToSlash(relative), true
}

// realPath returns path as an absolute path, and resolves links in the part of
// path that exists.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	resolved, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(path) != path {
		parent, err := realPath(filepath.Dir(path))
		return filepath.Join(parent, filepath.Base(path)), err
	}
	return resolved, err
}

// create opens a temporary file in the folder of the output.
func (o *output) create() (io.Writer, error) {
	folder := filepath.Dir(o.path)
	err := os.MkdirAll(folder, 0o750)
	if err == nil {
		o.file, err = os.CreateTemp(folder, temporaryPrefix+"*")
	}
	if err != nil {
		return nil, o.failed(err)
	}
	return o.file, nil
}

// commit renames the temporary file to the output. It does nothing if the output
// already holds the same archive.
func (o *output) commit(ctx context.Context, archive Archive) error {
	if o.holds(ctx, archive) {
		return nil
	}
	// Without Sync, a crash could leave a file with the right name but no data.
	if err := o.file.Sync(); err != nil {
		return o.failed(err)
	}
	if err := o.file.Close(); err != nil {
		return o.failed(err)
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		return o.failed(err)
	}
	o.file = nil
	return nil
}

func (o *output) failed(err error) error {
	return invalid(outputProblem("the archive cannot be written to %q: %w", o.path, err))
}

// holds reports whether the output exists with the content of the archive.
func (o *output) holds(ctx context.Context, archive Archive) bool {
	info, err := os.Lstat(o.path)
	return err == nil && info.Size() == archive.Size && o.hasDigest(ctx, archive.SHA256)
}

// hasDigest reports whether the output is a regular file with this digest.
func (o *output) hasDigest(ctx context.Context, sha256Hex string) bool {
	if info, err := os.Lstat(o.path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	file, err := localfile.Open(ctx, o.path, maxArchiveSize)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // opened for reading only
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return false
	}
	return hex.EncodeToString(hash.Sum(nil)) == sha256Hex
}

// discard removes the temporary file unless commit has renamed it.
func (o *output) discard() {
	if o.file != nil {
		_ = o.file.Close() // may be closed already
		_ = os.Remove(o.file.Name())
	}
}
