// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// files is an SFTP client on its own channel. Each of its operations is a step of
// the session.
type files struct {
	session *sshSession
	client  *sftp.Client
	stream  *sftpStream
}

// openFiles opens an SFTP client. ctx applies only to opening it.
func (s *sshSession) openFiles(ctx context.Context) (*files, error) {
	opened, err := s.startSFTP(ctx)
	if err != nil {
		return nil, fmt.Errorf("open SFTP on %s: %w", s.target.address(), err)
	}
	return opened, nil
}

func (s *sshSession) startSFTP(ctx context.Context) (*files, error) {
	channel, requests, err := s.openChannel(ctx)
	if err != nil {
		return nil, err
	}
	go ssh.DiscardRequests(requests)
	stream := newSFTPStream(channel)
	if err := s.request(ctx, channel, stepSFTP, "subsystem", "sftp"); err != nil {
		_ = stream.Close() // never fails
		return nil, err
	}
	client, err := awaitStep(ctx, s.workLimit(), stepSFTPVersion, func() (*sftp.Client, error) {
		return sftp.NewClientPipe(stream, &privateWriter{stream}, sftp.UseConcurrentWrites(true))
	}, nil)
	if err != nil {
		_ = stream.Close() // never fails
		return nil, s.explainSFTP(err, stream)
	}
	return &files{s, client, stream}, nil
}

// explainSFTP adds what the server sent to the error of a failed SFTP start. Usually
// the login shell prints text, which the SFTP client parses as a packet that is "too
// long".
func (s *sshSession) explainSFTP(err error, stream *sftpStream) error {
	var step *StepError
	text := s.redact.line(stream.start())
	if errors.As(err, &step) || text == "" {
		return err
	}
	return fmt.Errorf("%w: the server sent %q instead. The account's login shell or a forced command prints text: "+
		"let the files that the shell reads, such as .bashrc, print only in interactive sessions", err, text)
}

// abandon closes the channel without waiting for the server. Operations in progress
// end with an error.
func (f *files) abandon() { _ = f.stream.Close() }

// do runs one operation. If the server makes no progress within the limit, or ctx ends,
// do closes the channel and returns an error.
func do[T any](ctx context.Context, f *files, step string, run func() (T, error)) (T, error) {
	limit := f.session.workLimit()
	limit.progress = &f.stream.progress
	value, err := awaitStep(ctx, limit, step, run, nil)
	var silent *StepError
	if errors.As(err, &silent) {
		f.abandon()
	}
	return value, err
}

// try is like do, for operations without a result.
func try(ctx context.Context, f *files, step string, run func() error) error {
	_, err := do(ctx, f, step, func() (struct{}, error) { return struct{}{}, run() })
	return err
}

// maxQuoted is the number of leading bytes of SFTP server output that are kept for
// errors.
const maxQuoted = 300

// sftpStream is the byte stream of an SFTP client. Unlike a bare channel, it ends as
// soon as it is closed, even if the server no longer answers.
type sftpStream struct {
	channel  ssh.Channel
	reader   *io.PipeReader
	progress atomic.Int64 // bytes in both directions

	mu    sync.Mutex
	first []byte // what the server sent first
}

func newSFTPStream(channel ssh.Channel) *sftpStream {
	reader, writer := io.Pipe()
	s := &sftpStream{channel: channel, reader: reader}
	go func() {
		_, err := io.CopyBuffer(writer, io.TeeReader(channel, keepStart{s}), make([]byte, 64<<10))
		_ = writer.CloseWithError(err) // nil means the end of the stream
	}()
	go func() { _, _ = io.Copy(keepStart{s}, channel.Stderr()) }() // ends with the channel
	return s
}

// keepStart keeps the first bytes that the server sent.
type keepStart struct{ stream *sftpStream }

func (k keepStart) Write(p []byte) (int, error) {
	k.stream.keep(p)
	return len(p), nil
}

func (s *sftpStream) keep(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first = append(s.first, p[:min(len(p), maxQuoted-len(s.first))]...)
}

// start returns the first text that the server sent.
func (s *sftpStream) start() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.first)
}

// Read reads data from the server; see io.Reader.
func (s *sftpStream) Read(p []byte) (int, error) {
	n, err := s.reader.Read(p)
	s.progress.Add(int64(n))
	return n, err
}

// Write sends data to the server; see io.Writer.
func (s *sftpStream) Write(p []byte) (int, error) {
	n, err := s.channel.Write(p)
	s.progress.Add(int64(n))
	return n, err
}

// Close ends the stream without waiting for the server. It never fails.
func (s *sftpStream) Close() error {
	_ = s.reader.CloseWithError(io.ErrClosedPipe) // never fails
	go func() { _ = s.channel.Close() }()
	return nil
}
