// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// closedPort returns an address of this machine where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // the listener has accepted no connections
	return listener.Addr().String()
}

// talker listens like a service that does not use HTTP: it sends a line and closes the
// connection. talker returns its address.
func talker(t *testing.T, line string) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Write([]byte(line))
			_ = connection.Close()
		}
	}()
	return listener.Addr().String()
}

// TestEndpointIsNotTheAPI checks that a wrong endpoint causes exactly one error, on
// endpoint in the provider block. The provider must not retry a call that another
// server has answered.
func TestEndpointIsNotTheAPI(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	page := func(status int) string {
		var calls atomic.Int64
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1) > 1 {
				t.Errorf("the client called the page with status %d again", status)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<html>It works!</html>"))
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	for name, tc := range map[string]struct {
		endpoint string
		want     string
	}{
		"nothing listens":  {"http://" + closedPort(t) + "/api", "connection refused"},
		"no such host":     {"https://gogrid.invalid/api", "gogrid.invalid"},
		"TLS at plain":     {strings.Replace(grid.Endpoint, "http:", "https:", 1), "HTTP response to HTTPS client|does not look like a TLS handshake"},
		"an SSH server":    {"http://" + talker(t, "SSH-2.0-OpenSSH_9.2\r\n"), "sends no complete answer in HTTP"},
		"closes":           {"http://" + talker(t, ""), "sends no complete answer in HTTP"},
		"a page":           {page(http.StatusOK), "Another server answers there, with HTTP 200 and .*It works"},
		"not found":        {page(http.StatusNotFound), "Another server answers there, with HTTP 404"},
		"a login page":     {page(http.StatusUnauthorized), "Another server answers there, with HTTP 401"},
		"forbidden":        {page(http.StatusForbidden), "Another server answers there, with HTTP 403"},
		"a redirect":       {page(http.StatusFound), "Another server answers there, with HTTP 302"},
		"without the path": {strings.TrimSuffix(grid.Endpoint, "/api"), "Another server answers there, with HTTP 404"},
	} {
		_, diagnostics := grid.Configure(t, acctest.Attributes{"endpoint": tc.endpoint})
		diagnostics.WantError(t, "endpoint", "No GoGrid API at "+tc.endpoint, tc.want, "comes from endpoint in the provider block", "gogrid.com/api")
		if len(diagnostics) != 1 {
			t.Errorf("%s: %d diagnostics, want 1:\n%s", name, len(diagnostics), diagnostics)
		}
	}
}

func TestEndpointOfTheEnvironment(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	grid.Endpoint = "http://" + closedPort(t) + "/api" // value of GOGRID_ENDPOINT
	_, diagnostics := grid.Configure(t)
	diagnostics.WantError(t, "endpoint", "connection refused", "comes from the environment variable GOGRID_ENDPOINT")
	_, diagnostics = grid.Configure(t, acctest.Attributes{"endpoint": acctest.Unknown{}})
	diagnostics.WantNone(t)
}

// TestOverloadedEndpoint checks that the provider retries while a service answers 503.
func TestOverloadedEndpoint(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	var calls atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) <= 2 {
			http.Error(w, "<html>maintenance</html>", http.StatusServiceUnavailable)
			return
		}
		grid.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	s := grid.Session(t, acctest.Attributes{"endpoint": front.URL + "/api"})
	s.Plan(s.Absent("gogrid_server"), providertest.Web1()).Diagnostics.WantOK(t)
}
