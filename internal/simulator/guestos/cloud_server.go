// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"net"
	"strconv"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// Serve accepts clients until the storage is closed.
func (c *CloudStorage) Serve() {
	if c.listener != nil {
		c.running.Go(c.accept)
	}
}

func (c *CloudStorage) accept() {
	config := &ssh.ServerConfig{
		MaxAuthTries: maxAuthTries, ServerVersion: "SSH-2.0-gogrid-storage",
		PasswordCallback: func(conn ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			return nil, c.checkLogin(conn.User(), password)
		},
	}
	config.AddHostKey(c.key)
	for {
		conn, err := c.listener.Accept()
		switch {
		case err != nil && (c.ctx.Err() != nil || errors.Is(err, net.ErrClosed)):
			return
		case err != nil: // usually too many open files on the host
			pause(c.ctx, acceptRetryDelay)
			continue
		}
		c.running.Go(func() { c.connection(conn, config) })
	}
}

// checkLogin returns an error unless the user name is the number of an account
// and the password is correct.
func (c *CloudStorage) checkLogin(user string, password []byte) error {
	account, err := strconv.ParseInt(user, 10, 64)
	if err != nil || strconv.FormatInt(account, 10) != user {
		return errRejected
	}
	wanted, known := c.options.Password(account)
	if !known || wanted == "" || subtle.ConstantTimeCompare([]byte(wanted), password) != 1 {
		return errRejected
	}
	return nil
}

// connection serves one client until the client disconnects or the storage is
// closed.
func (c *CloudStorage) connection(conn net.Conn, config *ssh.ServerConfig) {
	stop := context.AfterFunc(c.ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }() // may be closed already
	server, channels, requests, leave, ok := c.clients.login(conn, config)
	if !ok {
		return
	}
	defer leave()
	c.running.Go(func() { ssh.DiscardRequests(requests) }) // also answers keepalives
	account, _ := strconv.ParseInt(server.User(), 10, 64)  // checkLogin has parsed it
	open := make(chan struct{}, maxChannels)
	for offered := range channels {
		if offered.ChannelType() != "session" {
			_ = offered.Reject(ssh.UnknownChannelType, "not known") // fails only if the client has disconnected
			continue
		}
		select {
		case open <- struct{}{}:
			c.running.Go(func() {
				defer func() { <-open }()
				c.session(account, offered)
			})
		default:
			_ = offered.Reject(ssh.ResourceShortage, "too many channels are open") // fails only if the client has disconnected
		}
	}
}

// session serves SFTP on a channel and rejects all other requests.
func (c *CloudStorage) session(account int64, offered ssh.NewChannel) {
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	defer func() { _ = channel.Close() }() // may be closed already
	share, err := c.share(account)
	if err != nil {
		c.options.Log.Error("Cloud Storage: could not open a share", "account", account, "error", err)
		return
	}
	for r := range requests {
		var text struct{ Value string }
		ok := r.Type == "subsystem" && ssh.Unmarshal(r.Payload, &text) == nil && text.Value == "sftp"
		if r.WantReply {
			_ = r.Reply(ok, nil) // fails only if the client has disconnected
		}
		if !ok {
			continue
		}
		c.running.Go(func() { ssh.DiscardRequests(requests) })
		transferFiles(c.ctx, channel, share)
		return
	}
}

func transferFiles(ctx context.Context, channel ssh.Channel, share *disk.Disk) {
	server := sftp.NewRequestServer(channel, handlersOf(share, "/"), sftp.WithStartDirectory("/"))
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	code := uint32(0)
	if err := server.Serve(); err != nil && !errors.Is(err, io.EOF) {
		code = 1
	}
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{code})) // fails only if the client has disconnected
}
