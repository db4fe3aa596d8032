// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package winrm runs commands on Windows servers by WS-Management, the protocol
// behind Windows Remote Management. It speaks HTTPS, and HTTP to the loopback
// interface only: the encryption of single messages that Windows asks for over
// plain HTTP is not supported. It logs in by NTLM or by Basic.
//
// The protocol knows no files. They are written and read by PowerShell, version
// 2 or newer, which is also what scripts are written in. What PowerShell works
// on reaches it over its standard input, not on its command line: that one is
// limited to 8191 characters and shown to everybody on the server.
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

// Limits where Config has none.
const (
	defaultAnswerMargin = 30 * time.Second
	defaultPoll         = 20 * time.Second
)

// maxHeader is how long the header of an answer may be, in bytes.
const maxHeader = 64 << 10

// Config says which server to use and how to log in.
type Config struct {
	// Host is the server's name or address. Its certificate must be for it.
	Host string
	Port int
	// Plain asks for HTTP without TLS; only a loopback address may have it.
	Plain bool

	// Username may name a domain, as in DOMAIN\user or user@domain.
	Username string
	Password string
	// Auth is how to log in.
	Auth Auth

	// CACertificates is PEM that the server's certificate may be signed by,
	// besides the system's.
	CACertificates string
	// Insecure takes any certificate. Nothing tells then whether the password
	// goes to the right server.
	Insecure bool

	// Dial connects; nil: directly.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Clock is what the server is waited for by; nil: the system's.
	Clock clockwork.Clock
	// AnswerMargin bounds connecting, and how much later than it was told to a
	// server may answer. 0 means 30 s.
	AnswerMargin time.Duration
	// Poll is how long a server may wait for output before it answers that
	// there is none; any other message may take as long. 0 means 20 s.
	Poll time.Duration
}

// Client is a server with a login. It has one connection, and is used by one
// goroutine at a time.
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

// New returns a client. It does not connect yet.
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
		return errors.New("a user name and a password are needed: there is no other way to log in")
	case c.Plain && !loopback(c.Host):
		return errors.New("plain HTTP would show the password to everybody on the way: set up an HTTPS listener on the server and use its port, usually 5986")
	}
	return c.Auth.check()
}

func loopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

// transport has one connection at most: NTLM logs a connection in, not a
// request, so all requests of a login must go over the same one.
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
			InsecureSkipVerify: c.Insecure, //nolint:gosec // off unless it is asked for by name
		},
		MaxResponseHeaderBytes: maxHeader,
		MaxConnsPerHost:        1,
		DisableCompression:     true,
	}, nil
}

// authorities are the certificates that the server's may be signed by; nil:
// the system's.
func (c Config) authorities() (*x509.CertPool, error) {
	if c.CACertificates == "" {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM([]byte(c.CACertificates)) {
		return nil, errors.New("there is no certificate in the given CA certificates: they must be PEM, with lines that say BEGIN CERTIFICATE")
	}
	return pool, nil
}

// Close closes the connection.
func (c *Client) Close() { c.close() }
