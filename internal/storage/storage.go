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
	Port     int // 0: 445, or 22 for SFTP
	// Share is the name of an SMB share, or the folder on an SFTP server that
	// all paths start at; empty: the one that a login starts in.
	Share    string
	Username string
	Password string
	// PrivateKey and HostKey are for SFTP; see [guest.Target].
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

// Limits where Options has none.
const (
	defaultHandshake = 30 * time.Second
	defaultIdle      = 30 * time.Second
	defaultLinger    = 20 * time.Second
)

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Network == nil {
		o.Network = clockwork.NewRealClock()
	}
	if o.Handshake <= 0 {
		o.Handshake = defaultHandshake
	}
	if o.Idle <= 0 {
		o.Idle = defaultIdle
	}
	if o.Linger <= 0 {
		o.Linger = defaultLinger
	}
	if o.Log == nil {
		o.Log = func(context.Context, string) {}
	}
	return o
}

// login bounds a login over SSH, which also is within our own time for a
// handshake: that ends first, and its end is known for what it is.
func (o Options) login() communicator.Options {
	return communicator.Options{Clock: o.Clock, Handshake: 2 * o.Handshake, Idle: o.Idle}
}

func (c Config) withDefaults() Config {
	if c.Protocol == "" {
		c.Protocol = SMB
	}
	if c.Port == 0 {
		c.Port = map[Protocol]int{SMB: 445, SFTP: 22}[c.Protocol]
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
