// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package storage keeps files on a share such as GoGrid's Cloud Storage, over
// SMB or SFTP, directly or through a bastion. Uploads are atomic, every wait
// has a limit, and memory use does not grow with the file. The package depends
// on neither Terraform nor the API.
package storage

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

// Protocol is the protocol of a share.
type Protocol string

// The supported protocols. SMB means versions 2 and 3. Version 1, which GoGrid
// used in 2009, is insecure and not supported.
const (
	SMB  Protocol = "smb"
	SFTP Protocol = "sftp"
)

// Config holds the address of a share and the credentials for it.
type Config struct {
	Protocol Protocol // empty: SMB
	Host     string
	Port     int // 0 means DefaultSMBPort, or communicator.DefaultSSHPort for SFTP
	// Share is the name of an SMB share, or the folder on an SFTP server that
	// all paths are relative to. If Share is empty, paths are relative to the
	// folder in which an SFTP login starts.
	Share    string
	Username string
	Password string
	// PrivateKey and HostKey are for SFTP; see [communicator.Target].
	PrivateKey string
	HostKey    string
	// Bastion is the server through which connections are made. nil means
	// direct connections.
	Bastion *communicator.Target
}

// Options set the time limits of operations and the destination of the log.
type Options struct {
	// Clock measures Linger and the intervals between log lines. nil means the
	// system clock.
	Clock clockwork.Clock
	// Network measures the limits of network operations. nil means the system
	// clock, even if Clock is a simulated clock, because a network does not
	// follow simulated time.
	Network clockwork.Clock
	// Handshake limits connecting and logging in. 0 means 30 s.
	Handshake time.Duration
	// Idle limits how long the server may show no activity during a request. 0
	// means 30 s.
	Idle time.Duration
	// Linger is how long an unused connection stays open. 0 means 20 s.
	Linger time.Duration
	// Log receives one line for each step of an upload. nil means no log.
	Log func(ctx context.Context, line string)
}

// Object is a file on the share.
type Object struct {
	// Path is relative to the share and uses slashes.
	Path string
	Size int64
	// Modified is the modification time that the server reports. If Modified or Size
	// differs from an earlier listing, the file has been replaced.
	Modified time.Time
	// SHA256 is the digest of the contents in hex. It is empty if computing it would
	// have required reading the file.
	SHA256 string
}

// defaultLinger is the default of Options.Linger. Package communicator defines the
// defaults of the other options, which its sessions share.
const defaultLinger = 20 * time.Second

// DefaultProtocol is used if a Config sets no protocol.
const DefaultProtocol = SMB

// DefaultSMBPort is used if the Config of an SMB share sets no port.
const DefaultSMBPort = 445

func (o Options) withDefaults() Options {
	shared := communicator.Options{Clock: o.Clock, Network: o.Network, Handshake: o.Handshake, Idle: o.Idle, Log: o.Log}.WithDefaults()
	o.Clock, o.Network, o.Handshake, o.Idle, o.Log = shared.Clock, shared.Network, shared.Handshake, shared.Idle, shared.Log
	if o.Linger <= 0 {
		o.Linger = defaultLinger
	}
	return o
}

// login returns the options of an SSH login. Its handshake limit is twice
// Options.Handshake, so that the limit for the whole handshake with the share
// expires first and determines the error.
func (o Options) login() communicator.Options {
	return communicator.Options{Clock: o.Clock, Handshake: 2 * o.Handshake, Idle: o.Idle}
}

// AccountHost returns the Cloud Storage host of an account. The form of the
// name comes from reports of GoGrid's users.
func AccountHost(username string) string { return username + ".cloud.storage.gogrid.com" }

// NeedsAccount reports whether the user name or the credentials are missing.
func (c Config) NeedsAccount() bool {
	return c.Username == "" || c.Password == "" && c.PrivateKey == ""
}

// Complete returns the config of an account's Cloud Storage, with missing
// values filled in. It calls account if c.NeedsAccount: with a user name, or an
// empty string for any user. account returns the user name and password to use;
// its errors are returned unchanged. Host and share are derived from the user
// name. An SFTP server needs no share.
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

// where returns the URL of the share, or of a path on the share.
func (c Config) where(path string) string {
	text := string(c.Protocol) + "://" + c.address()
	for _, part := range []string{c.Share, path} {
		if part != "" {
			text += "/" + part
		}
	}
	return text
}
