// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Errors for a source file that cannot be uploaded or run.
var (
	errFolder    = errors.New("it is a folder; name each of its files, for example with the function fileset")
	errIrregular = errors.New("it is not an ordinary file")
	errLongText  = errors.New("a script must not be larger than 1 MiB; upload it with files and run it with a command")
)

// openSource opens a local file. If the path is not an ordinary file,
// openSource returns an error without opening it, because opening a pipe waits
// for a writer.
func openSource(name string) (*os.File, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errFolder
	case !info.Mode().IsRegular():
		return nil, errIrregular
	}
	return os.Open(name)
}

// computeDigest sets SHA256 to the digest of the local file Source, and Open to a
// function that opens the file again.
func (f *File) computeDigest(ctx context.Context) error {
	source := f.Source
	content, err := openSource(source)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // the file was only read
	digest := sha256.New()
	if _, err := io.Copy(digest, contextReader{ctx, content}); err != nil {
		return err
	}
	f.SHA256 = hex.EncodeToString(digest.Sum(nil))
	f.Open = func() (io.ReadCloser, error) { return openSource(source) }
	return nil
}

// contextReader is a reader that returns an error after its context has ended.
type contextReader struct {
	ctx  context.Context
	from io.Reader
}

func (r contextReader) Read(buffer []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(buffer)
}

// checkScriptSize returns errLongText if a local file has more than maxScript bytes.
func checkScriptSize(name string) error {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxScript {
		return errLongText
	}
	return err
}

// unreadableFile returns the error for a local file that cannot be used. The
// text must be correct for a plan and for an apply, because the provider cannot
// distinguish the two here.
func unreadableFile(at path.Path, source string, err error) diag.Diagnostic {
	if !errors.Is(err, fs.ErrNotExist) {
		return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("Cannot use the file %s", source), tf.Sentence(err.Error()))
	}
	return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("There is no file %s", source),
		"Files are read when planning, so that the plan shows whether they have changed. If the file was there when this was planned, it has been moved or removed since then: put it back and run the same command again, or plan again. "+
			"A file that the same apply creates cannot be read when planning: give its text as content, or use a data source that creates the file before the plan reads it.")
}

// maxScript is the maximum size of a script, in bytes.
const maxScript = 1 << 20

// Read returns the content of a script. It returns an error if the content has
// changed since the recipe was read.
func (f File) Read() (string, error) {
	content, err := f.Open()
	if err != nil {
		return "", err
	}
	defer content.Close()
	text, err := io.ReadAll(io.LimitReader(content, maxScript+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxScript {
		return "", fmt.Errorf("script %s is larger than 1 MiB; upload it with files and run it with a command", f.Source)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != f.SHA256 {
		return "", fmt.Errorf("script %s has changed since the plan; plan again to build the image from its new content", f.Source)
	}
	return string(text), nil
}
