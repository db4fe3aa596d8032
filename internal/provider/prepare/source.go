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

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/localfile"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Size limits of local files, in bytes.
const (
	maxScript = 1 << 20
	maxFile   = 20 << 30 // more than the uploads of a build can take
)

// computeDigest sets SHA256 to the digest of the local file Source, and Open to a
// function that opens the file again. The file must have at most limit bytes.
func (f *File) computeDigest(ctx context.Context, limit int64) error {
	source := f.Source
	content, err := localfile.Open(ctx, source, limit)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // the file was only read
	digest := sha256.New()
	if _, err := io.Copy(digest, content); err != nil {
		return err
	}
	f.SHA256 = hex.EncodeToString(digest.Sum(nil))
	f.Open = func() (io.ReadCloser, error) { return localfile.Open(ctx, source, limit) }
	return nil
}

// unreadableFile returns the error for a local file that cannot be used. The text
// must be correct for a plan and for an apply, because the provider cannot
// distinguish the two here.
func unreadableFile(at path.Path, source string, err error) diag.Diagnostic {
	if !errors.Is(err, fs.ErrNotExist) {
		return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("Cannot use the file %s", source), tf.Sentence(err.Error())+sourceAdvice(err))
	}
	return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("There is no file %s", source),
		"Files are read when planning, so that the plan shows whether they have changed. If the file was there when this was planned, it has been moved or removed since then: put it back and run the same command again, or plan again. "+
			"A file that the same apply creates cannot be read when planning: give its text as content, or use a data source that creates the file before the plan reads it.")
}

// sourceAdvice returns a space and a sentence that says what to do about a folder or a
// script that is too large. It returns "" for other errors.
func sourceAdvice(err error) string {
	var kind *localfile.KindError
	var size *localfile.SizeError
	switch {
	case errors.As(err, &kind) && kind.Mode.IsDir():
		return " Name each of the files in it, for example with the function fileset."
	case errors.As(err, &size) && size.Limit == maxScript:
		return " Upload a larger script with files, and run it with a command."
	}
	return ""
}

// Read returns the content of a script, at most maxScript bytes. It returns an
// error if the content has changed since the recipe was read.
func (f File) Read() (string, error) {
	content, err := f.Open()
	if err != nil {
		return "", err
	}
	defer content.Close()
	text, err := io.ReadAll(content)
	if err != nil {
		return "", err
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != f.SHA256 {
		return "", fmt.Errorf("script %s has changed since the plan; plan again to build the image from its new content", f.Source)
	}
	return string(text), nil
}
