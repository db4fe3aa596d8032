// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	// maxLogins is the maximum number of connections that have not logged in.
	maxLogins = 100
	// maxLoginsOfAddress is the maximum number of connections from one address that have
	// not logged in.
	maxLoginsOfAddress = 50
	// maxHeld is the maximum number of connections that are held because they
	// exceed these limits.
	maxHeld = 100
	// holdTime is how long a held connection may stay silent, on the host's clock. SSH
	// clients send their version at once.
	holdTime = 2 * time.Second
)

// doorman admits SSH clients. Like OpenSSH with MaxStartups and PerSourceMaxStartups,
// it has separate limits for connections that have not logged in, so that they do not
// block clients that log in. A connection over a limit is held until it sends its first
// byte. It then replaces the oldest connection that has not logged in, which will
// probably never log in.
type doorman struct {
	clients chan struct{} // holds one element for each client that has logged in

	held chan struct{} // holds one element for each held connection

	mu      sync.Mutex
	waiting []net.Conn // without a login, oldest first
}

func newDoorman() *doorman {
	return &doorman{clients: make(chan struct{}, maxConnections), held: make(chan struct{}, maxHeld)}
}

// login waits at most loginGrace for the login of a client. It returns a function that
// must be called when the client has gone. If the login fails or too many clients are
// logged in, login closes the connection and returns false.
func (d *doorman) login(conn net.Conn, config *ssh.ServerConfig) (*ssh.ServerConn, <-chan ssh.NewChannel, <-chan *ssh.Request, func(), bool) {
	served := conn
	if !d.enter(conn, false) {
		first, ok := d.hold(conn)
		if !ok {
			_ = conn.Close()
			return nil, nil, nil, nil, false
		}
		served = &startedConn{conn, first}
		d.enter(conn, true)
	}
	_ = conn.SetDeadline(time.Now().Add(loginGrace)) // fails only if conn is closed
	server, channels, requests, err := ssh.NewServerConn(served, config)
	d.leave(conn)
	if err != nil {
		_ = conn.Close() // NewServerConn has informed the client
		return nil, nil, nil, nil, false
	}
	_ = conn.SetDeadline(time.Time{})
	select {
	case d.clients <- struct{}{}:
		return server, channels, requests, func() { <-d.clients }, true
	default:
		_ = conn.Close() // OpenSSH also closes connections over its limit
		return nil, nil, nil, nil, false
	}
}

// hold waits for the first byte of a connection and returns it.
func (d *doorman) hold(conn net.Conn) (first []byte, ok bool) {
	select {
	case d.held <- struct{}{}:
		defer func() { <-d.held }()
	default:
		return nil, false
	}
	_ = conn.SetReadDeadline(time.Now().Add(holdTime)) // fails only if conn is closed
	first = make([]byte, 1)
	n, _ := conn.Read(first)
	return first, n == 1
}

// startedConn is a connection whose first bytes have already been read.
type startedConn struct {
	net.Conn
	first []byte
}

// Read implements io.Reader.
func (c *startedConn) Read(p []byte) (int, error) {
	if len(c.first) > 0 {
		n := copy(p, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// enter records a connection that has not logged in. If that exceeds a limit, enter
// closes the oldest such connection if replace is true; otherwise it records nothing
// and returns false.
func (d *doorman) enter(conn net.Conn, replace bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = append(d.waiting, conn)
	ofAddress, oldest := 0, -1
	for i, other := range d.waiting {
		if addressOf(other) == addressOf(conn) {
			if ofAddress++; oldest < 0 {
				oldest = i
			}
		}
	}
	switch {
	case ofAddress > maxLoginsOfAddress:
	case len(d.waiting) > maxLogins:
		oldest = 0
	default:
		return true
	}
	if !replace {
		d.waiting = d.waiting[:len(d.waiting)-1]
		return false
	}
	_ = d.waiting[oldest].Close() // this also ends the goroutine that serves it
	d.waiting = append(d.waiting[:oldest], d.waiting[oldest+1:]...)
	return true
}

// leave stops counting a connection that has logged in or has ended.
func (d *doorman) leave(conn net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, other := range d.waiting {
		if other == conn {
			d.waiting = append(d.waiting[:i], d.waiting[i+1:]...)
			return
		}
	}
}

// addressOf returns the address of a client without its port.
func addressOf(conn net.Conn) string {
	host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
	if err != nil {
		return conn.RemoteAddr().String()
	}
	return host
}
