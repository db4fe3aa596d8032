// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/localfile"
)

// tlsFolder is appended to the path of a state file to name the folder of its
// authority.
const tlsFolder = ".tls"

// security holds the certificate of a grid that serves TLS, and the file of the
// certificate authority that clients must trust.
type security struct {
	certificate tls.Certificate
	caFile      string // PEM file that clients must trust
	host        string // host of the endpoint, as in the certificate
	generated   bool   // the certificate is signed by the grid's own authority
	temporary   string // folder to remove at the end; "" if there is none
}

// openSecurity loads or creates the grid's certificate. It returns nil if the
// grid speaks plain HTTP.
func (s *settings) openSecurity(ctx context.Context, listener net.Listener, now time.Time) (*security, error) {
	hosts := s.hosts(listener)
	switch {
	case s.tlsCert != "":
		return ownSecurity(ctx, s.tlsCert, s.tlsKey, hosts)
	case !s.tls:
		return nil, nil //nolint:nilnil // nil is plain HTTP
	}
	sec := &security{host: hosts[0], generated: true}
	dir := s.options.State + tlsFolder
	if s.options.State == "" {
		made, err := os.MkdirTemp("", "gogrid-tls-")
		if err != nil {
			return nil, fmt.Errorf("make a folder for the certificate authority: %w", err)
		}
		dir, sec.temporary = made, made
	}
	err := sec.open(dir, now, hosts)
	if err != nil {
		return nil, errors.Join(err, sec.close())
	}
	return sec, nil
}

func (s *security) open(dir string, now time.Time, hosts []string) (err error) {
	a, err := keptAuthority(dir, now)
	if err != nil {
		return err
	}
	if s.certificate, err = a.issue(now, hosts); err != nil {
		return fmt.Errorf("make a certificate for the grid: %w", err)
	}
	s.caFile, err = filepath.Abs(filepath.Join(dir, authorityFile))
	return err
}

// ownSecurity uses the user's certificate. Clients must trust the certificate
// file itself.
func ownSecurity(ctx context.Context, certFile, keyFile string, hosts []string) (*security, error) {
	pair, err := readKeyPair(ctx, certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s with --tls-key %s: %w", certFile, keyFile, err)
	}
	path, err := filepath.Abs(certFile)
	if err != nil {
		return nil, err
	}
	for _, host := range hosts {
		if pair.Leaf.VerifyHostname(host) == nil {
			return &security{certificate: pair, caFile: path, host: host}, nil
		}
	}
	return nil, fmt.Errorf("--tls-cert %s: the certificate must be valid for one of the hosts %q; it has the names %q and the addresses %v",
		certFile, hosts, pair.Leaf.DNSNames, pair.Leaf.IPAddresses)
}

// maxPEMFile limits the size of a file with a certificate or its key, in bytes.
const maxPEMFile = 1 << 20

func readKeyPair(ctx context.Context, certFile, keyFile string) (tls.Certificate, error) {
	certificate, err := localfile.Read(ctx, certFile, maxPEMFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := localfile.Read(ctx, keyFile, maxPEMFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certificate, key)
}

// hosts returns the names and addresses that clients may use for the endpoint.
// The first host is the address that the grid listens on.
func (s *settings) hosts(listener net.Listener) []string {
	hosts := []string{listener.Addr().(*net.TCPAddr).IP.String()}
	if given, _, err := net.SplitHostPort(s.listen); err == nil && given != "" {
		hosts = append(hosts, given)
	}
	hosts = append(hosts, "127.0.0.1", "::1", "localhost")
	var distinct []string
	for _, host := range hosts {
		if !slices.Contains(distinct, host) {
			distinct = append(distinct, host)
		}
	}
	return distinct
}

// config returns the TLS configuration of the HTTP server. HTTP/2 is off,
// because the real service spoke HTTP/1.1.
func (s *security) config() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{s.certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
}

// close removes the temporary folder, if there is one. A nil security is valid.
func (s *security) close() error {
	if s == nil || s.temporary == "" {
		return nil
	}
	return os.RemoveAll(s.temporary)
}
