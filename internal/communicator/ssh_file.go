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
	// packetsInFlight is the number of 32 KiB packets that an upload sends
	// without waiting for their answers.
	packetsInFlight = 64
)

// files opens an SFTP client and closes it when ctx ends. Nothing else would end
// a transfer to a server that does not answer.
func (s *sshSession) files(ctx context.Context) (*sftp.Client, error) {
	client, err := newPrivateClient(s.client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return nil, fmt.Errorf("open SFTP on %s: %w", s.target.address(), err)
	}
	context.AfterFunc(ctx, func() { _ = client.Close() })
	return client, nil
}

// Upload writes a file and creates missing directories; see Session.
func (s *sshSession) Upload(ctx context.Context, file File) error {
	s.options.Log(ctx, fmt.Sprintf("uploading to %s: %s", s.target, file.Destination))
	uploading, stop := context.WithCancel(ctx)
	defer stop()
	files, err := s.files(uploading)
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }() // the upload was already verified
	if err := s.writeFile(uploading, files, file); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		var changed *SourceChangedError
		if errors.As(err, &changed) {
			return err
		}
		return fmt.Errorf("upload %s to %s: %w", file.Destination, s.target.address(), err)
	}
	return nil
}

func (s *sshSession) writeFile(ctx context.Context, files *sftp.Client, file File) error {
	if !path.IsAbs(file.Destination) {
		return errors.New("the destination must be an absolute path")
	}
	if found, err := files.Stat(file.Destination); err == nil && found.IsDir() {
		return errors.New("the destination is a directory; it must be the path of the file itself")
	}
	if err := files.MkdirAll(path.Dir(file.Destination)); err != nil {
		return fmt.Errorf("create the directory: %w", err)
	}
	part := file.Destination + ".part-" + randomText()
	err := s.sendPart(ctx, files, part, file)
	if err == nil {
		err = replace(files, part, file.Destination)
	}
	if err != nil {
		s.discard(ctx, part)
	}
	return err
}

// sendPart writes the content to the temporary file part, verifies the digest on
// the server and sets the mode.
func (s *sshSession) sendPart(ctx context.Context, files *sftp.Client, part string, file File) error {
	content, err := file.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read
	target, err := files.Create(part)
	if err != nil {
		return err
	}
	sum := sha256.New()
	// ReadFrom would wait for the answer to each packet before it sends the next
	// one, because it sends packets concurrently only if it knows the size.
	_, err = target.ReadFromWithConcurrency(io.TeeReader(content, sum), packetsInFlight)
	if err = errors.Join(err, target.Close()); err != nil {
		return err
	}
	sent := hexOf(sum)
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
	return files.Chmod(part, mode)
}

// replace renames a finished file to its destination. Servers without
// posix-rename cannot replace an existing file in one step, so replace first
// removes the destination there.
func replace(files *sftp.Client, part, destination string) error {
	if err := files.PosixRename(part, destination); err == nil {
		return nil
	}
	if err := files.Remove(destination); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return files.Rename(part, destination)
}

// discard removes an unfinished file, even if ctx has ended.
func (s *sshSession) discard(ctx context.Context, part string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	files, err := s.files(ctx)
	if err != nil {
		return // without a connection the file cannot be removed
	}
	_ = files.Remove(part) // the file may not exist yet
	_ = files.Close()
}

var sumLine = regexp.MustCompile(`^\\?([0-9a-f]{64}) `)

// digest returns the SHA-256 of a file on the server, in hex. It runs sha256sum
// there; if that fails, it reads the file back and computes the digest here.
func (s *sshSession) digest(ctx context.Context, files *sftp.Client, at string) (string, error) {
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
	file, err := files.Open(at)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // only read
	sum := sha256.New()
	if _, err := file.WriteTo(sum); err != nil {
		return "", err
	}
	return hexOf(sum), nil
}

func hexOf(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)) }

// Read returns the content of a file; see Session.
func (s *sshSession) Read(ctx context.Context, at string, limit int64) ([]byte, error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	files, err := s.files(reading)
	if err != nil {
		return nil, err
	}
	defer func() { _ = files.Close() }() // only read
	file, err := files.Open(at)
	if err != nil {
		return nil, fmt.Errorf("read %s on %s: %w", at, s.target.address(), err)
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s on %s: %w", at, s.target.address(), errors.Join(context.Cause(ctx), err))
	case int64(len(text)) > limit:
		return nil, fmt.Errorf("read %s on %s: the file is larger than %d bytes", at, s.target.address(), limit)
	}
	return text, nil
}
