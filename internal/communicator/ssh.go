// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// sshSession is a login over SSH.
type sshSession struct {
	target  Target
	options Options
	client  *ssh.Client
	keys    *hostKeyChecker
	redact  redactor
	closers []func() error // innermost first
	done    chan struct{}
	once    sync.Once
}

// dialSSH connects, through the bastion where there is one, and logs in.
func dialSSH(ctx context.Context, target Target, options Options) (Session, error) {
	session := &sshSession{
		target: target, options: options, done: make(chan struct{}),
		redact: newRedactor(append(target.secrets(), options.Secrets...)),
	}
	dial := (&net.Dialer{}).DialContext
	if target.Bastion != nil {
		bastion, err := dialBastion(ctx, *target.Bastion, options)
		if err != nil {
			return nil, err
		}
		session.closers = append(session.closers, bastion.Close)
		dial = bastion.client.DialContext
	}
	if err := session.open(ctx, dial); err != nil {
		return nil, errors.Join(err, session.Close())
	}
	go session.keepAlive()
	return session, nil
}

// dialBastion logs in to the server that the connection goes through.
func dialBastion(ctx context.Context, bastion Target, options Options) (*sshSession, error) {
	bastion.Protocol = SSH
	session, err := dialSSH(ctx, bastion.WithDefaults(), options)
	if err != nil {
		return nil, fmt.Errorf("the bastion: %w", err)
	}
	return session.(*sshSession), nil
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// open connects and logs in within the time for a handshake. The time limit of
// ssh.ClientConfig covers connecting only, so the connection gets a deadline.
func (s *sshSession) open(ctx context.Context, dial dialFunc) error {
	config, err := s.config()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Handshake)
	defer cancel()
	dialled, err := dial(ctx, "tcp", s.target.address())
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", s.target.address(), err)
	}
	conn := dialled
	if s.target.Bastion == nil { // a connection through one has no deadlines
		conn = &writeLimitConn{dialled, s.options.Idle}
	}
	stop := context.AfterFunc(ctx, func() { _ = dialled.Close() })
	client, channels, requests, err := ssh.NewClientConn(conn, s.target.address(), config)
	if !stop() {
		err = errors.Join(fmt.Errorf("the server has not answered within %s: %w", s.options.Handshake, context.Cause(ctx)), err)
	}
	if err != nil {
		_ = conn.Close() // it is of no use any more
		return s.explain(err)
	}
	s.client = ssh.NewClient(client, channels, requests)
	s.closers = append([]func() error{s.client.Close}, s.closers...)
	return nil
}

func (s *sshSession) config() (*ssh.ClientConfig, error) {
	keys, err := newHostKeyChecker(s.target)
	if err != nil {
		return nil, err
	}
	s.keys = keys
	methods, err := s.methods()
	if err != nil {
		return nil, err
	}
	return &ssh.ClientConfig{
		User: s.target.Username, Auth: methods,
		HostKeyCallback: keys.check, HostKeyAlgorithms: keys.algorithms(),
	}, nil
}

// methods are the ways to log in: the key first, then the password, which some
// servers ask for as the answer to a question.
func (s *sshSession) methods() ([]ssh.AuthMethod, error) {
	var all []ssh.AuthMethod
	if s.target.PrivateKey != "" {
		key, err := signer(s.target.PrivateKey, s.target.Passphrase)
		if err != nil {
			return nil, &permanentError{fmt.Errorf("the private key for %s: %w", s.target, err)}
		}
		all = append(all, ssh.PublicKeys(key))
	}
	if password := s.target.Password; password != "" {
		all = append(all, ssh.Password(password), ssh.KeyboardInteractive(func(_, _ string, questions []string, _ []bool) ([]string, error) {
			answers := make([]string, len(questions))
			for i := range answers {
				answers[i] = password
			}
			return answers, nil
		}))
	}
	return all, nil
}

// explain turns what a handshake ended with into an error for people.
func (s *sshSession) explain(err error) error {
	var changed *HostKeyError
	switch {
	case errors.As(err, &changed):
		return &permanentError{changed}
	case isAuthRejection(err.Error()):
		return &AuthError{Account: s.target.String(), Tried: s.offered(), Err: errors.New(s.redact.text(err.Error()))}
	}
	return fmt.Errorf("logging in to %s: %w", s.target.address(), err)
}

// isAuthRejection tells whether the text of a handshake's error is about a login
// that was rejected. A server that asks no questions rejects the login that
// would answer some with a message that the library does not expect.
func isAuthRejection(text string) bool {
	return strings.Contains(text, "unable to authenticate") || strings.Contains(text, "unexpected message type 51 (expected 60)")
}

func (s *sshSession) offered() string {
	switch {
	case s.target.PrivateKey != "" && s.target.Password != "":
		return "the private key and the password"
	case s.target.PrivateKey != "":
		return "the private key"
	case s.target.Password != "":
		return "the password"
	default:
		return "neither key nor password"
	}
}

// keepAlive asks the server for a sign of life and ends the login when there
// is none: a frozen server breaks no connection. Any answer will do, also that
// the request is unknown.
func (s *sshSession) keepAlive() {
	interval := s.options.Idle / 2
	timer := s.options.Network.NewTimer(interval)
	defer timer.Stop()
	for {
		select {
		case <-timer.Chan():
		case <-s.done:
			return
		}
		answered := make(chan error, 1)
		go func() {
			_, _, err := s.client.SendRequest("keepalive@openssh.com", true, nil)
			answered <- err
		}()
		timer.Reset(interval)
		select {
		case err := <-answered:
			if err != nil {
				return // the connection has ended, and who uses it is told so
			}
		case <-timer.Chan():
			_ = s.client.Close() // which ends all that waits for the server
			return
		case <-s.done:
			return
		}
		timer.Reset(interval)
	}
}

// HostKey is the key that the server showed.
func (s *sshSession) HostKey() string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.keys.shown)))
}

// Close ends the login, and that to the bastion.
func (s *sshSession) Close() error {
	var err error
	s.once.Do(func() {
		close(s.done)
		for _, closer := range s.closers {
			if closed := closer(); closed != nil && !errors.Is(closed, net.ErrClosed) {
				err = errors.Join(err, closed)
			}
		}
	})
	return err
}
