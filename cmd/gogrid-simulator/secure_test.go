// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// answers fails the test unless the grid answers a client that trusts its CA
// file.
func answers(t *testing.T, f facts) {
	t.Helper()
	if _, err := clientFor(t, f).Servers.List(t.Context(), client.ServerFilter{}); err != nil {
		t.Errorf("list servers at %s: %v", f.Endpoint, err)
	}
}

func TestTLSGridAnswersClientsThatTrustIt(t *testing.T) {
	t.Parallel()
	sim := launch(t, "--tls", "--admin")
	answers(t, sim.facts)
	if !strings.HasPrefix(sim.facts.Endpoint, "https://127.0.0.1:") || !strings.HasPrefix(sim.facts.Admin, "https://") {
		t.Errorf("facts = %+v, want https", sim.facts)
	}
	if want := "export GOGRID_CA_CERTIFICATE_FILE=" + sim.facts.CAFile + "\n"; !strings.Contains(sim.banner, want) {
		t.Errorf("the banner lacks %q:\n%s", want, sim.banner)
	}
	stranger := sim.facts
	stranger.CAFile = ""
	if _, err := clientFor(t, stranger).Servers.List(t.Context(), client.ServerFilter{}); !client.IsCertificateError(err) {
		t.Errorf("without the CA file: %v", err)
	}
	other := launch(t, "--tls")
	stranger.CAFile = other.facts.CAFile
	if _, err := clientFor(t, stranger).Servers.List(t.Context(), client.ServerFilter{}); !client.IsCertificateError(err) {
		t.Errorf("with the CA file of another grid: %v", err)
	}
	if got := status(t, strings.Replace(sim.facts.Endpoint, "https", "http", 1)); got != http.StatusBadRequest {
		t.Errorf("plain HTTP: status %d, want 400", got)
	}
	sim.stop()
	if _, err := os.Stat(filepath.Dir(sim.facts.CAFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of a grid in memory was not removed: %v", err)
	}
}

// handshake connects to a TLS grid by a name and trusts its CA file.
func handshake(t *testing.T, f facts, name string) tls.ConnectionState {
	t.Helper()
	pool, err := client.CACertificates(t.Context(), f.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(f.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	dialer := &tls.Dialer{Config: &tls.Config{RootCAs: pool, ServerName: name, NextProtos: []string{"h2", "http/1.1"}}}
	conn, err := dialer.DialContext(t.Context(), "tcp", endpoint.Host)
	if err != nil {
		t.Errorf("connect as %s: %v", name, err)
		return tls.ConnectionState{}
	}
	defer func() { _ = conn.Close() }()
	return conn.(*tls.Conn).ConnectionState()
}

func TestTLSCertificateIsForLoopback(t *testing.T) {
	t.Parallel()
	sim := launch(t, "--tls")
	for _, name := range []string{"127.0.0.1", "::1", "localhost"} {
		if got := handshake(t, sim.facts, name).NegotiatedProtocol; got != "http/1.1" {
			t.Errorf("%s: protocol %q, want the protocol of the real service", name, got)
		}
	}
}

func TestTLSAuthorityIsKeptWithTheState(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "grid.db")
	first := launch(t, "--tls", "--state", state)
	if want := filepath.Join(state+".tls", "ca.pem"); first.facts.CAFile != want {
		t.Errorf("CA file = %s, want %s", first.facts.CAFile, want)
	}
	key, err := os.Stat(filepath.Join(state+".tls", "ca-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if mode := key.Mode().Perm(); mode != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the key file has mode %o, want 600", mode)
	}
	before, err := os.ReadFile(first.facts.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	first.stop()
	second := launch(t, "--tls", "--state", state)
	if after, err := os.ReadFile(second.facts.CAFile); err != nil || string(after) != string(before) {
		t.Errorf("the authority has changed (%v)", err)
	}
	answers(t, second.facts)
}

func TestADamagedAuthorityIsRefused(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "grid.db")
	launch(t, "--tls", "--state", state).stop()
	if err := os.WriteFile(filepath.Join(state+".tls", "ca.pem"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	if code := run(t.Context(), []string{"--tls", "--state", state}, nil, io.Discard, &stderr); code != exitFailed || !strings.Contains(stderr.String(), "remove "+state+".tls") {
		t.Errorf("code %d, message %s", code, stderr.String())
	}
}

func TestAnExpiringAuthorityIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Date(2012, 8, 25, 12, 0, 0, 0, time.UTC)
	at := func(after time.Duration) *x509.Certificate {
		a, err := keptAuthority(dir, now.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return a.certificate
	}
	first := at(0)
	if !at(authorityLife - certificateLife - time.Hour).Equal(first) {
		t.Error("the authority was replaced, although it outlives a new certificate")
	}
	if at(authorityLife - certificateLife).Equal(first) {
		t.Error("the authority was kept, although a new certificate would outlive it")
	}
}

// ownCertificate writes a certificate and its key for hosts.
func ownCertificate(t *testing.T, hosts ...string) (cert, key string) {
	t.Helper()
	a, err := newAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := a.issue(time.Now(), hosts)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if err := errors.Join(writePEM(cert, "CERTIFICATE", pair.Certificate[0]), writePEM(key, "PRIVATE KEY", private)); err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func TestTLSWithACertificateOfOnesOwn(t *testing.T) {
	t.Parallel()
	for host, endpoint := range map[string]string{"127.0.0.1": "https://127.0.0.1:", "localhost": "https://localhost:"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			cert, key := ownCertificate(t, host)
			sim := launch(t, "--tls-cert", cert, "--tls-key", key)
			if !strings.HasPrefix(sim.facts.Endpoint, endpoint) || sim.facts.CAFile != cert {
				t.Errorf("facts = %+v, want endpoint %s and CA file %s", sim.facts, endpoint, cert)
			}
			answers(t, sim.facts)
		})
	}
}

func TestTLSRefusesCertificatesThatDoNotFit(t *testing.T) {
	t.Parallel()
	cert, key := ownCertificate(t, "grid.example")
	_, otherKey := ownCertificate(t, "127.0.0.1")
	for name, test := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"other host":   {[]string{"--tls-cert", cert, "--tls-key", key}, exitFailed, []string{"127.0.0.1", "localhost", "grid.example"}},
		"other key":    {[]string{"--tls-cert", cert, "--tls-key", otherKey}, exitFailed, []string{cert, "private key"}},
		"no such file": {[]string{"--tls-cert", "no.pem", "--tls-key", key}, exitFailed, []string{"no.pem"}},
		"no key":       {[]string{"--tls-cert", cert}, exitUsage, []string{"--tls-key"}},
		"no cert":      {[]string{"--tls", "--tls-key", key}, exitUsage, []string{"--tls-cert"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			if code := run(t.Context(), test.args, nil, io.Discard, &stderr); code != test.code {
				t.Errorf("code = %d, want %d", code, test.code)
			}
			for _, want := range test.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("the message lacks %q: %s", want, stderr.String())
				}
			}
		})
	}
}

func TestRunGivesTheCommandAGridOverTLS(t *testing.T) {
	t.Parallel()
	got := report(t, []string{"GOGRID_CA_CERTIFICATE_FILE=/nowhere/ca.pem"}, "--tls")
	if got["grid"] != "answers" || !strings.HasPrefix(got["GOGRID_ENDPOINT"], "https://") {
		t.Errorf("report = %v", got)
	}
}

func TestRunKeepsTheCAFileForACertificateOfOnesOwn(t *testing.T) {
	t.Parallel()
	set := &settings{options: simulator.Options{Speed: 1}}
	s := &server{facts: facts{CAFile: "cert.pem"}, security: &security{caFile: "cert.pem"}}
	for given, want := range map[string]string{"GOGRID_CA_CERTIFICATE_FILE=mine.pem": "mine.pem", "OTHER=": "cert.pem"} {
		if got, _ := lookup(s.environment([]string{given}, set), "GOGRID_CA_CERTIFICATE_FILE"); got != want {
			t.Errorf("with %s: GOGRID_CA_CERTIFICATE_FILE = %q, want %q", given, got, want)
		}
	}
}
