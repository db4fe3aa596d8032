// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package webserver reads the configuration of nginx or Apache from the disk of
// a simulated server, and serves HTTP accordingly.
package webserver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// Limits of one configuration.
const (
	maxDepth      = 10 // nesting of included files
	maxDirectives = 20_000
	maxFile       = 1 << 20 // maximum size of one file in bytes
	maxPorts      = 16
)

// Config holds the sites of a web server.
type Config struct {
	Sites []*Site
}

// Site is one virtual host.
type Site struct {
	// Names are host names. A site without names matches any host name.
	Names   []string
	Listens []Listen
	// Default reports whether the site serves requests for unknown hosts.
	Default   bool
	Root      string
	Index     []string
	AutoIndex bool
	Return    *Return
	TryFiles  []string
	Locations []*Location
	// Certificate and Key are paths of PEM files.
	Certificate, Key string
}

// Listen is a port of a site.
type Listen struct {
	Port int
	TLS  bool
}

// Location holds the settings for all paths of a site that start with a prefix.
type Location struct {
	Prefix string
	Exact  bool
	// Root is the folder to which the whole path is appended. Alias is the
	// folder that replaces Prefix in the path.
	Root, Alias string
	Index       []string
	AutoIndex   bool
	Return      *Return
	TryFiles    []string
	Proxy       string
	Denied      bool
}

// Return is a fixed response.
type Return struct {
	Code int
	Text string
}

// Error is a problem in a configuration, with its file and line.
type Error struct {
	Text string
	File string
	Line int
}

func (e *Error) Error() string { return fmt.Sprintf("%s in %s:%d", e.Text, e.File, e.Line) }

// Ports returns the ports of all sites in ascending order.
func (c *Config) Ports() []int {
	var all []int
	for _, site := range c.Sites {
		for _, listen := range site.Listens {
			if !slices.Contains(all, listen.Port) {
				all = append(all, listen.Port)
			}
		}
	}
	slices.Sort(all)
	return all
}

// TLS returns the TLS configuration of a port, or nil if the port serves plain
// HTTP. now returns the time for checking certificates.
func (c *Config) TLS(files disk.FS, port int, now func() time.Time) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, Time: now}
	for _, site := range c.Sites {
		if !slices.Contains(site.Listens, Listen{Port: port, TLS: true}) {
			continue
		}
		pair, err := site.pair(files)
		if err != nil {
			return nil, err
		}
		config.Certificates = append(config.Certificates, pair)
	}
	if len(config.Certificates) == 0 {
		return nil, nil //nolint:nilnil // nil means that the port serves plain HTTP
	}
	return config, nil
}

func (s *Site) pair(files disk.FS) (tls.Certificate, error) {
	if s.Certificate == "" {
		return tls.Certificate{}, errors.New("no certificate is configured for the TLS port")
	}
	certificate, err := readFile(files, s.Certificate)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("cannot load certificate %q: %w", s.Certificate, err)
	}
	key, err := readFile(files, s.Key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("cannot load certificate key %q: %w", s.Key, err)
	}
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("cannot use %q with the key %q: %s", s.Certificate, s.Key, strings.TrimPrefix(err.Error(), "tls: "))
	}
	return pair, nil
}
