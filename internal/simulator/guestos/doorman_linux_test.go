// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"fmt"
	"net"
	"testing"
)

// Connections that never log in must not prevent a client from logging in.
func TestIdleConnectionsLeaveRoom(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	server := r.server(1)
	var dialer net.Dialer
	for range 120 {
		conn, err := dialer.DialContext(t.Context(), "tcp", fmt.Sprintf("%s:%d", server.PublicIP, r.port))
		must(t, err)
		t.Cleanup(func() { _ = conn.Close() })
	}
	for range 3 {
		if text, code := r.run(server, "echo hello"); text != "hello\n" || code != 0 {
			t.Errorf("with idle connections: got %q and code %d", text, code)
		}
	}
}
