// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package storage keeps files on a share such as GoGrid's Cloud Storage, over
// SMB or SFTP, directly or through a bastion. A file appears whole or not at
// all, no wait is without an end, and memory does not grow with the file. It
// knows neither Terraform nor the API.
package storage

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

// Protocol is how a share is spoken to.
type Protocol string

// The protocols there are. SMB is versions 2 and 3 of it; version 1, which
// GoGrid spoke in 2009, no server should offer any more.
const (
	SMB  Protocol = "smb"
	SFTP Protocol = "sftp"
)

// Config is a share and how to log in to it.
type Config struct {
	Protocol Protocol // empty: SMB
	Host     string
	Port     int // 0 means DefaultSMBPort, or communicator.DefaultSSHPort for SFTP
	// Share is the name of an SMB share, or the folder on an SFTP server that
	// all paths start at; empty: the one that a login starts in.
	Share    string
	Username string
	Password string
	// PrivateKey and HostKey are for SFTP; see [communicator.Target].
	PrivateKey string
	HostKey    string
	// Bastion is the server that the connection is made through.
	Bastion *communicator.Target
}

// Options bound what an operation may take.
type Options struct {
	// Clock tells the time to the lines about progress.
	Clock clockwork.Clock
	// Network is the clock by which the server is waited for. nil means the
	// system's also where Clock is another: a network is no faster for it.
	Network clockwork.Clock
	// Handshake bounds connecting and logging in. 0 means 30 s.
	Handshake time.Duration
	// Idle bounds the silence of the server while something is asked of it.
	// 0 means 30 s.
	Idle time.Duration
	// Linger is how long an unused connection is kept. 0 means 20 s.
	Linger time.Duration
	// Log gets a line about each upload and its progress; nil drops them.
	Log func(ctx context.Context, line string)
}

// Object is a file on the share.
type Object struct {
	// Path is relative to the share, with slashes.
	Path string
	Size int64
	// Modified is the time that the server shows. Together with the size it
	// tells whether somebody has replaced the file.
	Modified time.Time
	// SHA256 is the digest in hex; empty where finding it out would have meant
	// reading the file.
	SHA256 string
}

// defaultLinger is the default of Options.Linger. Package communicator defines the
// defaults of the other options, which its sessions share.
const defaultLinger = 20 * time.Second

// DefaultProtocol is the protocol of a Config without a protocol.
const DefaultProtocol = SMB

// DefaultSMBPort is the port of SMB shares without a port.
const DefaultSMBPort = 445

func (o Options) withDefaults() Options {
	shared := communicator.Options{Clock: o.Clock, Network: o.Network, Handshake: o.Handshake, Idle: o.Idle, Log: o.Log}.WithDefaults()
	o.Clock, o.Network, o.Handshake, o.Idle, o.Log = shared.Clock, shared.Network, shared.Handshake, shared.Idle, shared.Log
	if o.Linger <= 0 {
		o.Linger = defaultLinger
	}
	return o
}

// login returns the options of an SSH login. Its handshake limit is twice the
// limit of the whole handshake with the share, so that the latter ends first and
// reports the right error.
func (o Options) login() communicator.Options {
	return communicator.Options{Clock: o.Clock, Handshake: 2 * o.Handshake, Idle: o.Idle}
}

// AccountHost returns the host of Cloud Storage of an account. The name is known
// from reports of GoGrid's users.
func AccountHost(username string) string { return username + ".cloud.storage.gogrid.com" }

// NeedsAccount reports whether the user name or the credentials are missing.
func (c Config) NeedsAccount() bool {
	return c.Username == "" || c.Password == "" && c.PrivateKey == ""
}

// Complete returns the config of an account's Cloud Storage with all missing
// values. It calls account if c.NeedsAccount: with a user name, or an empty string
// for any user. account returns the user name and password to use; its errors are
// returned unchanged. Host and share are derived from the user name. An SFTP server
// needs no share.
func (c Config) Complete(account func(username string) (user, password string, err error)) (Config, error) {
	if c.NeedsAccount() {
		user, password, err := account(c.Username)
		if err != nil {
			return Config{}, err
		}
		c.Username = user
		if c.Password == "" && c.PrivateKey == "" {
			c.Password = password
		}
	}
	if c.Host == "" {
		c.Host = AccountHost(c.Username)
	}
	if c.Share == "" && c.Protocol != SFTP {
		c.Share = c.Username
	}
	return c, nil
}

func (c Config) withDefaults() Config {
	if c.Protocol == "" {
		c.Protocol = DefaultProtocol
	}
	if c.Port == 0 {
		c.Port = map[Protocol]int{SMB: DefaultSMBPort, SFTP: communicator.DefaultSSHPort}[c.Protocol]
	}
	return c
}

func (c Config) address() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

// where names the share, or a path on it.
func (c Config) where(path string) string {
	text := string(c.Protocol) + "://" + c.address()
	for _, part := range []string{c.Share, path} {
		if part != "" {
			text += "/" + part
		}
	}
	return text
}
