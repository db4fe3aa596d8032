// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
)

// absolute matches absolute paths with a drive letter, and UNC paths.
var absolute = regexp.MustCompile(`^(?:[A-Za-z]:[\\/]|\\\\)`)

// Upload writes a file and creates missing directories; see Session.
func (s *windowsSession) Upload(ctx context.Context, file File) error {
	s.options.Log(ctx, fmt.Sprintf("uploading to %s: %s", s.target, file.Destination))
	err := s.send(ctx, file)
	var changed *SourceChangedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &changed):
		return changed
	}
	return fmt.Errorf("upload %s to %s: %w", file.Destination, s.target.address(), &redactedError{s.redact.text(err.Error()), err})
}

func (s *windowsSession) send(ctx context.Context, file File) error {
	if !absolute.MatchString(file.Destination) {
		return errors.New(`the destination must be an absolute path with its drive, such as C:\app\app.config`)
	}
	content, err := file.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read
	return s.client.Upload(ctx, file.Destination, &checkedContent{content: content, sum: sha256.New(), file: file})
}

// checkedContent is a reader that returns a *SourceChangedError at the end of
// the content if the content does not have the expected digest.
type checkedContent struct {
	content io.Reader
	sum     hash.Hash
	file    File
}

// Read returns the content; see io.Reader.
func (c *checkedContent) Read(p []byte) (int, error) {
	n, err := c.content.Read(p)
	c.sum.Write(p[:n])
	if err == io.EOF && c.file.SHA256 != "" {
		if got := hexOf(c.sum); got != c.file.SHA256 {
			return n, &SourceChangedError{Destination: c.file.Destination, Want: c.file.SHA256, Got: got}
		}
	}
	return n, err
}

// Read returns the content of a file; see Session.
func (s *windowsSession) Read(ctx context.Context, at string, limit int64) ([]byte, error) {
	text, err := s.client.Read(ctx, at, limit)
	if err != nil {
		return nil, fmt.Errorf("read %s on %s: %w", at, s.target.address(), &redactedError{s.redact.text(err.Error()), err})
	}
	return text, nil
}
