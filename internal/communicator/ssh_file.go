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
	// packetsInFlight is how many packets of 32 KiB an upload sends ahead of
	// their answers.
	packetsInFlight = 64
)

// files opens the server's file service. It ends with ctx, as nothing else
// would end a transfer to a server that does not answer.
func (s *sshSession) files(ctx context.Context) (*sftp.Client, error) {
	client, err := sftp.NewClient(s.client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return nil, fmt.Errorf("opening SFTP on %s: %w", s.target.address(), err)
	}
	context.AfterFunc(ctx, func() { _ = client.Close() })
	return client, nil
}

// Upload writes a file; see Session. Folders that are missing are made.
func (s *sshSession) Upload(ctx context.Context, file File) error {
	s.options.Log(ctx, fmt.Sprintf("uploading to %s: %s", s.target, file.Destination))
	uploading, stop := context.WithCancel(ctx)
	defer stop()
	files, err := s.files(uploading)
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }() // everything was checked by then
	if err := s.writeFile(uploading, files, file); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		var changed *SourceChangedError
		if errors.As(err, &changed) {
			return err
		}
		return fmt.Errorf("uploading %s to %s: %w", file.Destination, s.target.address(), err)
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
		return fmt.Errorf("making the directory: %w", err)
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

// send writes the content under a temporary name and checks what arrived.
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
	// ReadFrom would wait for the answer to each packet before it sends the
	// next: it overlaps them only where it can ask the reader for its size.
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
		return fmt.Errorf("what arrived has the sha256 %s, and what was sent %s", arrived, sent)
	}
	mode := file.Mode
	if mode == 0 {
		mode = defaultMode
	}
	return files.Chmod(part, mode)
}

// replace puts a finished file in place in one step. Not every server can do
// that over a file that exists.
func replace(files *sftp.Client, part, destination string) error {
	if err := files.PosixRename(part, destination); err == nil {
		return nil
	}
	if err := files.Remove(destination); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return files.Rename(part, destination)
}

// discard removes an unfinished file, also when ctx has ended.
func (s *sshSession) discard(ctx context.Context, part string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	files, err := s.files(ctx)
	if err != nil {
		return // the connection is lost, and with it the way to remove anything
	}
	_ = files.Remove(part) // it may never have come to be
	_ = files.Close()
}

var sumLine = regexp.MustCompile(`^\\?([0-9a-f]{64}) `)

// digest is the sha256 of a file on the server: computed there, or here from
// what is read back where the server has no program for it.
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
		return nil, fmt.Errorf("reading %s on %s: %w", at, s.target.address(), err)
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s on %s: %w", at, s.target.address(), errors.Join(context.Cause(ctx), err))
	case int64(len(text)) > limit:
		return nil, fmt.Errorf("reading %s on %s: it is larger than %d bytes", at, s.target.address(), limit)
	}
	return text, nil
}
