// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm/winrmtest"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	basic, negotiate := `Basic realm="WSMAN"`, "Negotiate"
	for name, c := range map[string]struct {
		offers []string
		auth   Auth
		wrong  bool
		want   string
	}{
		"NTLM":                                      {offers: []string{negotiate}},
		"NTLM by its own name":                      {offers: []string{"NTLM"}},
		"NTLM before Basic":                         {offers: []string{negotiate, basic}},
		"NTLM if configured":                        {offers: []string{basic, negotiate}, auth: AuthNTLM},
		"Basic if nothing else is offered":          {offers: []string{basic}},
		"Basic if configured":                       {offers: []string{negotiate, basic}, auth: AuthBasic},
		"NTLM, wrong password":                      {offers: []string{negotiate}, wrong: true, want: "HTTP 401 to NTLM; the server offers negotiate"},
		"NTLM before Basic, wrong password":         {offers: []string{negotiate, basic}, wrong: true, want: "HTTP 401 to NTLM"},
		"Basic, wrong password":                     {offers: []string{basic}, wrong: true, want: "HTTP 401 to Basic; the server offers basic"},
		"Basic is never sent if NTLM is configured": {offers: []string{basic}, auth: AuthNTLM, want: "HTTP 401 to NTLM; the server offers basic"},
		"a server with an unsupported method":       {offers: []string{"Kerberos"}, want: "the server offers kerberos"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := winrmtest.Start(t, func(s *winrmtest.Server) { s.Offers = c.offers })
			client := dial(t, server, func(config *Config) {
				config.Auth = c.auth
				if c.wrong {
					config.Password = "not-the-password"
				}
			})
			err := client.Check(testContext(t))
			var rejected *AuthError
			switch {
			case c.want == "":
				check(t, err)
				check(t, client.Check(t.Context())) // uses the same connection
			case !errors.As(err, &rejected) || !strings.Contains(err.Error(), c.want):
				t.Errorf("error %v, want %q", err, c.want)
			case strings.Contains(err.Error(), "not-the-password"):
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestNamesWithADomain(t *testing.T) {
	t.Parallel()
	server := winrmtest.Start(t)
	for _, name := range []string{`WINDOWS\Administrator`, "administrator"} {
		err := dial(t, server, func(c *Config) { c.Username = name }).Check(testContext(t))
		var rejected *AuthError
		if other := name == "administrator"; other != errors.As(err, &rejected) || !other && err != nil {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	server := winrmtest.Start(t)
	other := winrmtest.Start(t, func(s *winrmtest.Server) { s.Plain = true })
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"the right authority": {func(*Config) {}, ""},
		"any":                 {func(c *Config) { c.CACertificates, c.Insecure = "", true }, ""},
		"unknown authority":   {func(c *Config) { c.CACertificates = "" }, "its certificate is not trusted: x509: certificate signed by unknown authority"},
		"another name":        {func(c *Config) { c.Host = "localhost" }, "its certificate is not trusted"},
		"no TLS":              {func(c *Config) { c.Port = other.Port }, "the server does not speak TLS there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := Config{
				Host: server.Host, Port: server.Port, Username: winrmtest.Username, Password: winrmtest.Password,
				CACertificates: server.CA,
			}
			c.change(&config)
			client, err := New(config)
			check(t, err)
			t.Cleanup(client.Close)
			err = client.Check(testContext(t))
			var untrusted *CertificateError
			switch {
			case c.want == "":
				check(t, err)
			case err == nil || !strings.Contains(err.Error(), c.want):
				t.Errorf("error %v, want %q", err, c.want)
			case strings.Contains(c.want, "certificate") != errors.As(err, &untrusted):
				t.Errorf("error %T", err)
			}
		})
	}
}

// The server accepts connections, but does not answer the TLS handshake.
func TestSilenceBeforeTLS(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	config := Config{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Username: "a", Password: "b"}
	shortLimits(&config)
	client, err := New(config)
	check(t, err)
	t.Cleanup(client.Close)
	var silent *SilenceError
	if err := client.Check(testContext(t)); !errors.As(err, &silent) || err.Error() != `the server has not answered within 100ms, in the step "create a shell: TLS handshake"` {
		t.Errorf("error %v", err)
	}
}
