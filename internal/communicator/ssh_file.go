// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"regexp"

	"github.com/pkg/sftp"
)

const (
	defaultMode fs.FileMode = 0o644
	// packetsInFlight is the maximum number of 32 KiB packets of an upload that
	// await an answer.
	packetsInFlight = 64
)

// Upload writes a file and creates missing directories; see Session.
func (s *sshSession) Upload(ctx context.Context, file File) error {
	s.options.Log(ctx, fmt.Sprintf("uploading to %s: %s", s.target, file.Destination))
	files, err := s.openFiles(ctx)
	if err != nil {
		return err
	}
	defer files.abandon() // the upload was already verified
	if err := s.writeFile(ctx, files, file); err != nil {
		var changed *SourceChangedError
		if errors.As(err, &changed) {
			return err
		}
		return fmt.Errorf("upload %s to %s: %w", file.Destination, s.target.address(), err)
	}
	return nil
}

func (s *sshSession) writeFile(ctx context.Context, files *files, file File) error {
	if !path.IsAbs(file.Destination) {
		return errors.New("the destination must be an absolute path")
	}
	found, err := do(ctx, files, "look up the destination", func() (fs.FileInfo, error) { return files.client.Stat(file.Destination) })
	switch {
	case err == nil && found.IsDir():
		return errors.New("the destination is a directory; it must be the path of the file itself")
	case errors.As(err, new(*StepError)):
		return err
	}
	if err := try(ctx, files, "create the directory", func() error { return files.client.MkdirAll(path.Dir(file.Destination)) }); err != nil {
		return fmt.Errorf("create the directory: %w", err)
	}
	part := file.Destination + ".part-" + randomText()
	err = s.sendPart(ctx, files, part, file)
	if err == nil {
		err = try(ctx, files, "rename the file", func() error { return replace(files.client, part, file.Destination) })
	}
	if err != nil {
		s.remove(ctx, part)
	}
	return err
}

// sendPart writes the content to the temporary file part, verifies the digest on
// the server and sets the mode.
func (s *sshSession) sendPart(ctx context.Context, files *files, part string, file File) error {
	content, err := file.Open()
	if err != nil {
		return err
	}
	target, err := do(ctx, files, "create the file", func() (*sftp.File, error) { return files.client.Create(part) })
	if err != nil {
		_ = content.Close() // only read
		return err
	}
	sent, err := do(ctx, files, "send the content", func() (string, error) {
		defer func() { _ = content.Close() }() // only read
		sum := sha256.New()
		// ReadFrom would wait for the answer to each packet before it sends the next
		// one, because it sends packets concurrently only if it knows the size.
		_, err := target.ReadFromWithConcurrency(io.TeeReader(content, sum), packetsInFlight)
		return hexOf(sum), errors.Join(err, target.Close())
	})
	if err != nil {
		return err
	}
	if file.SHA256 != "" && sent != file.SHA256 {
		return &SourceChangedError{Destination: file.Destination, Want: file.SHA256, Got: sent}
	}
	arrived, err := s.digest(ctx, files, part)
	if err != nil {
		return err
	}
	if arrived != sent {
		return fmt.Errorf("the file on the server has the sha256 %s, but the source has %s", arrived, sent)
	}
	mode := file.Mode
	if mode == 0 {
		mode = defaultMode
	}
	return try(ctx, files, "set the mode", func() error { return files.client.Chmod(part, mode) })
}

// replace renames a finished file to its destination. A server that does not
// support posix-rename cannot replace a file atomically, so replace then
// removes the destination first.
func replace(files *sftp.Client, part, destination string) error {
	if err := files.PosixRename(part, destination); err == nil {
		return nil
	}
	if err := files.Remove(destination); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return files.Rename(part, destination)
}

// remove removes a file, even if ctx has ended. It waits at most cleanupTimeout. It
// ignores errors, for example if the file does not exist or the server is gone.
func (s *sshSession) remove(ctx context.Context, at string) {
	ctx, stop := withLimit(context.WithoutCancel(ctx), s.options.Network, cleanupTimeout, func() error { return context.DeadlineExceeded })
	defer stop()
	files, err := s.openFiles(ctx)
	if err != nil {
		return // without a connection the file cannot be removed
	}
	defer files.abandon()
	_ = try(ctx, files, "remove the file", func() error { return files.client.Remove(at) })
}

var sumLine = regexp.MustCompile(`^\\?([0-9a-f]{64}) `)

// digest returns the SHA-256 of a file on the server, in hex. It runs sha256sum
// there; if that fails, it reads the file back and computes the digest here.
func (s *sshSession) digest(ctx context.Context, files *files, at string) (string, error) {
	var found string
	err := s.execute(ctx, execution{
		shell: "/bin/sh -s", stdin: "sha256sum " + quote(at) + "\n", name: "sha256sum",
		output: func(line string) {
			if match := sumLine.FindStringSubmatch(line); match != nil {
				found = match[1]
			}
		},
	})
	if err == nil && found != "" {
		return found, nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return "", cause
	}
	return do(ctx, files, "read the file back", func() (string, error) {
		file, err := files.client.Open(at)
		if err != nil {
			return "", err
		}
		defer func() { _ = file.Close() }() // only read
		sum := sha256.New()
		_, err = file.WriteTo(sum)
		return hexOf(sum), err
	})
}

func hexOf(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)) }

// Read returns the content of a file; see Session.
func (s *sshSession) Read(ctx context.Context, at string, limit int64) ([]byte, error) {
	files, err := s.openFiles(ctx)
	if err != nil {
		return nil, err
	}
	defer files.abandon()
	text, err := do(ctx, files, "read the file", func() ([]byte, error) {
		file, err := files.client.Open(at)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }() // only read
		return io.ReadAll(io.LimitReader(file, limit+1))
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s on %s: %w", at, s.target.address(), err)
	case int64(len(text)) > limit:
		return nil, fmt.Errorf("read %s on %s: the file is larger than %d bytes", at, s.target.address(), limit)
	}
	return text, nil
}
