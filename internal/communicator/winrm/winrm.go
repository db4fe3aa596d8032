// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package winrm runs commands on Windows servers through WS-Management, the protocol
// behind Windows Remote Management. It uses HTTPS. Plain HTTP is allowed only to the
// loopback interface, because the package does not support the message encryption that
// Windows requires over HTTP. It logs in with NTLM or Basic authentication.
//
// The protocol has no file transfer, so PowerShell (version 2 or newer) writes and
// reads files. Scripts are PowerShell too. Scripts and file contents are sent over
// standard input, because a command line is limited to 8191 characters and visible to
// every user of the server.
package winrm

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/jonboulle/clockwork"
)

// Defaults of Config.
const (
	defaultAnswerMargin = 30 * time.Second
	defaultPoll         = 20 * time.Second
)

// maxHeader limits the header of an answer, in bytes.
const maxHeader = 64 << 10

// Config holds the address of a server and the credentials for the login.
type Config struct {
	// Host is the name or address of the server. The certificate of the server
	// must be valid for it.
	Host string
	Port int
	// Plain selects HTTP without TLS. It requires a loopback address.
	Plain bool

	// Username may include a domain, as in DOMAIN\user or user@domain.
	Username string
	Password string
	// Auth is the authentication method.
	Auth Auth

	// CACertificates holds PEM certificates that are trusted to sign the server's
	// certificate, in addition to those of the system.
	CACertificates string
	// Insecure accepts any certificate. The password may then go to the wrong
	// server unnoticed.
	Insecure bool

	// Dial opens connections; nil means a direct connection.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Clock measures time limits; nil means the system's clock.
	Clock clockwork.Clock
	// AnswerMargin limits the time to connect, and how late an answer may arrive
	// after the limit in its request. 0 means 30 s.
	AnswerMargin time.Duration
	// Poll is how long a server may wait for output before it answers that there
	// is none. It is also the time limit of every other request. 0 means 20 s.
	Poll time.Duration
}

// Client is a login to one server over one connection. It must not be used by
// several goroutines at the same time.
type Client struct {
	endpoint     string
	username     string
	password     string
	auth         Auth
	transport    *loginTransport
	close        func()
	clock        clockwork.Clock
	answerMargin time.Duration
	poll         time.Duration
}

// New returns a client that connects on first use. It returns an error if the
// configuration is invalid.
func New(config Config) (*Client, error) {
	address := net.JoinHostPort(config.Host, strconv.Itoa(config.Port))
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("WinRM on %s: %w", address, err)
	}
	if config.Clock == nil {
		config.Clock = clockwork.NewRealClock()
	}
	if config.AnswerMargin <= 0 {
		config.AnswerMargin = defaultAnswerMargin
	}
	if config.Poll <= 0 {
		config.Poll = defaultPoll
	}
	transport, err := config.transport()
	if err != nil {
		return nil, fmt.Errorf("WinRM on %s: %w", address, err)
	}
	endpoint := url.URL{Scheme: "https", Host: address, Path: "/wsman"}
	if config.Plain {
		endpoint.Scheme = "http"
	}
	return &Client{
		endpoint: endpoint.String(),
		username: config.Username, password: config.Password, auth: config.Auth,
		transport: &loginTransport{next: transport}, close: transport.CloseIdleConnections,
		clock: config.Clock, answerMargin: config.AnswerMargin, poll: config.Poll,
	}, nil
}

func (c Config) check() error {
	switch {
	case c.Host == "":
		return errors.New("the host is missing")
	case c.Port < 1 || c.Port > 65535:
		return errors.New("the port must be from 1 to 65535")
	case c.Username == "" || c.Password == "":
		return errors.New("a user name and a password are needed: WinRM has no other way to log in")
	case c.Plain && !loopback(c.Host):
		return errors.New("plain HTTP would show the password to anyone on the network: set up an HTTPS listener on the server and use its port, usually 5986")
	}
	return c.Auth.check()
}

func loopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

// transport returns an HTTP transport with at most one connection. NTLM
// authenticates a connection rather than a request, so all requests must use
// the same connection.
func (c Config) transport() (*http.Transport, error) {
	pool, err := c.authorities()
	if err != nil {
		return nil, err
	}
	dial := c.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: c.AnswerMargin}).DialContext
	}
	return &http.Transport{
		DialContext: dial,
		TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS12, RootCAs: pool,
			InsecureSkipVerify: c.Insecure, //nolint:gosec // off unless the user sets it
		},
		TLSHandshakeTimeout:    2 * (c.Poll + c.AnswerMargin), // ends a handshake whose request was cancelled earlier
		MaxResponseHeaderBytes: maxHeader,
		MaxConnsPerHost:        1,
		DisableCompression:     true,
	}, nil
}

// authorities returns the certificates that may sign the server's certificate, or
// nil for the system's.
func (c Config) authorities() (*x509.CertPool, error) {
	if c.CACertificates == "" {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM([]byte(c.CACertificates)) {
		return nil, errors.New("no certificate found in the CA certificates: they must be PEM, with lines that say BEGIN CERTIFICATE")
	}
	return pool, nil
}

// Close closes the connection.
func (c *Client) Close() { c.close() }
