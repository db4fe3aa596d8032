// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm"
)

// windowsSession is a login over WinRM.
type windowsSession struct {
	target  Target
	options Options
	client  *winrm.Client
	bastion *sshSession // nil for a direct connection
	redact  redactor
}

// dialWindows connects, through the bastion if there is one, and logs in.
func dialWindows(ctx context.Context, target Target, options Options) (Session, error) {
	// Basic authentication sends the password in this form.
	secrets := append(target.secrets(), base64.StdEncoding.EncodeToString([]byte(target.Username+":"+target.Password)))
	session := &windowsSession{target: target, options: options, redact: newRedactor(append(secrets, options.Secrets...))}
	if target.Bastion != nil {
		bastion, err := dialBastion(ctx, *target.Bastion, options)
		if err != nil {
			return nil, err
		}
		session.bastion = bastion
	}
	if err := session.open(ctx); err != nil {
		return nil, errors.Join(err, session.Close())
	}
	return session, nil
}

// open logs in within Options.Handshake.
func (s *windowsSession) open(ctx context.Context) error {
	config := winrm.Config{
		Clock: s.options.Network,
		Host:  s.target.Host, Port: s.target.Port, Username: s.target.Username, Password: s.target.Password,
		CACertificates: s.target.CACertificates, Insecure: s.target.Insecure,
		// Poll is how long the server may wait for output, and AnswerMargin how
		// long its answer may take to arrive; their sum must not exceed Idle.
		Poll: s.options.Idle / 2, AnswerMargin: s.options.Idle / 2,
	}
	if s.bastion != nil {
		config.Dial = s.bastion.client.DialContext
	}
	client, err := winrm.New(config)
	if err != nil {
		return &permanentError{err}
	}
	s.client = client
	ctx, stop := withLimit(ctx, s.options.Network, s.options.Handshake, func() error { return &winrm.SilenceError{After: s.options.Handshake} })
	defer stop()
	return s.explain(client.Check(ctx))
}

// explain converts a login error into one that names the server and the cause.
func (s *windowsSession) explain(err error) error {
	if err == nil {
		return nil
	}
	err = &redactedError{s.redact.text(err.Error()), err}
	var rejected *winrm.AuthError
	var refused *winrm.Fault
	var certificate *winrm.CertificateError
	switch {
	case errors.As(err, &rejected), errors.As(err, &refused) && refused.Subcode == "AccessDenied":
		return &AuthError{Account: s.target.String(), Tried: "the password", Err: err}
	case errors.As(err, &certificate):
		return &permanentError{fmt.Errorf("log in to %s: %w", s.target.address(), err)}
	}
	return fmt.Errorf("log in to %s: %w", s.target.address(), err)
}

// redactedError shows an error without secrets, because an answer of the server
// may quote the request.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// Run runs a command; see Session. Scripts must be PowerShell.
func (s *windowsSession) Run(ctx context.Context, command Command) error {
	name := s.redact.command(command.name())
	s.options.Log(ctx, fmt.Sprintf("running on %s: %s", s.target, name))
	if len(command.Argv) == 0 && strings.TrimSpace(command.Script) == "" {
		return errors.New("there is no command to run")
	}
	for variable, value := range command.Environment {
		if err := CheckVariable(variable, value); err != nil {
			return err
		}
	}
	sink := newSink(s.redact, command.Output)
	stdout, stderr := &lines{sink: sink}, &lines{sink: sink}
	code, err := s.client.Run(ctx, winrm.Program{
		Script: command.Script, Argv: command.Argv, Environment: command.Environment, Stdout: stdout, Stderr: stderr,
	})
	stdout.finish()
	stderr.finish()
	switch {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("%q was ended: %w", name, context.Cause(ctx))
	case err != nil:
		return fmt.Errorf("run %q on %s: %w", name, s.target.address(), &redactedError{s.redact.text(err.Error()), err})
	case code != 0:
		return &ExitError{Name: name, Code: code, Tail: sink.lastLines()}
	}
	return nil
}

// HostKey returns an empty string: WinRM uses certificates instead of host keys.
func (s *windowsSession) HostKey() string { return "" }

// Close ends the login and the login to the bastion.
func (s *windowsSession) Close() error {
	if s.client != nil {
		s.client.Close()
	}
	if s.bastion != nil {
		return s.bastion.Close()
	}
	return nil
}
