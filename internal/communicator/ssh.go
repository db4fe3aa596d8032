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
	"time"

	"golang.org/x/crypto/ssh"
)

// closeTimeout limits how long closing a connection may take. Closing blocks only if a
// bastion no longer accepts data.
const closeTimeout = 5 * time.Second

// sshSession is a login over SSH.
type sshSession struct {
	target  Target
	options Options
	client  *ssh.Client
	keys    *hostKeyChecker
	redact  redactor
	closers []func() error // in the order of closing
	done    chan struct{}
	once    sync.Once
}

// dialSSH connects, through the bastion if there is one, and logs in.
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

// dialBastion logs in to the server that forwards the connection.
func dialBastion(ctx context.Context, bastion Target, options Options) (*sshSession, error) {
	bastion.Protocol = SSH
	session, err := dialSSH(ctx, bastion.WithDefaults(), options)
	if err != nil {
		return nil, fmt.Errorf("the bastion: %w", err)
	}
	return session.(*sshSession), nil
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// open connects and logs in within Options.Handshake. When the limit expires, open
// closes the connection, which ends the handshake.
func (s *sshSession) open(ctx context.Context, dial dialFunc) error {
	config, err := s.config()
	if err != nil {
		return err
	}
	progress := &handshakeProgress{}
	ctx, stop := withLimit(ctx, s.options.Network, s.options.Handshake, func() error {
		return &StepError{Step: progress.step(), After: s.options.Handshake}
	})
	defer stop()
	conn, err := s.connect(ctx, dial)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", s.target.address(), err)
	}
	progress.connected(conn, config)
	closing := context.AfterFunc(ctx, func() { _ = conn.Close() })
	client, err := awaitStep(ctx, patience{}, progress.step(), func() (*ssh.Client, error) {
		client, channels, requests, err := ssh.NewClientConn(progress, s.target.address(), config)
		if err != nil {
			return nil, err
		}
		return ssh.NewClient(client, channels, requests), nil
	}, nil)
	closing()
	if ctx.Err() != nil {
		err = endOf(ctx, progress.step())
	}
	if err != nil {
		_ = conn.Close() // the handshake error matters more
		return s.explain(err)
	}
	s.client = client
	s.closers = append([]func() error{client.Close}, s.closers...)
	return nil
}

// connect opens the connection to the server.
func (s *sshSession) connect(ctx context.Context, dial dialFunc) (net.Conn, error) {
	conn, err := awaitStep(ctx, patience{}, stepConnect, func() (net.Conn, error) {
		return dial(ctx, "tcp", s.target.address())
	}, func(late net.Conn) { _ = late.Close() })
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, endOf(ctx, stepConnect)
	case err != nil:
		return nil, err
	case s.target.Bastion != nil: // forwarded connections do not support deadlines
		return conn, nil
	}
	return &writeLimitConn{conn, s.options.Idle}, nil
}

// endOf returns the error for a step that ended early because ctx ended.
func endOf(ctx context.Context, step string) error {
	var limit *StepError
	if cause := context.Cause(ctx); !errors.As(cause, &limit) {
		return &StepError{Step: step, Err: cause}
	}
	return limit
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
	offered := offeredAlgorithms(s.target.InsecureAlgorithms)
	if pinned := keys.algorithms(); len(pinned) > 0 {
		offered.hostKeys = pinned
	}
	return &ssh.ClientConfig{
		Config: ssh.Config{KeyExchanges: offered.keyExchanges, Ciphers: offered.ciphers, MACs: offered.macs},
		User:   s.target.Username, Auth: methods,
		HostKeyCallback: keys.check, HostKeyAlgorithms: offered.hostKeys,
	}, nil
}

// methods returns the authentication methods in the order in which they are
// tried: the private key, the password, and keyboard-interactive with the
// password, which is the only way in which some servers accept passwords.
func (s *sshSession) methods() ([]ssh.AuthMethod, error) {
	var all []ssh.AuthMethod
	if s.target.PrivateKey != "" {
		key, err := signer(s.target.PrivateKey, s.target.Passphrase)
		if err != nil {
			return nil, &permanentError{fmt.Errorf("read the private key for %s: %w", s.target, err)}
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

// explain converts a handshake error into one that names the server and the
// cause.
func (s *sshSession) explain(err error) error {
	var changed *HostKeyError
	var negotiation *ssh.AlgorithmNegotiationError
	switch {
	case errors.As(err, &changed):
		return &permanentError{changed}
	case errors.As(err, &negotiation):
		return &permanentError{fmt.Errorf("log in to %s: %w", s.target.address(), s.algorithmError(negotiation))}
	case isAuthRejection(err.Error()):
		return &AuthError{Account: s.target.String(), Tried: s.offered(), Err: errors.New(s.redact.text(err.Error()))}
	}
	return fmt.Errorf("log in to %s: %w", s.target.address(), &redactedError{s.redact.text(err.Error()), err})
}

// isAuthRejection reports whether the text of a handshake error describes a
// rejected login. The second text appears if the server does not support
// keyboard-interactive authentication, because golang.org/x/crypto/ssh does not
// expect the message with which such a server rejects that method.
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

// keepAliveRequest is a request that every server answers; servers that do not
// know it reject it.
const keepAliveRequest = "keepalive@openssh.com"

// keepAlive sends keepalive requests and closes the connection if the server
// does not answer one, because a frozen server leaves its connections open.
// Even a rejection counts as an answer.
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
			_, _, err := s.client.SendRequest(keepAliveRequest, true, nil)
			answered <- err
		}()
		timer.Reset(interval)
		select {
		case err := <-answered:
			if err != nil {
				return // the connection has ended; each pending operation gets its own error
			}
		case <-timer.Chan():
			_ = s.client.Close() // makes every operation that waits for the server return
			return
		case <-s.done:
			return
		}
		timer.Reset(interval)
	}
}

// HostKey returns the key that the server presented; see Session.
func (s *sshSession) HostKey() string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.keys.shown)))
}

// Close ends the login and the login to the bastion. It waits at most closeTimeout for
// each connection.
func (s *sshSession) Close() error {
	var err error
	s.once.Do(func() {
		close(s.done)
		for _, closer := range s.closers {
			closed := s.closeWithin(closer)
			if closed != nil && !errors.Is(closed, net.ErrClosed) {
				err = errors.Join(err, closed)
			}
		}
	})
	return err
}

// closeWithin closes a connection. It returns a *StepError after closeTimeout.
func (s *sshSession) closeWithin(closer func() error) error {
	done := make(chan error, 1)
	go func() { done <- closer() }()
	timer := s.options.Network.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.Chan():
		return &StepError{Step: stepClose, After: closeTimeout}
	}
}
