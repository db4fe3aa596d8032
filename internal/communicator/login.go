// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/pkg/sftp"
)

// Login is a login over SSH that no commands are run through: it offers the
// server's file service and connections that the server makes.
type Login struct{ session *sshSession }

// LogIn logs in once over SSH.
func LogIn(ctx context.Context, target Target, options Options) (*Login, error) {
	target.Protocol = SSH
	session, err := Dial(ctx, target, options)
	if err != nil {
		return nil, err
	}
	ssh, ok := session.(*sshSession)
	if !ok {
		return nil, errors.Join(fmt.Errorf("logging in to %s gave no SSH session", target), session.Close())
	}
	return &Login{ssh}, nil
}

// Files opens the file service. Each has a channel of its own, so that closing
// one ends its transfers and no others.
func (l *Login) Files(ctx context.Context) (*sftp.Client, error) {
	type opened struct {
		client *sftp.Client
		err    error
	}
	done := make(chan opened, 1)
	go func() {
		client, err := sftp.NewClient(l.session.client, sftp.UseConcurrentWrites(true))
		done <- opened{client, err}
	}()
	select {
	case got := <-done:
		if got.err != nil {
			return nil, fmt.Errorf("opening SFTP on %s: %w", l.session.target.address(), got.err)
		}
		return got.client, nil
	case <-ctx.Done():
		go func() {
			if late := <-done; late.err == nil {
				_ = late.client.Close() // nobody waits for it any more
			}
		}()
		return nil, context.Cause(ctx)
	}
}

// DialContext has the server connect to an address.
func (l *Login) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return l.session.client.DialContext(ctx, network, address)
}

// HostKey is the key that the server showed, in the form of authorized_keys.
func (l *Login) HostKey() string { return l.session.HostKey() }

// Close ends the login and all that was opened through it.
func (l *Login) Close() error { return l.session.Close() }
