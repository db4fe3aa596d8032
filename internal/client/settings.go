// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/localfile"
)

// The defaults of the settings.
const (
	DefaultEndpoint       = "https://api.gogrid.com/api"
	DefaultRequestTimeout = 60 * time.Second
	DefaultMaxRetries     = 4
	DefaultPollInterval   = 10 * time.Second
	DefaultSnapshotWindow = 15 * time.Second
)

// Setting configures a [Client]. The type is not called Option, because GoGrid
// uses that word for the values of its lists: see [Option].
type Setting func(*config) error

// LogFunc receives one line of the client's log, without secrets. Values that
// take long to redact are a [fmt.Stringer] and an [encoding.TextMarshaler] that
// redact only when they are printed, because most lines are never printed.
type LogFunc func(ctx context.Context, message string, fields map[string]any)

type config struct {
	apiKey         string
	sharedSecret   string
	endpoint       *url.URL
	transport      http.RoundTripper
	certificates   *x509.CertPool
	clock          clockwork.Clock
	random         func() float64
	userAgent      string
	rate           float64
	requestTimeout time.Duration
	maxRetries     int
	pollInterval   time.Duration
	snapshotWindow time.Duration
	log            LogFunc
}

// defaultConfig returns the configuration before any setting is applied.
func defaultConfig(apiKey, sharedSecret string) *config {
	return &config{
		apiKey:         apiKey,
		sharedSecret:   sharedSecret,
		clock:          clockwork.NewRealClock(),
		random:         rand.Float64, //nolint:gosec // only randomizes the delays between retries
		userAgent:      "terraform-provider-gogrid",
		requestTimeout: DefaultRequestTimeout,
		maxRetries:     DefaultMaxRetries,
		pollInterval:   DefaultPollInterval,
		snapshotWindow: DefaultSnapshotWindow,
	}
}

// WithEndpoint sets the base URL of the API. The scheme must be https, or http for a
// loopback address. The default is [DefaultEndpoint].
func WithEndpoint(endpoint string) Setting {
	return func(c *config) error {
		parsed, err := parseEndpoint(endpoint)
		if err != nil {
			return err
		}
		c.endpoint = parsed
		return nil
	}
}

// parseEndpoint does not quote an invalid URL in its error, because the URL may hold
// a password.
func parseEndpoint(endpoint string) (*url.URL, error) {
	parsed, err := url.Parse(strings.TrimRight(strings.TrimSpace(endpoint), "/"))
	if err != nil || parsed.Host == "" {
		return nil, errors.New("endpoint: not a URL; write it like " + DefaultEndpoint)
	}
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return nil, errors.New("endpoint: must have no user, query or fragment; write it like " + DefaultEndpoint)
	}
	switch parsed.Scheme {
	case "https":
		return parsed, nil
	case "http":
		if !isLoopback(parsed.Hostname()) {
			return nil, fmt.Errorf("endpoint %s: plain http is allowed only to a loopback address; use https", parsed)
		}
		return parsed, nil
	default:
		return nil, fmt.Errorf("endpoint %s: the scheme must be https (or http to a loopback address), not %q", parsed, parsed.Scheme)
	}
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

// WithTransport sets the innermost transport, which sends the requests. The
// default is a pooled transport that uses the proxy from the environment
// variables.
func WithTransport(transport http.RoundTripper) Setting {
	return func(c *config) error {
		if transport == nil {
			return errors.New("transport: must not be nil")
		}
		c.transport = transport
		return nil
	}
}

// maxCAFile limits the size of a file of CA certificates, in bytes. The CA
// certificates of an operating system take about 250 KB.
const maxCAFile = 16 << 20

// CACertificates returns the certificate authorities of the system and of a PEM
// file. The file must be a regular file of at most 16 MiB.
func CACertificates(ctx context.Context, file string) (*x509.CertPool, error) {
	text, err := localfile.Read(ctx, file, maxCAFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // the system has none
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", file)
	}
	return pool, nil
}

