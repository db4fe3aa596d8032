// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
)

func TestForwardingReachesGuestsOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, two := r.server(1), r.server(2, func(s *guestos.Server) { s.PrivateIP = netip.MustParseAddr("10.110.0.7") })
	client, err := r.dial(one, "root", password)
	must(t, err)
	defer func() { _ = client.Close() }()
	for _, address := range []string{fmt.Sprintf("%s:%d", two.PublicIP, r.port), fmt.Sprintf("10.110.0.7:%d", r.port)} {
		conn, err := client.Dial("tcp", address)
		must(t, err)
		banner := make([]byte, 7)
		if _, err := io.ReadFull(conn, banner); err != nil || string(banner) != "SSH-2.0" {
			t.Errorf("%s: %q, %v", address, banner, err)
		}
		_ = conn.Close()
	}
	var config net.ListenConfig
	host, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = host.Close() }()
	for _, address := range []string{host.Addr().String(), "localhost:22", "127.30.9.9:80", "example.com:80"} {
		if _, err := client.Dial("tcp", address); err == nil {
			t.Errorf("%s was reached", address)
		}
	}
}

func TestServicesAreServed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	port := r.port + 1
	r.ok(s, fmt.Sprintf("mkdir -p /srv; echo hello > /srv/index.html; httpd -p %d -h /srv; curl http://%s:%d/", port, s.PublicIP, port))
	answer, err := http.Get(fmt.Sprintf("http://%s:%d/", s.PublicIP, port)) //nolint:noctx // a test
	must(t, err)
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || string(text) != "hello\n" {
		t.Errorf("the server serves %q (%v)", text, err)
	}
	s.Up = false
	r.follow(s)
	if _, err := http.Get(fmt.Sprintf("http://%s:%d/", s.PublicIP, port)); err == nil { //nolint:noctx,bodyclose // a failed request has no body to close
		t.Error("the server serves HTTP while it is off")
	}
}

// A service of the host that listens on all addresses also accepts connections
// to a guest's address. Guests must not reach such a service.
func TestServicesOfTheHostAreNotReached(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, two := r.server(1), r.server(2)
	var config net.ListenConfig
	host, err := config.Listen(t.Context(), "tcp4", "0.0.0.0:0")
	must(t, err)
	defer func() { _ = host.Close() }()
	reached := make(chan net.Conn, 10)
	go func() {
		for {
			conn, err := host.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
			reached <- conn
		}
	}()
	port := host.Addr().(*net.TCPAddr).Port
	client, err := r.dial(one, "root", password)
	must(t, err)
	defer func() { _ = client.Close() }()
	for _, ip := range []netip.Addr{one.PublicIP, two.PublicIP} {
		if conn, err := client.Dial("tcp", fmt.Sprintf("%s:%d", ip, port)); err == nil {
			_ = conn.Close()
			t.Errorf("port %d of %s is forwarded to the host", port, ip)
		}
		for _, command := range []string{"curl http://%s:%d/", "wget -O - http://%s:%d/"} {
			if text, code := r.run(one, fmt.Sprintf(command, ip, port)); code == 0 || !strings.Contains(text, "Connection refused") {
				t.Errorf("curl: code %d, %q", code, text)
			}
		}
	}
	if text, code := r.run(one, fmt.Sprintf("curl http://127.0.0.1:%d/; curl http://localhost:%d/", port, port)); code == 0 {
		t.Errorf("curl of localhost: %q", text)
	}
	select {
	case <-reached:
		t.Error("the guests reached a service of the host")
	default:
	}
}

// The server rejects channels and requests that OpenSSH's server supports but
// guests do not.
func TestWhatIsRefusedToClients(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	client, err := r.dial(s, "root", password)
	must(t, err)
	defer func() { _ = client.Close() }()
	for _, kind := range []string{"x11", "forwarded-tcpip", "auth-agent@openssh.com", "direct-streamlocal@openssh.com", "tun@openssh.com"} {
		if _, _, err := client.OpenChannel(kind, nil); err == nil {
			t.Errorf("the guest opened a channel of type %s", kind)
		}
	}
	if _, err := client.Listen("tcp", "127.0.0.1:0"); err == nil {
		t.Error("the guest accepted a request for remote port forwarding")
	}
	session, err := client.NewSession()
	must(t, err)
	for _, kind := range []string{"x11-req", "auth-agent-req@openssh.com", "xon-xoff"} {
		if ok, _ := session.SendRequest(kind, true, nil); ok {
			t.Errorf("the request %s was granted", kind)
		}
	}
	for _, name := range []string{"netconf", "/usr/lib/openssh/sftp-server", "sftp2", ""} {
		if err := session.RequestSubsystem(name); err == nil {
			t.Errorf("the subsystem %q was started", name)
		}
	}
}

// The private networks of different accounts are separate.
func TestPrivateNetworksAreApart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	mine, other := r.server(1), r.server(2, func(s *guestos.Server) { s.Account = 7 })
	same := r.server(3)
	for _, s := range []guestos.Server{other, same} {
		r.ok(s, "ip addr add 10.110.0.9/24 dev eth1; ip link set eth1 up")
	}
	client, err := r.dial(mine, "root", password)
	must(t, err)
	defer func() { _ = client.Close() }()
	conn, err := client.Dial("tcp", fmt.Sprintf("10.110.0.9:%d", r.port))
	must(t, err)
	_, _, _, err = ssh.NewClientConn(conn, "", &ssh.ClientConfig{HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
		if found := ssh.FingerprintSHA256(key); found != hostKey(t, r, same) {
			t.Error("another account's server answers")
		}
		return errors.New("host key checked")
	}})
	if err == nil {
		t.Error("a client logged in without a password")
	}
}

// Clients, their commands and their ports cannot exhaust the host's limit of open
// files.
func TestClientsAndPortsAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	client, err := r.dial(s, "root", password)
	must(t, err)
	for i := 0; ; i++ {
		session, err := client.NewSession()
		if err != nil {
			if i != 16 {
				t.Errorf("%d commands were started, want 16", i)
			}
			break
		}
		must(t, session.Start("sleep 86400"))
	}
	_ = client.Close() // ends the commands
	if text := r.ok(s, fmt.Sprintf("for p in $(seq %d %d); do httpd -p $p -h /srv || break; done 2>&1", r.port+1000, r.port+1200)); !strings.Contains(text, "too many open files") {
		t.Errorf("the number of ports is not limited: %q", text)
	}
	var idle []net.Conn
	for range 150 {
		var dialer net.Dialer
		conn, err := dialer.DialContext(t.Context(), "tcp", fmt.Sprintf("%s:%d", s.PublicIP, r.port))
		must(t, err)
		idle = append(idle, conn)
	}
	served := 0
	for _, conn := range idle {
		if n, _ := conn.Read(make([]byte, 1)); n == 1 {
			served++
		}
		defer func() { _ = conn.Close() }()
	}
	if served > 100 {
		t.Errorf("%d clients are served at once, want at most 100", served)
	}
}
