// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/jonboulle/clockwork"
)

const (
	// defaultReadyTimeout bounds the wait for a new server to answer. Users
	// reported two to five minutes after it showed as on, and one who waited
	// 15 in vain.
	defaultReadyTimeout = 20 * time.Minute
	// readyTry bounds one try.
	readyTry = 10 * time.Second
	// readyPause is the longest pause between two tries.
	readyPause = 5 * time.Second
)

// readiness is what a server must do before it counts as ready.
type readiness struct {
	address  string // where a TCP connection must be accepted; empty: not asked for
	url      string // what must answer with a 2xx status; empty: not asked for
	timeout  time.Duration
	interval time.Duration
	clock    clockwork.Clock
}

// await tries until the server is ready, the time is over, or the context
// ends. The error tells what the last try met.
func (r readiness) await(ctx context.Context) error {
	if r.address == "" && r.url == "" {
		return nil
	}
	start := r.clock.Now()
	for {
		err := r.try(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted while waiting for the server to be ready; the last try: %w", err)
		}
		if waited := r.clock.Since(start); waited >= r.timeout {
			return fmt.Errorf("the server is not ready after %s; the last try: %w", waited.Round(time.Second), err)
		}
		select {
		case <-r.clock.After(r.interval):
		case <-ctx.Done():
		}
	}
}

func (r readiness) try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTry)
	defer cancel()
	if r.address != "" {
		if err := tryTCP(ctx, r.address); err != nil {
			return err
		}
	}
	if r.url != "" {
		return tryHTTP(ctx, r.url)
	}
	return nil
}

func tryTCP(ctx context.Context, address string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

func tryHTTP(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	httpClient := cleanhttp.DefaultClient()
	resp, err := httpClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return errors.New(req.Method + " " + req.URL.Redacted() + " answered " + resp.Status)
	}
	return nil
}

// readyURL fills the placeholders of a URL that is written before the
// server's addresses are known.
func readyURL(url, publicIP, privateIP string) string {
	return strings.NewReplacer("{public_ip}", publicIP, "{private_ip}", privateIP).Replace(url)
}

func readyAddress(publicIP string, port int64) string {
	return net.JoinHostPort(publicIP, strconv.FormatInt(port, 10))
}
