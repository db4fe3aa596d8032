// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package communicator logs in to servers: over SSH to Linux, over WinRM to
// Windows. It uploads files and runs commands, and never waits longer than its
// caller allows. The package does not depend on Terraform or on the GoGrid API.
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

// Protocol selects how to log in to a server.
type Protocol string

// The supported protocols.
const (
	SSH   Protocol = "ssh"
	WinRM Protocol = "winrm"
)

// Session is a login to one server. It must not be used by several goroutines at
// the same time.
type Session interface {
	// Run runs a command and waits for its end. If ctx ends first, Run also
	// terminates the command on the server. A command that fails returns an
	// *ExitError.
	Run(ctx context.Context, command Command) error
	// Upload writes one file under a temporary name, verifies its checksum, sets
	// its mode and renames it, so the destination never holds a partial file.
	Upload(ctx context.Context, file File) error
	// Read returns the content of a file on the server. A file of more than
	// limit bytes is an error.
	Read(ctx context.Context, path string, limit int64) ([]byte, error)
	// BootID returns an id that stays the same until the operating system restarts.
	BootID(ctx context.Context) (string, error)
	// RequestRestart makes the operating system restart. It returns nil when the system
	// has accepted the request or the connection breaks; see Restart.
	RequestRestart(ctx context.Context) error
	// HostKey returns the key that the server presented, as one line in the form
	// of authorized_keys. It returns an empty string for WinRM, which has no host
	// keys.
	HostKey() string
	// Close ends the login and closes the connection.
	Close() error
}

// Command is a program with arguments or a script. One of Argv and Script must
// be set.
type Command struct {
	// Argv holds the program and its arguments. No shell interprets them.
	Argv []string
	// Script is a text for the shell of the server, /bin/sh or PowerShell. It is
	// sent over standard input and needs no quoting. Over SSH it may start with
	// an interpreter line ("#!").
	Script string
	// Name identifies the command in errors and logs, for example "commands[2]".
	// If Name is empty, errors and logs show the command itself.
	Name string
	// Environment holds additional environment variables of the command.
	Environment map[string]string
	// Output is called with each line of standard output and standard error as
	// it arrives, without secrets. If it is nil, the output is dropped.
	Output func(line string)
}

// File describes an upload.
type File struct {
	// Destination is the absolute path on the server.
	Destination string
	// Mode holds the permission bits; 0 means 0644. Windows ignores it.
	Mode fs.FileMode
	// Open opens the content from its beginning. Upload closes it, if ctx ends
	// possibly a moment after Upload has returned.
	Open func() (io.ReadCloser, error)
	// SHA256 is the expected digest of the content, in hex. Any other content
	// causes a *SourceChangedError and leaves no file behind. If SHA256 is empty,
	// Upload only verifies that the server received the content that was sent.
	SHA256 string
}

// Target names a server and the credentials to log in with.
type Target struct {
	Protocol Protocol
	Host     string
	Port     int // 0 means DefaultSSHPort or DefaultWinRMPort
	Username string

	Password   string
	PrivateKey string // PEM or OpenSSH
	Passphrase string // of the private key

	// HostKey is the key that the server must present: a key in the form of
	// authorized_keys, a fingerprint such as "SHA256:...", or the text of a
	// known_hosts file. If it is empty, any key is accepted; Session.HostKey
	// returns the key that the server presented.
	HostKey string
	// InsecureAlgorithms also offers the SSH algorithms that are known to be weak,
	// such as CBC ciphers and diffie-hellman-group1-sha1, after all others. Some old
	// servers have no other.
	InsecureAlgorithms bool
	// Bastion is the SSH server to connect through; nil means a direct connection.
	Bastion *Target

	// CACertificates holds certificates in PEM that may have signed the
	// certificate of a WinRM server, in addition to the system's.
	CACertificates string
	// Insecure accepts any certificate of a WinRM server.
	Insecure bool
}

// Options bound the time of a session, and direct its log.
type Options struct {
	// Clock measures the delays between login attempts. nil means the system's clock.
	Clock clockwork.Clock
	// Network measures the limits of network operations after the login. nil
	// means the system's clock, even if Clock is another one, because a network
	// does not follow a simulated clock.
	Network clockwork.Clock
	// Handshake limits each attempt to connect and log in. 0 means 30 s.
	Handshake time.Duration
	// Idle limits how long a server may be silent. A server that is only busy
	// still answers keepalives. 0 means 30 s.
	Idle time.Duration
	// Answer limits each step after the login that needs an answer of the server,
	// such as opening a channel. Steps that a program on the server answers have
	// twice the time. A command may run for as long as its context allows. 0 means
	// twice Idle.
	Answer time.Duration
	// RetryDelay is the delay between two login attempts of Connect. 0 means 5 s.
	RetryDelay time.Duration
	// Secrets are strings to remove from logs, output and errors, in addition to
	// the credentials of the target.
	Secrets []string
	// Log is called with one line for each login attempt, upload and command.
	// If it is nil, the lines are dropped.
	Log func(ctx context.Context, line string)
}

// Ports of targets without a port, and accounts of targets without an account.
const (
	DefaultSSHPort   = 22
	DefaultWinRMPort = 5986

	DefaultSSHAccount   = "root"
	DefaultWinRMAccount = "Administrator"
)

// Defaults of Options.
const (
	defaultHandshake  = 30 * time.Second
	defaultIdle       = 30 * time.Second
	defaultRetryDelay = 5 * time.Second
)

// WithDefaults returns the options with a default for every value that is not set.
func (o Options) WithDefaults() Options {
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
	if o.Answer <= 0 {
		o.Answer = 2 * o.Idle
	}
	if o.RetryDelay <= 0 {
		o.RetryDelay = defaultRetryDelay
	}
	if o.Log == nil {
		o.Log = func(context.Context, string) {}
	}
	return o
}

// WithDefaults returns the target with the standard port and the administrator
// account of its protocol, unless they are set.
func (t Target) WithDefaults() Target {
	switch {
	case t.Port != 0:
	case t.Protocol == WinRM:
		t.Port = DefaultWinRMPort
	default:
		t.Port = DefaultSSHPort
	}
	if t.Username == "" {
		t.Username = DefaultSSHAccount
		if t.Protocol == WinRM {
			t.Username = DefaultWinRMAccount
		}
	}
	return t
}

// address returns the host and the port in the form "host:port".
func (t Target) address() string { return net.JoinHostPort(t.Host, strconv.Itoa(t.Port)) }

// String returns the account and the server in the form "user@host:port".
func (t Target) String() string { return t.Username + "@" + t.address() }

// secrets returns the credentials of the target and of its bastion.
func (t Target) secrets() []string {
	all := []string{t.Password, t.PrivateKey, t.Passphrase}
	if t.Bastion != nil {
		all = append(all, t.Bastion.secrets()...)
	}
	return all
}
