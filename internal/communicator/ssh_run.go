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
	// marker begins the first line on standard error of every command: the id
	// of its process group follows, by which it can be ended.
	marker = "gogrid-group:"
	// terminateTimeout is how long an ended command may take to end.
	terminateTimeout = 3 * time.Second
	// cleanupTimeout bounds all of the ending.
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

// name is what a command is called: its name, or itself as a person would write
// it.
func (c Command) name() string {
	switch {
	case c.Name != "":
		return c.Name
	case c.Script != "":
		return c.Script
	}
	return quoteAll(c.Argv)
}

// program is the shell to start and what it reads. The whole text is one
// compound command, so that the shell has read all of it before it runs any of
// it: what the command reads from its standard input is not the script.
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

// uploadScript puts a script that no shell can run into a file of its own.
func (s *sshSession) uploadScript(ctx context.Context, script string) (string, func(), error) {
	at := "/tmp/gogrid-" + randomText()
	err := s.Upload(ctx, File{Destination: at, Mode: 0o700, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(script)), nil
	}})
	remove := func() {
		files, err := s.files(ctx)
		if err == nil {
			_ = files.Remove(at) // of a server that is gone there is nothing to remove
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

// execution is one command on its way.
type execution struct {
	shell  string
	stdin  string
	name   string
	output func(string)
}

// execute runs a shell, gives it its text and waits for it.
func (s *sshSession) execute(ctx context.Context, e execution) error {
	session, err := s.client.NewSession()
	if err != nil {
		return s.connectionLost(e.name, err)
	}
	defer func() { _ = session.Close() }() // it has ended by itself unless it was lost
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
		return &ExitError{Name: e.name, Code: exit.ExitStatus(), Signal: exit.Signal(), Tail: sink.lastLines()}
	}
	return s.connectionLost(e.name, err)
}

// lost explains a connection that broke.
func (s *sshSession) connectionLost(name string, err error) error {
	return fmt.Errorf("the connection to %s was lost while running %q; a server that gives no sign of life for %s counts as lost: %w",
		s.target.address(), name, s.options.Idle, err)
}

// end ends a command with all its children: by the signal that SSH has for
// it, and by a second command, as not every server passes signals on and none
// passes them to children. Closing the channel alone would leave it running.
func (s *sshSession) terminate(session *ssh.Session, group func() string, ended <-chan struct{}) {
	limit := s.options.Network.NewTimer(cleanupTimeout)
	defer limit.Stop()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for _, signal := range []ssh.Signal{ssh.SIGTERM, ssh.SIGKILL} {
			_ = session.Signal(signal) // the second command is for servers that do not take it
			s.kill(signal, group())
			timer := s.options.Network.NewTimer(terminateTimeout)
			select {
			case <-ended:
				timer.Stop()
				if signal == ssh.SIGTERM {
					s.kill(ssh.SIGKILL, group()) // children that it left
				}
				return
			case <-timer.Chan():
			}
		}
	}()
	select {
	case <-finished:
	case <-limit.Chan():
		_ = s.client.Close() // the server does not answer any more
	}
}

func (s *sshSession) kill(signal ssh.Signal, group string) {
	if group == "" {
		return
	}
	session, err := s.client.NewSession()
	if err != nil {
		return // then the connection has ended
	}
	defer func() { _ = session.Close() }()
	_ = session.Run(fmt.Sprintf("kill -%s -- -%s 2>/dev/null", signal, group)) // there may be nobody left to end
}

// groupReader takes the first line off what a command writes to standard
// error: the id of its process group.
type groupReader struct {
	next  *lines
	first []byte
	seen  bool
	id    atomic.Value
}

// group is the id, empty while it has not arrived.
func (g *groupReader) group() string {
	id, _ := g.id.Load().(string)
	return id
}

// Write passes everything on but the first line.
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
