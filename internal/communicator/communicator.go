// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package communicator logs in to servers: over SSH where they run Linux, over WinRM
// where they run Windows. It uploads files and runs commands, and it never
// waits longer than its caller allows. It knows neither Terraform nor the API.
package communicator

import (
	"context"
	"io"
	"io/fs"
	"net"
	"strconv"
	"time"

	"github.com/jonboulle/clockwork"
)

// Protocol is how a server is logged in to.
type Protocol string

// The protocols there are.
const (
	SSH   Protocol = "ssh"
	WinRM Protocol = "winrm"
)

// Session is a login to one server. It is used by one goroutine at a time.
type Session interface {
	// Run runs a command and waits for its end. When ctx ends first, the remote
	// command is ended too, not just left alone. A command that ends with
	// another code than 0 is an *ExitError.
	Run(ctx context.Context, command Command) error
	// Upload writes one file: under a temporary name, checked, with its mode,
	// then renamed, so that the destination is whole or not there.
	Upload(ctx context.Context, file File) error
	// Read returns what a file on the server holds, at most limit bytes; one
	// that is larger is an error.
	Read(ctx context.Context, path string, limit int64) ([]byte, error)
	// HostKey is the key that the server showed, as one line in the form of
	// authorized_keys; empty where the protocol has none.
	HostKey() string
	// Close ends the login.
	Close() error
}

// Command is what to run: either a program with arguments, each of which
// arrives as it is, or a script.
type Command struct {
	// Argv is the program and its arguments.
	Argv []string
	// Script is a text for the server's shell, sent over standard input where
	// there is one, so that nothing in it needs quoting.
	Script string
	// Name stands for the command in errors and logs, for example
	// "commands[2]"; empty: the command itself.
	Name string
	// Environment is set for the command alone.
	Environment map[string]string
	// Output gets each line of standard output and standard error as it comes,
	// without secrets. nil drops them.
	Output func(line string)
}

// File is what to upload.
type File struct {
	// Destination is the absolute path on the server.
	Destination string
	// Mode is the permission bits; 0 means 0644. Windows has none.
	Mode fs.FileMode
	// Open opens the content from its beginning.
	Open func() (io.ReadCloser, error)
	// SHA256 is what the content must have, in hex; what differs is an error
	// and leaves no file behind. Empty: not checked against anything but the
	// content that was sent.
	SHA256 string
}

// Target is a server and how to log in to it.
type Target struct {
	Protocol Protocol
	Host     string
	Port     int // 0: 22, or 5986 for WinRM
	Username string

	Password   string
	PrivateKey string // PEM or OpenSSH
	Passphrase string // of the private key

	// HostKey is what the server must show: a key in the form of
	// authorized_keys, a fingerprint such as "SHA256:...", or the text of a
	// known_hosts file. Empty: whatever it shows, see Session.HostKey.
	HostKey string
	// Bastion is the server that the connection is made through.
	Bastion *Target

	// CACertificates is PEM that a WinRM server's certificate may be signed
	// by, besides the system's.
	CACertificates string
	// Insecure takes any certificate of a WinRM server.
	Insecure bool
}

// Options bound what a session may take.
type Options struct {
	// Clock tells the time.
	Clock clockwork.Clock
	// Network is the clock by which a server is waited for after the login. nil
	// means the system's also where Clock is another: a network is no faster
	// for it.
	Network clockwork.Clock
	// Handshake bounds connecting and logging in, each try. 0 means 30 s.
	Handshake time.Duration
	// Idle bounds the silence of the server: one that is only busy answers a
	// keepalive meanwhile. 0 means 30 s.
	Idle time.Duration
	// RetryDelay is the time between two tries of Connect. 0 means 5 s.
	RetryDelay time.Duration
	// Secrets are texts that no log, line of output or error may hold, besides
	// those of the target.
	Secrets []string
	// Log gets one line about each try, upload and command; nil drops them.
	Log func(ctx context.Context, line string)
}

// Limits where Options has none.
const (
	defaultHandshake  = 30 * time.Second
	defaultIdle       = 30 * time.Second
	defaultRetryDelay = 5 * time.Second
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
	if o.RetryDelay <= 0 {
		o.RetryDelay = defaultRetryDelay
	}
	if o.Log == nil {
		o.Log = func(context.Context, string) {}
	}
	return o
}

// WithDefaults returns the target with its protocol's standard port and
// administrator account, unless they are set.
func (t Target) WithDefaults() Target {
	switch {
	case t.Port != 0:
	case t.Protocol == WinRM:
		t.Port = 5986
	default:
		t.Port = 22
	}
	if t.Username == "" {
		t.Username = "root"
		if t.Protocol == WinRM {
			t.Username = "Administrator"
		}
	}
	return t
}

// address is host and port.
func (t Target) address() string { return net.JoinHostPort(t.Host, strconv.Itoa(t.Port)) }

// String names the account and the server.
func (t Target) String() string { return t.Username + "@" + t.address() }

// secrets are the texts of a target that nobody may see.
func (t Target) secrets() []string {
	all := []string{t.Password, t.PrivateKey, t.Passphrase}
	if t.Bastion != nil {
		all = append(all, t.Bastion.secrets()...)
	}
	return all
}
