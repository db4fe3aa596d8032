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

// Login is a login over SSH for file transfer and port forwarding. It does not
// run commands.
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
		return nil, errors.Join(fmt.Errorf("log in to %s: got no SSH session", target), session.Close())
	}
	return &Login{ssh}, nil
}

// Files opens an SFTP client. Each client has its own channel, so closing it
// ends only its own transfers.
func (l *Login) Files(ctx context.Context) (*sftp.Client, error) {
	files, err := l.session.openFiles(ctx)
	if err != nil {
		return nil, err
	}
	return files.client, nil
}

// DialContext makes the server connect to an address and returns the forwarded
// connection.
func (l *Login) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return l.session.client.DialContext(ctx, network, address)
}

// HostKey returns the key that the server presented, in the form of
// authorized_keys.
func (l *Login) HostKey() string { return l.session.HostKey() }

// Close ends the login and closes its SFTP clients and forwarded connections.
func (l *Login) Close() error { return l.session.Close() }
