// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"crypto/x509"
	"math"
	"net/http"
	"strings"
	"testing"
)

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ endpoint, want string }{
		{"https://api.gogrid.com/api", ""},
		{"https://grid.example:8443/api/", ""},
		{"http://127.0.0.1:8080/api", ""},
		{"http://127.1.2.3/api", ""},
		{"http://[::1]:8080/api", ""},
		{"http://localhost:8080/api", ""},
		{"http://grid.example/api", "plain http is allowed only to a loopback address"},
		{"http://127.0.0.1.example/api", "plain http is allowed only to a loopback address"},
		{"http://10.0.0.1/api", "plain http is allowed only to a loopback address"},
		{"ftp://grid.example/api", "the scheme must be https"},
		{"grid.example/api", "not a URL"},
		{"", "not a URL"},
		{"https://", "not a URL"},
		{"https://user:hunter2@grid.example/api", "no user"},
		{"https://grid.example:x%zz/hunter2", "not a URL"},
		{"https://grid.example/api?api_key=hunter2", "no user, query or fragment"},
	} {
		_, err := New(testKey, testSecret, WithEndpoint(test.endpoint))
		if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%q: got %v, want an error with %q", test.endpoint, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q shows a secret", err)
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		setting Setting
		want    string
	}{
		{"negative rate", WithMaxRequestsPerSecond(-1), "requests per second: -1"},
		{"no rate", WithMaxRequestsPerSecond(math.NaN()), "requests per second"},
		{"no time-out", WithRequestTimeout(0), "request timeout: 0s"},
		{"negative retries", WithMaxRetries(-1), "retries: -1"},
		{"no interval", WithPollInterval(0), "poll interval: 0s"},
		{"negative window", WithSnapshotWindow(-1), "snapshot window: -1ns"},
		{"no transport", WithTransport(nil), "transport: must not be nil"},
		{"no clock", WithClock(nil), "clock: must not be nil"},
		{"no random", WithRandom(nil), "random: must not be nil"},
		{"certificates beside a transport", func(c *config) error {
			c.transport, c.certificates = http.DefaultTransport, x509.NewCertPool()
			return nil
		}, "certificates"},
	} {
		if _, err := New(testKey, testSecret, test.setting); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
	if _, err := New(" ", testSecret); err == nil || !strings.Contains(err.Error(), "API key is empty") {
		t.Errorf("no key: got %v", err)
	}
	if _, err := New(testKey, ""); err == nil || !strings.Contains(err.Error(), "shared secret is empty") {
		t.Errorf("no secret: got %v", err)
	}
}

func TestDefaultTransport(t *testing.T) {
	t.Parallel()
	transport := pooledTransport(nil)
	if transport.MaxIdleConnsPerHost < 200 || transport.MaxIdleConns < transport.MaxIdleConnsPerHost || transport.Proxy == nil {
		t.Errorf("idle connections %d of %d, proxy set: %t", transport.MaxIdleConnsPerHost, transport.MaxIdleConns, transport.Proxy != nil)
	}
}
