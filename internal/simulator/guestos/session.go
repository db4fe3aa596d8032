// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/term"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// maxEnviron is the maximum number of environment variables that a client may
// send.
const maxEnviron = 100

// session is one SSH channel of a login. It runs one command.
type session struct {
	g       *guest
	user    string
	channel ssh.Channel
	environ []string
	pty     bool
	started bool
	end     context.CancelCauseFunc
}

// signalled is the error of a command that a signal from the client has ended.
type signalled struct{ name string }

func (s signalled) Error() string { return "signal " + s.name }

func (g *guest) session(ctx context.Context, sys *runningSystem, user string, request ssh.NewChannel) {
	channel, requests, err := request.Accept()
	if err != nil {
		return
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	s := &session{g: g, user: user, channel: channel, end: end}
	for r := range requests {
		run, ok := s.handle(ctx, r)
		if r.WantReply {
			_ = r.Reply(ok, nil) // fails only if the client has disconnected
		}
		if run == nil {
			continue
		}
		sys.running.Go(func() { // start run after the reply, because run may close the channel immediately
			defer func() { _ = channel.Close() }()
			run()
		})
	}
}

// handle processes one request. run is the function to start, or nil if the
// request starts nothing.
func (s *session) handle(ctx context.Context, r *ssh.Request) (run func(), ok bool) {
	var text struct{ Value string }
	switch r.Type {
	case "env":
		var pair struct{ Name, Value string }
		if ssh.Unmarshal(r.Payload, &pair) != nil || len(s.environ) >= maxEnviron {
			return nil, false
		}
		s.environ = append(s.environ, pair.Name+"="+pair.Value)
		return nil, true
	case "pty-req":
		s.pty = true
		return nil, true
	case "window-change":
		return nil, true
	case "exec":
		if ssh.Unmarshal(r.Payload, &text) != nil {
			return nil, false
		}
		return s.startOnce(func() { s.exec(ctx, text.Value) })
	case "shell":
		if s.pty {
			return s.startOnce(func() { s.interactive(ctx) })
		}
		return s.startOnce(func() { s.exec(ctx, "/bin/sh -s") })
	case "subsystem":
		if ssh.Unmarshal(r.Payload, &text) != nil || text.Value != "sftp" {
			return nil, false
		}
		return s.startOnce(func() { s.transfer(ctx) })
	case "signal":
		if ssh.Unmarshal(r.Payload, &text) != nil {
			return nil, false
		}
		if slices.Contains([]string{"TERM", "KILL", "INT", "HUP", "QUIT"}, text.Value) {
			s.end(signalled{text.Value})
		}
		return nil, true
	}
	return nil, false
}

// startOnce returns run and true when it is first called, and nil and false
// afterwards: a session runs only one command.
func (s *session) startOnce(run func()) (func(), bool) {
	if s.started {
		return nil, false
	}
	s.started = true
	return run, true
}

// exec runs a command line and sends its exit code.
func (s *session) exec(ctx context.Context, text string) {
	input, stop := s.input(ctx)
	defer stop()
	code, err := s.g.shell(s.user).Run(ctx, shell.Script{
		Text: text, Environ: s.environ, Stdin: input, Stdout: s.channel, Stderr: s.channel.Stderr(),
	})
	s.exit(code, err)
}

// input returns a reader of the client's data. The reader reports the end of
// the input when ctx ends, so that a command that waits for input can end.
func (s *session) input(ctx context.Context) (io.Reader, func()) {
	reader, writer := io.Pipe()
	go func() {
		_, err := io.Copy(writer, s.channel)
		_ = writer.CloseWithError(err)
	}()
	stop := context.AfterFunc(ctx, func() { _ = writer.Close() })
	return reader, func() {
		stop()
		_ = reader.Close()
	}
}

// exit sends the exit code or the signal of the command to the client.
func (s *session) exit(code int, err error) {
	var signal signalled
	if errors.As(err, &signal) {
		_, _ = s.channel.SendRequest("exit-signal", false, ssh.Marshal(struct {
			Name    string
			Dumped  bool
			Message string
			Tag     string
		}{signal.name, false, "", ""})) // fails only if the client has disconnected
		return
	}
	_, _ = s.channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{uint32(code)})) //nolint:gosec // an exit code is a byte
}

// interactive runs a shell on the client's terminal.
func (s *session) interactive(ctx context.Context) {
	prompt := fmt.Sprintf("[%s@%s ~]# ", s.user, s.g.Hostname())
	terminal := term.NewTerminal(s.channel, prompt)
	if text, err := readFile(s.g.files(), "/etc/motd"); err == nil {
		_, _ = io.WriteString(terminal, text)
	}
	stop := context.AfterFunc(ctx, func() { _ = s.channel.Close() })
	defer stop()
	code, err := s.g.shell(s.user).Interactive(ctx, shell.Script{
		Environ: append(s.environ, "TERM=xterm"), Stdin: strings.NewReader(""), Stdout: terminal, Stderr: terminal,
	}, terminal.ReadLine)
	s.exit(code, err)
}

// transfer serves the guest's files over SFTP.
func (s *session) transfer(ctx context.Context) {
	home := s.g.shell(s.user).Home
	server := sftp.NewRequestServer(s.channel, s.g.handlers(home), sftp.WithStartDirectory(home))
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(); err != nil && !errors.Is(err, io.EOF) {
		s.exit(1, nil)
		return
	}
	s.exit(0, nil)
}
