// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/localfile"
)

const (
	// IgnoreName is the name of the file at the root of a source folder whose
	// patterns exclude files from the archive.
	IgnoreName = ".bootstrapignore"
	// maxIgnoreSize is the maximum size of an ignore file in bytes. A
	// hand-written file is far smaller.
	maxIgnoreSize = 1 << 20
)

// ignoreFile parses the source folder's ignore file. If the file does not
// exist, ignoreFile returns no rules.
func (s source) ignoreFile(ctx context.Context) (exclusions, []Problem) {
	text, err := s.readSmall(ctx, IgnoreName, maxIgnoreSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, []Problem{{Field: FieldSourceDir, Path: IgnoreName, Err: err}}
	}
	rules, problems := parseExclusions(strings.Split(strings.TrimPrefix(text, byteOrderMark), "\n"))
	for i, problem := range problems {
		problems[i] = Problem{Field: FieldSourceDir, Path: IgnoreName, Err: fmt.Errorf("line %d: %w", problem.Index+1, problem.Err)}
	}
	return rules, problems
}

// readSmall returns the content of a file in the source folder. It returns an
// error if the file has more than limit bytes.
func (s source) readSmall(ctx context.Context, path string, limit int64) (string, error) {
	text, err := localfile.ReadIn(ctx, s.root, path, limit)
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w", withoutPath(err))
	}
	return string(text), nil
}

// readAtMost returns the whole content. It returns an error if there are more
// than limit bytes.
func readAtMost(content io.Reader, limit int64) (string, error) {
	text, err := io.ReadAll(io.LimitReader(content, limit+1))
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w", err)
	}
	if int64(len(text)) > limit {
		return "", fmt.Errorf("has more than %d bytes", limit)
	}
	return string(text), nil
}
