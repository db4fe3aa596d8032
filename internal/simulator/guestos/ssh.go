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
	// loginGrace bounds a login, in the host's time.
	loginGrace = time.Minute
	// acceptRetryDelay is how long nobody is let in after that failed, in the host's
	// time.
	acceptRetryDelay = 10 * time.Millisecond
	// maxChannels is how many commands and forwarded ports one client may have
	// open at once.
	maxChannels = 16
)

var errRejected = errors.New("rejected")

// serveSSH answers SSH on the public address for as long as the boot lasts.
func (g *guest) serveSSH(ctx context.Context, l *life) error {
	config, err := g.sshConfig()
	if err != nil {
		return err
	}
	listener, err := g.listen(l, g.host.options.SSHPort)
	if err != nil {
		return err
	}
	l.running.Go(func() {
		for {
			conn, err := listener.Accept()
			switch {
			case err != nil && (ctx.Err() != nil || errors.Is(err, net.ErrClosed)):
				return // the guest goes down
			case err != nil: // the host has no more files to give for the moment
				pause(ctx, acceptRetryDelay)
				continue
			}
			select {
			case l.clients <- struct{}{}:
				l.running.Go(func() {
					defer func() { <-l.clients }()
					g.connection(ctx, l, conn, config)
				})
			default:
				_ = conn.Close() // as OpenSSH does when too many have come
			}
		}
	})
	return nil
}

func (g *guest) sshConfig() (*ssh.ServerConfig, error) {
	signer, err := hostKeyOf(g.device.read().HostKey)
	if err != nil {
		return nil, fmt.Errorf("the host key of the guest: %w", err)
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

// checkKey looks the key up where OpenSSH does, on the guest's disk.
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

// connection serves one client until it leaves or the guest goes down.
func (g *guest) connection(ctx context.Context, l *life, conn net.Conn, config *ssh.ServerConfig) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(loginGrace)) // a connection that has none is closed with the guest
	server, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		_ = conn.Close() // who was rejected has been told
		return
	}
	_ = conn.SetDeadline(time.Time{})
	l.running.Go(func() { ssh.DiscardRequests(requests) }) // a keepalive is answered by that
	open := make(chan struct{}, maxChannels)
	for channel := range channels {
		serve := g.forward
		switch channel.ChannelType() {
		case "session":
			serve = func(ctx context.Context, channel ssh.NewChannel) { g.session(ctx, l, server.User(), channel) }
		case "direct-tcpip":
		default:
			_ = channel.Reject(ssh.UnknownChannelType, "not known") // the client has gone, or sees it
			continue
		}
		select {
		case open <- struct{}{}:
			l.running.Go(func() {
				defer func() { <-open }()
				serve(ctx, channel)
			})
		default:
			_ = channel.Reject(ssh.ResourceShortage, "too many channels are open") // likewise
		}
	}
}

// forward connects to another guest, and to nothing else: the host's own
// network is none of a guest's.
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

// dial connects to a port of a guest, by either of its addresses, or to Cloud
// Storage. Only what a
// guest itself serves is reached: behind the same address there may be a service
// of the host that listens on all.
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
	l := other.current()
	address := net.JoinHostPort(other.server().PublicIP.String(), strconv.Itoa(port))
	refused := fmt.Errorf("%s: Connection refused", net.JoinHostPort(host, strconv.Itoa(port)))
	at := ""
	if l != nil {
		at = l.hostAddress(address)
	}
	if at == "" {
		return nil, refused
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", at)
	if err == nil && l.hostAddress(address) == "" { // the guest closed the port, and another process may have answered
		return nil, errors.Join(refused, conn.Close())
	}
	return conn, err
}
