// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm/winrmtest"
)

// dial returns a client for a server. The client's clock never advances, so the
// client never times out.
func dial(t *testing.T, server *winrmtest.Server, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{
		Host: server.Host, Port: server.Port, Username: winrmtest.Username, Password: winrmtest.Password,
		CACertificates: server.CA, Plain: server.Plain, Clock: clockwork.NewFakeClock(),
	}
	for _, set := range change {
		set(&config)
	}
	client, err := New(config)
	check(t, err)
	t.Cleanup(client.Close)
	return client
}

// shortLimits gives a client short time limits. Connecting has no limit,
// because on a slow machine it would fail with a different error.
func shortLimits(config *Config) {
	config.Clock, config.AnswerMargin, config.Poll = nil, 50*time.Millisecond, 50*time.Millisecond
	config.Dial = (&net.Dialer{}).DialContext
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// longTimeout is long enough for the slowest machine.
const longTimeout = 2 * time.Minute

// testContext returns a context that ends after longTimeout.
func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), longTimeout, errTooLong)
	t.Cleanup(cancel)
	return ctx
}

var errTooLong = &testError{"the test takes too long"}

type testError struct{ text string }

func (e *testError) Error() string { return e.text }

// script runs a script and returns its exit code and output.
func script(ctx context.Context, client *Client, text string) (code int, stdout, stderr string, err error) {
	var out, problems bytes.Buffer
	code, err = client.Run(ctx, Program{Script: text, Stdout: &out, Stderr: &problems})
	return code, out.String(), problems.String(), err
}

// record keeps the pieces of output in the order in which they arrive.
type record struct {
	mu  sync.Mutex
	all []string
}

type recordStream struct {
	to   *record
	name string
}

func (s recordStream) Write(p []byte) (int, error) {
	s.to.mu.Lock()
	defer s.to.mu.Unlock()
	s.to.all = append(s.to.all, s.name+strings.TrimSpace(string(p)))
	return len(p), nil
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"plain HTTP over the network":      {func(c *Config) { c.Plain = true }, "plain HTTP would show the password"},
		"plain HTTP to a name":             {func(c *Config) { c.Plain, c.Host = true, "localhost.example.com" }, "plain HTTP would show the password"},
		"no host":                          {func(c *Config) { c.Host = "" }, "the host is missing"},
		"no port":                          {func(c *Config) { c.Port = 0 }, "from 1 to 65535"},
		"no password":                      {func(c *Config) { c.Password = "" }, "a user name and a password"},
		"an unknown authentication method": {func(c *Config) { c.Auth = "kerberos" }, `"kerberos" is unknown`},
		"no certificate":                   {func(c *Config) { c.CACertificates = "MII" }, "they must be PEM"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := Config{Host: "192.0.2.1", Port: 5986, Username: "Administrator", Password: "pass"}
			c.change(&config)
			if _, err := New(config); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
		})
	}
}
