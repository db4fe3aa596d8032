// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	// marker starts the first line that every command writes to standard error.
	// The id of its process group follows, which is needed to terminate it.
	marker = "gogrid-group:"
	// terminateTimeout limits how long a command may take to end after a signal.
	terminateTimeout = 3 * time.Second
	// cleanupTimeout limits the whole termination of a command, and the removal
	// of an unfinished file.
	cleanupTimeout = 10 * time.Second
)

// Run runs a command; see Session.
func (s *sshSession) Run(ctx context.Context, command Command) error {
	name := s.redact.command(command.name())
	s.options.Log(ctx, fmt.Sprintf("running on %s: %s", s.target, name))
	shell, text, cleanUp, err := s.program(ctx, command)
	if err != nil {
		return err
	}
	defer cleanUp()
	return s.execute(ctx, execution{shell: shell, stdin: text, name: name, output: command.Output})
}

// name returns Command.Name or, if that is empty, the command itself.
func (c Command) name() string {
	switch {
	case c.Name != "":
		return c.Name
	case c.Script != "":
		return c.Script
	}
	return quoteAll(c.Argv)
}

// program returns the shell to start and the text for its standard input. The
// text is one compound command, so the shell reads it completely before it runs
// any of it. The command itself gets an empty standard input.
func (s *sshSession) program(ctx context.Context, command Command) (shell, text string, cleanUp func(), err error) {
	environment, err := exports(command.Environment)
	if err != nil {
		return "", "", nil, err
	}
	cleanUp = func() {}
	body, shell := command.Script, "/bin/sh"
	switch {
	case len(command.Argv) > 0:
		body = "exec " + quoteAll(command.Argv)
	case strings.TrimSpace(body) == "":
		return "", "", nil, errors.New("there is no command to run")
	default:
		var other bool
		if shell, other = interpreter(body); other {
			if body, cleanUp, err = s.uploadScript(ctx, body); err != nil {
				return "", "", nil, err
			}
			shell = "/bin/sh"
		}
	}
	return shell + " -s", environment + "{\n" + body + "\n} </dev/null\n", cleanUp, nil
}

// uploadScript uploads a script for an interpreter that is not a shell. It
// returns the quoted path of the script and a function that removes it.
func (s *sshSession) uploadScript(ctx context.Context, script string) (string, func(), error) {
	at := "/tmp/gogrid-" + randomText()
	err := s.Upload(ctx, File{Destination: at, Mode: 0o700, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(script)), nil
	}})
	remove := func() {
		files, err := s.files(ctx)
		if err == nil {
			_ = files.Remove(at) // the script is harmless if the server is gone
			_ = files.Close()
		}
	}
	return quote(at), remove, err
}

func randomText() string {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // never fails
	return hex.EncodeToString(random)
}

// execution is a shell to start and the text that it reads.
type execution struct {
	shell  string
	stdin  string
	name   string
	output func(string)
}

// execute runs a shell, sends it the text and waits for its end. If ctx ends
// first, execute terminates the shell and everything that it started.
func (s *sshSession) execute(ctx context.Context, e execution) error {
	session, err := s.client.NewSession()
	if err != nil {
		return s.connectionLost(e.name, err)
	}
	defer func() { _ = session.Close() }() // fails if the session has already ended
	sink := newSink(s.redact, e.output)
	stdout, stderr := &lines{sink: sink}, &groupReader{next: &lines{sink: sink}}
	session.Stdin, session.Stdout, session.Stderr = strings.NewReader(e.stdin), stdout, stderr
	if err := session.Start("echo " + marker + "$$ >&2; exec " + e.shell); err != nil {
		return s.connectionLost(e.name, err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err = session.Wait()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		s.terminate(session, stderr.group, ended)
		return fmt.Errorf("%q was ended: %w", e.name, context.Cause(ctx))
	}
	stdout.finish()
	stderr.next.finish()
	var exit *ssh.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return &ExitError{Name: e.name, Code: exit.ExitStatus(), Signal: s.redact.line(exit.Signal()), Tail: sink.lastLines()}
	}
	return s.connectionLost(e.name, err)
}

// connectionLost explains that the connection broke while a command ran.
func (s *sshSession) connectionLost(name string, err error) error {
	return fmt.Errorf("run %[2]q: the connection to %[1]s was lost; a server that gives no sign of life for %[3]s counts as lost: %[4]w",
		s.target.address(), name, s.options.Idle, err)
}

// terminate ends a command and all its children. It sends an SSH signal and also
// runs kill on the server: some servers ignore SSH signals, and none passes them
// to children. Closing the channel alone would leave the command running.
func (s *sshSession) terminate(session *ssh.Session, group func() string, ended <-chan struct{}) {
	limit := s.options.Network.NewTimer(cleanupTimeout)
	defer limit.Stop()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for _, signal := range []ssh.Signal{ssh.SIGTERM, ssh.SIGKILL} {
			_ = session.Signal(signal) // servers may ignore it, so kill follows
			s.kill(signal, group())
			timer := s.options.Network.NewTimer(terminateTimeout)
			select {
			case <-ended:
				timer.Stop()
				if signal == ssh.SIGTERM {
					s.kill(ssh.SIGKILL, group()) // children may have survived SIGTERM
				}
				return
			case <-timer.Chan():
			}
		}
	}()
	select {
	case <-finished:
	case <-limit.Chan():
		_ = s.client.Close() // the server no longer answers
	}
}

func (s *sshSession) kill(signal ssh.Signal, group string) {
	if group == "" {
		return
	}
	session, err := s.client.NewSession()
	if err != nil {
		return // the connection has ended
	}
	defer func() { _ = session.Close() }()
	_ = session.Run(fmt.Sprintf("kill -%s -- -%s 2>/dev/null", signal, group)) // fails if the group has ended
}

// groupReader removes the first line of standard error, which holds the id of
// the process group, and passes the rest on.
type groupReader struct {
	next  *lines
	first []byte
	seen  bool
	id    atomic.Value
}

// group returns the id of the process group, or an empty string until it has
// arrived.
func (g *groupReader) group() string {
	id, _ := g.id.Load().(string)
	return id
}

// Write passes on everything except the first line.
func (g *groupReader) Write(p []byte) (int, error) {
	if g.seen {
		return g.next.Write(p)
	}
	g.first = append(g.first, p...)
	end := bytes.IndexByte(g.first, '\n')
	if end < 0 {
		return len(p), nil
	}
	g.seen = true
	rest := g.first
	if id, found := strings.CutPrefix(strings.TrimSpace(string(g.first[:end])), marker); found {
		if strings.Trim(id, "0123456789") == "" {
			g.id.Store(id)
		}
		rest = g.first[end+1:]
	}
	_, err := g.next.Write(rest)
	return len(p), err
}
