// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

// Client is a connection to the grid of one account. It is safe for concurrent
// use; share one, or waits and snapshots are not shared.
type Client struct {
	Servers       *ServerService
	Images        *ImageService
	IPs           *IPService
	LoadBalancers *LoadBalancerService
	Jobs          *JobService
	Passwords     *PasswordService
	Lookups       *LookupService
	Billing       *BillingService
	// Watch is how to wait for a change.
	Watch *Watch
	// Snapshot is how to read when many others read too.
	Snapshot *Snapshot
}

// New returns a client for the API key and its shared secret. It makes no call.
func New(apiKey, sharedSecret string, settings ...Setting) (*Client, error) {
	c := defaultConfig(apiKey, sharedSecret)
	for _, set := range settings {
		if err := set(c); err != nil {
			return nil, fmt.Errorf("gogrid client: %w", err)
		}
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("gogrid client: %w", err)
	}
	calls := newCaller(c)
	snapshot := newSnapshot(calls, c.clock, c.snapshotWindow)
	return &Client{
		Servers:       &ServerService{calls: calls, snapshot: snapshot},
		Images:        &ImageService{calls: calls, snapshot: snapshot},
		IPs:           &IPService{calls: calls},
		LoadBalancers: &LoadBalancerService{calls: calls, snapshot: snapshot},
		Jobs:          &JobService{calls: calls},
		Passwords:     &PasswordService{calls: calls},
		Lookups:       &LookupService{calls: calls},
		Billing:       &BillingService{calls: calls},
		Watch:         newWatch(calls, snapshot, c.clock, c.pollInterval),
		Snapshot:      snapshot,
	}, nil
}

// maxConnections is how many connections to the one host are opened and kept.
// An apply of 200 servers at once sends 200 calls at once; the usual limit of a
// handful of idle connections would open and close one for nearly every call.
const maxConnections = 256

// idleTimeout is shorter than the time after which common servers close an idle
// connection (Tomcat: 20 s). A change that is sent just as that happens cannot
// be repeated, since nobody knows whether it arrived.
const idleTimeout = 15 * time.Second

func pooledTransport(certificates *x509.CertPool) *http.Transport {
	transport := cleanhttp.DefaultPooledTransport()
	transport.MaxIdleConns = 2 * maxConnections
	transport.MaxIdleConnsPerHost = maxConnections
	transport.MaxConnsPerHost = maxConnections
	transport.IdleConnTimeout = idleTimeout
	if certificates != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: certificates, MinVersion: tls.VersionTLS12}
	}
	return transport
}
