// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"bytes"
	"net"
	"sync/atomic"

	"golang.org/x/crypto/ssh"
)

// handshakeProgress is the connection of a handshake. For error messages, it
// records the step that the handshake has reached.
type handshakeProgress struct {
	net.Conn
	reached atomic.Value // a string
	seen    []byte       // what the server sent in the first step; only the handshake reads
}

// connected starts to observe a handshake on a connection.
func (p *handshakeProgress) connected(conn net.Conn, config *ssh.ClientConfig) {
	p.Conn = conn
	p.reached.Store(stepVersion)
	check := config.HostKeyCallback
	config.HostKeyCallback = func(host string, remote net.Addr, key ssh.PublicKey) error {
		err := check(host, remote, key)
		p.reached.Store(stepLogIn)
		return err
	}
}

// step returns the step that the handshake has reached.
func (p *handshakeProgress) step() string {
	if reached, ok := p.reached.Load().(string); ok {
		return reached
	}
	return stepConnect
}

// maxGreeting is the number of bytes that Read searches for the server's SSH version.
const maxGreeting = 4 << 10

// Read detects the server's SSH version, which may come after other lines of
// text.
func (p *handshakeProgress) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if p.step() != stepVersion {
		return n, err
	}
	p.seen = append(p.seen, b[:n]...)
	at := bytes.LastIndex(p.seen, []byte("SSH-"))
	if at >= 0 && bytes.IndexByte(p.seen[at:], '\n') >= 0 || len(p.seen) > maxGreeting {
		p.reached.Store(stepKeys)
		p.seen = nil
	}
	return n, err
}
