// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// adminRequest returns a call to an admin route as a local program would send it.
func adminRequest(verb, at, body string) *http.Request {
	request := httptest.NewRequest(verb, "http://127.0.0.1/admin/"+at, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	return request
}

// Web pages must not be able to call the admin routes, which need no key.
func TestAdminRefusesWebPages(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Admin = true })
	const rule = `[{"method":"grid.server.add","kind":"status","status":500}]`
	for name, test := range map[string]struct {
		verb, host, body string
		header           map[string]string
		want             int
	}{
		"program":                    {"POST", "127.0.0.1:4711", rule, map[string]string{"Content-Type": "application/json"}, 200},
		"with a character set":       {"POST", "127.0.0.1:4711", rule, map[string]string{"Content-Type": "application/json; charset=utf-8"}, 200},
		"localhost":                  {"GET", "localhost:4711", "", nil, 200},
		"IPv6":                       {"GET", "[::1]:4711", "", nil, 200},
		"other loopback address":     {"GET", "127.20.0.1", "", nil, 200},
		"own address":                {"GET", "192.0.2.7:4711", "", nil, 200},
		"other address":              {"GET", "192.0.2.8:4711", "", nil, 403},
		"DNS rebinding":              {"GET", "evil.example:4711", "", nil, 403},
		"name that looks like ours":  {"GET", "127.0.0.1.evil.example", "", nil, 403},
		"no host":                    {"GET", "", "", nil, 403},
		"own origin":                 {"GET", "localhost:4711", "", map[string]string{"Origin": "http://localhost:4711"}, 200},
		"other origin":               {"GET", "localhost:4711", "", map[string]string{"Origin": "https://evil.example"}, 403},
		"other port":                 {"GET", "localhost:4711", "", map[string]string{"Origin": "http://localhost:80"}, 403},
		"origin of a file":           {"DELETE", "localhost:4711", "", map[string]string{"Origin": "null"}, 403},
		"image in a page":            {"GET", "localhost:4711", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"form":                       {"POST", "localhost:4711", rule, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415},
		"text":                       {"POST", "localhost:4711", rule, map[string]string{"Content-Type": "text/plain"}, 415},
		"no type":                    {"POST", "localhost:4711", rule, nil, 415},
		"deletion by a program":      {"DELETE", "localhost:4711", "", nil, 200},
		"deletion from another page": {"DELETE", "localhost:4711", "", map[string]string{"Origin": "http://evil.example"}, 403},
		"address typed by the user":  {"GET", "localhost:4711", "", map[string]string{"Sec-Fetch-Site": "none"}, 200},
		"page of the same site":      {"GET", "localhost:4711", "", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		"content type with a suffix": {"POST", "localhost:4711", rule, map[string]string{"Content-Type": "application/jsonx"}, 415},
	} {
		request := httptest.NewRequest(test.verb, "/admin/faults", strings.NewReader(test.body))
		request = request.WithContext(context.WithValue(request.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 4711}))
		request.Host = test.host
		for key, value := range test.header {
			request.Header.Set(key, value)
		}
		if got := r.send(request); got.status != test.want {
			t.Errorf("%s: status %d with %s, want %d", name, got.status, got.body, test.want)
		}
	}
}

// A client that sends its body too slowly is disconnected.
func TestSlowBodiesEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Admin = true })
	host := httptest.NewServer(r.grid)
	t.Cleanup(host.Close)
	const clients = 50
	var dialer net.Dialer
	var conns []net.Conn
	for i := range clients {
		conn, err := dialer.DialContext(t.Context(), "tcp", host.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		at := []string{"/api/grid/server/list", "/admin/faults"}[i%2]
		if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx", at); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	if err := r.clock.BlockUntilContext(t.Context(), clients); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(bodyTimeout)
	for _, conn := range conns {
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		answered, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = answered.Body.Close()
		if answered.StatusCode != http.StatusRequestTimeout || !answered.Close {
			t.Errorf("got status %d (connection closed: %t)", answered.StatusCode, answered.Close)
		}
	}
}