// WithCACertificates sets the authorities that may sign the endpoint's
// certificate. The default is the authorities of the system. The setting cannot be
// combined with [WithTransport].
func WithCACertificates(pool *x509.CertPool) Setting {
	return func(c *config) error {
		c.certificates = pool
		return nil
	}
}

// WithClock sets the clock for signatures, waits and polls. The default is the system
// clock.
func WithClock(clock clockwork.Clock) Setting {
	return func(c *config) error {
		if clock == nil {
			return errors.New("clock: must not be nil")
		}
		c.clock = clock
		return nil
	}
}

// WithRandom sets the source of the random numbers in [0,1) that randomize the
// delays between retries.
func WithRandom(random func() float64) Setting {
	return func(c *config) error {
		if random == nil {
			return errors.New("random: must not be nil")
		}
		c.random = random
		return nil
	}
}

// WithUserAgent sets the User-Agent header.
func WithUserAgent(userAgent string) Setting {
	return func(c *config) error {
		c.userAgent = userAgent
		return nil
	}
}

// WithMaxRequestsPerSecond limits the total rate of requests of a client. The
// default is 0, which means no limit.
func WithMaxRequestsPerSecond(rate float64) Setting {
	return func(c *config) error {
		if rate < 0 || math.IsNaN(rate) || math.IsInf(rate, 0) {
			return fmt.Errorf("requests per second: %v is not allowed; give a positive number, or 0 for no limit", rate)
		}
		c.rate = rate
		return nil
	}
}

// WithRequestTimeout limits the duration of each attempt of a call. The default
// is [DefaultRequestTimeout].
func WithRequestTimeout(timeout time.Duration) Setting {
	return func(c *config) error {
		if timeout <= 0 {
			return fmt.Errorf("request timeout: %s is not allowed; give a positive duration", timeout)
		}
		c.requestTimeout = timeout
		return nil
	}
}

// WithMaxRetries limits how often a call is repeated after the first attempt. 0
// means no retries. The default is [DefaultMaxRetries].
func WithMaxRetries(retries int) Setting {
	return func(c *config) error {
		if retries < 0 {
			return fmt.Errorf("retries: %d is not allowed; give 0 or more", retries)
		}
		c.maxRetries = retries
		return nil
	}
}

// WithPollInterval sets the time between two polls once a wait has lasted half
// its usual duration. Before that, polls are up to three times less frequent.
// The default is [DefaultPollInterval].
func WithPollInterval(interval time.Duration) Setting {
	return func(c *config) error {
		if interval <= 0 {
			return fmt.Errorf("poll interval: %s is not allowed; give a positive duration", interval)
		}
		c.pollInterval = interval
		return nil
	}
}

// WithSnapshotWindow sets how long the [Snapshot] uses a list. If it is 0,
// every read fetches a new list, but concurrent reads still share one call. The
// default is [DefaultSnapshotWindow].
func WithSnapshotWindow(window time.Duration) Setting {
	return func(c *config) error {
		if window < 0 {
			return fmt.Errorf("snapshot window: %s is not allowed; give 0 or more", window)
		}
		c.snapshotWindow = window
		return nil
	}
}

// WithLog sets the function that logs calls. By default the client does not log.
func WithLog(log LogFunc) Setting {
	return func(c *config) error {
		c.log = log
		return nil
	}
}

// check validates the configuration once all settings are applied, and adds missing
// defaults.
func (c *config) check() error {
	if strings.TrimSpace(c.apiKey) == "" {
		return errors.New("the API key is empty: GoGrid's portal shows it under My Account > API Keys, and a simulated grid prints it when it starts")
	}
	if c.sharedSecret == "" {
		return errors.New("the shared secret is empty: it was chosen when the API key was created in GoGrid's portal, and a simulated grid prints it when it starts")
	}
	if c.certificates != nil && c.transport != nil {
		return errors.New("certificates: must not be combined with a transport")
	}
	if c.endpoint == nil {
		endpoint, err := parseEndpoint(DefaultEndpoint)
		if err != nil {
			return err
		}
		c.endpoint = endpoint
	}
	if c.transport == nil {
		c.transport = pooledTransport(c.certificates)
	}
	return nil
}
