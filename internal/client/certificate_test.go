// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestAnUntrustedEndpointIsTriedOnce(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	c, err := New("key", "secret", WithEndpoint(server.URL+"/api"), WithMaxRetries(3))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Servers.List(t.Context(), ServerFilter{})
	if !IsCertificateError(err) || IsOutcomeUnknown(err) || !strings.Contains(err.Error(), "GOGRID_CA_CERTIFICATE_FILE") {
		t.Errorf("got %v, want an error that explains how to trust the endpoint", err)
	}
	if got := connections.Load(); got != 1 {
		t.Errorf("got %d connections, want 1, because the client must not retry", got)
	}
}
