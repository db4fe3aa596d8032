// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	maxAuthTries = 6
	// loginGrace is the time limit for a login, on the host's clock.
	loginGrace = time.Minute
	// acceptRetryDelay is the wait after a failed accept, on the host's clock.
	acceptRetryDelay = 10 * time.Millisecond
	// maxChannels is the maximum number of commands and forwarded ports that one
	// client may have open.
	maxChannels = 16
)

var errRejected = errors.New("rejected")

// serveSSH serves SSH on the public address until the boot ends.
func (g *guest) serveSSH(ctx context.Context, sys *runningSystem) error {
	config, err := g.sshConfig()
	if err != nil {
		return err
	}
	listener, err := g.listen(sys, g.host.options.SSHPort)
	if err != nil {
		return err
	}
	sys.running.Go(func() {
		for {
			conn, err := listener.Accept()
			switch {
			case err != nil && (ctx.Err() != nil || errors.Is(err, net.ErrClosed)):
				return // the guest goes down
			case err != nil: // usually too many open files on the host
				pause(ctx, acceptRetryDelay)
				continue
			}
			sys.running.Go(func() { g.connection(ctx, sys, conn, config) })
		}
	})
	return nil
}

func (g *guest) sshConfig() (*ssh.ServerConfig, error) {
	signer, err := hostKeyOf(g.device.read().HostKey)
	if err != nil {
		return nil, fmt.Errorf("parse the host key of the guest: %w", err)
	}
	config := &ssh.ServerConfig{
		MaxAuthTries:  maxAuthTries,
		ServerVersion: "SSH-2.0-gogrid-guest",
		PasswordCallback: func(conn ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			return nil, g.checkPassword(conn.User(), password)
		},
		PublicKeyCallback: func(conn ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			return nil, g.checkKey(conn.User(), key)
		},
	}
	config.AddHostKey(signer)
	return config, nil
}

func (g *guest) checkPassword(user string, password []byte) error {
	a, known := g.device.read().Accounts[user]
	if !known || a.Password == "" || subtle.ConstantTimeCompare([]byte(a.Password), password) != 1 {
		return errRejected
	}
	return nil
}

// checkKey compares the key with ~/.ssh/authorized_keys on the guest's disk, as
// OpenSSH does.
func (g *guest) checkKey(user string, key ssh.PublicKey) error {
	a, known := g.device.read().Accounts[user]
	if !known {
		return errRejected
	}
	text, err := readFile(g.disk, path.Join(a.Home, ".ssh/authorized_keys"))
	if err != nil {
		return errRejected
	}
	for rest := []byte(text); len(rest) > 0; {
		var found ssh.PublicKey
		if found, _, _, rest, err = ssh.ParseAuthorizedKey(rest); err != nil {
			break
		}
		if subtle.ConstantTimeCompare(found.Marshal(), key.Marshal()) == 1 {
			return nil
		}
	}
	return errRejected
}

// connection serves one client until the client disconnects or the guest goes
// down.
func (g *guest) connection(ctx context.Context, sys *runningSystem, conn net.Conn, config *ssh.ServerConfig) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	server, channels, requests, leave, ok := sys.clients.login(conn, config)
	if !ok {
		return
	}
	defer leave()
	sys.running.Go(func() { ssh.DiscardRequests(requests) }) // also answers keepalives
	open := make(chan struct{}, maxChannels)
	for channel := range channels {
		serve := g.forward
		switch channel.ChannelType() {
		case "session":
			serve = func(ctx context.Context, channel ssh.NewChannel) { g.session(ctx, sys, server.User(), channel) }
		case "direct-tcpip":
		default:
			_ = channel.Reject(ssh.UnknownChannelType, "not known") // fails only if the client has disconnected
			continue
		}
		select {
		case open <- struct{}{}:
			sys.running.Go(func() {
				defer func() { <-open }()
				serve(ctx, channel)
			})
		default:
			_ = channel.Reject(ssh.ResourceShortage, "too many channels are open") // fails only if the client has disconnected
		}
	}
}

// forward connects a channel to another guest or to Cloud Storage. It never
// connects to the host's own network.
func (g *guest) forward(ctx context.Context, request ssh.NewChannel) {
	var to struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if err := ssh.Unmarshal(request.ExtraData(), &to); err != nil {
		_ = request.Reject(ssh.ConnectionFailed, "the request cannot be read")
		return
	}
	conn, err := g.dial(ctx, to.Host, int(to.Port))
	if err != nil {
		_ = request.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	defer func() { _ = conn.Close() }()
	channel, requests, err := request.Accept()
	if err != nil {
		return
	}
	defer func() { _ = channel.Close() }()
	go ssh.DiscardRequests(requests)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(channel, conn)
		_ = channel.CloseWrite()
	}()
	_, _ = io.Copy(conn, channel)
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	<-done
}

// dial connects to a port of a guest, by its public or private address, or to
// Cloud Storage. It reaches only ports that the guest itself serves, because a
// service of the host may listen on the same address.
func (g *guest) dial(ctx context.Context, host string, port int) (net.Conn, error) {
	if g.isStorage(host) {
		return g.dialStorage(ctx, port)
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return nil, fmt.Errorf("%s: only addresses of the grid's servers can be reached", host)
	}
	other := g.host.guestAt(g.server().Account, ip)
	if other == nil {
		return nil, fmt.Errorf("%s: no server of the grid has this address", host)
	}
	sys := other.current()
	address := net.JoinHostPort(other.server().PublicIP.String(), strconv.Itoa(port))
	refused := fmt.Errorf("%s: Connection refused", net.JoinHostPort(host, strconv.Itoa(port)))
	at := ""
	if sys != nil {
		at = sys.hostAddress(address)
	}
	if at == "" {
		return nil, refused
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", at)
	if err == nil && sys.hostAddress(address) == "" { // the guest has closed the port, so another process may have answered
		return nil, errors.Join(refused, conn.Close())
	}
	return conn, err
}
