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

// Client calls the API for one account. It is safe for concurrent use. Use one
// Client for all calls, because clients do not share polls or lists with each
// other.
type Client struct {
	Servers       *ServerService
	Images        *ImageService
	IPs           *IPService
	LoadBalancers *LoadBalancerService
	Jobs          *JobService
	Passwords     *PasswordService
	Lookups       *LookupService
	Billing       *BillingService
	// Watch waits for changes. All waits share its polls.
	Watch *Watch
	// Snapshot reads objects. All readers share its lists.
	Snapshot *Snapshot

	endpoint  string
	afterFunc afterFunc
}

// New returns a client for an API key and its shared secret. It makes no call. The
// error names an invalid setting.
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
		endpoint:      c.endpoint.String(),
		afterFunc:     realAfterFunc,
	}, nil
}

// maxConnections limits the open connections to the API host. An apply of 200
// servers sends 200 calls at once. If only a few idle connections were kept, as
// is usual, nearly every call would open and close its own connection.
const maxConnections = 256

// idleTimeout is shorter than the time after which common servers close an idle
// connection (Tomcat: 20 s). If the server closes a connection while the client
// sends a change, the client cannot repeat the change, because it may have
// arrived.
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
