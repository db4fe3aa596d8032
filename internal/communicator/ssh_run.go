// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	// drainQuiet is how long a process may hold the output of a command that has
	// ended, without printing anything.
	drainQuiet = 5 * time.Second
	// drainLimit limits how long such a process is waited for even if it prints.
	drainLimit = 30 * time.Second
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
		if shell, other = interpreter(body); other || strings.ContainsAny(shell, `'\!`) {
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
	remove := func() { s.remove(ctx, at) } // the script is harmless if the server is gone
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
	mark := newMark()
	sink := newSink(s.redact, e.output)
	defer sink.close() // the output may go on after the command
	stdout, stderr := &lines{sink: sink}, newMarkReader(mark, &lines{sink: sink})
	process, err := s.startProcess(ctx, mark.commandLine(e.shell), e.stdin, stdout, stderr)
	if err != nil {
		return s.explainRun(ctx, e.name, err)
	}
	defer process.close()

	// Wait until the shell proves that it runs, then until it ends.
	_, err = awaitStep(ctx, s.workLimit(), stepShell, func() (struct{}, error) {
		select {
		case <-stderr.found:
		case <-process.over:
		}
		return struct{}{}, nil
	}, nil)
	if err == nil {
		select {
		case <-process.over:
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	if err != nil {
		s.terminate(process, stderr.group)
		return s.explainRun(ctx, e.name, err)
	}

	// Read the rest of the output.
	code, signal, exited := process.result()
	if !s.drain(ctx, process) && ctx.Err() == nil {
		s.options.Log(ctx, fmt.Sprintf("running on %s: %s has ended, but another process that it started keeps its output open. "+
			"That process is left running, and the rest of its output is dropped", s.target, e.name))
	}
	stdout.finish()
	stderr.finish()
	signal = s.redact.line(signal)
	ending := fmt.Sprintf("ended with code %d", code)
	if signal != "" {
		ending = "was ended by signal " + signal
	} else if !exited {
		ending = "closed the session without an exit code"
	}
	switch {
	case !exited && !s.alive(ctx):
		return s.connectionLost(e.name, io.ErrUnexpectedEOF)
	case stderr.group() == "":
		return &NoShellError{Account: s.target.String(), Name: e.name, End: ending, Output: sink.lastLines()}
	case !exited:
		return fmt.Errorf("run %q: the server %s", e.name, ending)
	case code != 0 || signal != "":
		return &ExitError{Name: e.name, Code: code, Signal: signal, Tail: sink.lastLines()}
	}
	return nil
}

// explainRun names the command in an error that ended it.
func (s *sshSession) explainRun(ctx context.Context, name string, err error) error {
	var step *StepError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%q was ended: %w", name, err)
	case errors.As(err, &step):
		return fmt.Errorf("run %q on %s: %w", name, s.target.address(), err)
	case !s.alive(ctx):
		return s.connectionLost(name, err)
	}
	return fmt.Errorf("run %q on %s: %w", name, s.target.address(), err)
}

// alive reports whether the server still answers.
func (s *sshSession) alive(ctx context.Context) bool {
	_, err := awaitStep(ctx, s.answerLimit(), "answer a keepalive", func() (bool, error) {
		_, _, err := s.client.SendRequest(keepAliveRequest, true, nil)
		return true, err
	}, nil)
	return err == nil
}

// connectionLost returns the error for a connection that broke while a command ran.
func (s *sshSession) connectionLost(name string, err error) error {
	return &lostError{name: name, address: s.target.address(), idle: s.options.Idle, err: err}
}

// terminate ends a command and all its children. It sends an SSH signal and also
// runs kill on the server: some servers ignore SSH signals, and none passes them
// to children. Closing the channel alone would leave the command running.
func (s *sshSession) terminate(p *process, group func() string) {
	limit := s.options.Network.NewTimer(cleanupTimeout)
	defer limit.Stop()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for _, signal := range []ssh.Signal{ssh.SIGTERM, ssh.SIGKILL} {
			p.sendSignal(signal) // servers may ignore it, so kill follows
			s.kill(signal, group())
			timer := s.options.Network.NewTimer(terminateTimeout)
			select {
			case <-p.over:
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

// kill signals a process group on the server. If the login shell did not make the
// command the leader of its group, kill signals the command alone.
func (s *sshSession) kill(signal ssh.Signal, group string) {
	if group == "" {
		return
	}
	session, err := s.client.NewSession()
	if err != nil {
		return // the connection has ended
	}
	defer func() { _ = session.Close() }()
	_ = session.Run(inShell(fmt.Sprintf("kill -s %[1]s -- -%[2]s 2>/dev/null || kill -s %[1]s %[2]s 2>/dev/null", signal, group))) // fails if the group has ended
}
