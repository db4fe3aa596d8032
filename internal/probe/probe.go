// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package probe checks the health of a server over TCP and HTTP.
package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/untrusted"
)

const (
	// tryTimeout bounds one try.
	tryTimeout = 10 * time.Second
	// maxBody is the maximum number of bytes that are read of the body, and of the
	// headers.
	maxBody = 1 << 20
	// maxRedirects is the maximum number of redirects that are followed.
	maxRedirects = 10
)

// Check is a health check of a server. Empty fields are not checked.
type Check struct {
	// Address is a host and port that must accept a TCP connection.
	Address string
	// URL must answer a GET request with Status, or with any status from 200 to
	// 299 if Status is 0. Redirects to the same host are followed, unless Status
	// is from 300 to 399.
	URL    string
	Status int
	// Body must occur in the first mebibyte of the response body.
	Body string
}

// IsSet reports whether there is anything to check.
func (s Check) IsSet() bool { return s.Address != "" || s.URL != "" }

// Try runs the check once, for at most 10 s. If the check fails, the error
// describes what the server did.
func (s Check) Try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	if s.Address != "" {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Address)
		if err != nil {
			return err
		}
		_ = conn.Close() // an accepted connection is enough
	}
	if s.URL != "" {
		return s.get(ctx)
	}
	return nil
}

// Await repeats Try, with a pause between tries, until the check succeeds, the
// deadline has passed or ctx is done. It returns the error of the last try.
func (s Check) Await(ctx context.Context, clock clockwork.Clock, pause time.Duration, deadline time.Time) error {
	for {
		err := s.Try(ctx)
		if err == nil || ctx.Err() != nil || !clock.Now().Before(deadline) {
			return err
		}
		select {
		case <-clock.After(pause):
		case <-ctx.Done():
		}
	}
}

func (s Check) get(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return err
	}
	if req.URL.Hostname() == "" { // an empty host would mean this machine
		return fmt.Errorf("the URL %s names no host", req.URL.Redacted())
	}
	resp, err := s.client().Do(req)
	if err != nil {
		return shorten(err)
	}
	defer resp.Body.Close()
	result := fmt.Sprintf("GET %s answered %d %s", req.URL.Redacted(), resp.StatusCode, http.StatusText(resp.StatusCode))
	if s.Status != 0 && resp.StatusCode != s.Status || s.Status == 0 && (resp.StatusCode < 200 || resp.StatusCode > 299) {
		if to := resp.Header.Get("Location"); to != "" {
			result += " and leads to " + quoteStart([]byte(to))
		}
		return errors.New(result)
	}
	if s.Body == "" {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return fmt.Errorf("%s and broke off: %w", result, shorten(err))
	}
	if !strings.Contains(string(body), s.Body) {
		return fmt.Errorf("%s without the text %q, but with %s", result, s.Body, quoteStart(body))
	}
	return nil
}

// client returns a client that follows redirects only within the host: a
// response from another host says nothing about the health of this one. If the
// check expects a redirect, the client follows none.
func (s Check) client() *http.Client {
	transport := cleanhttp.DefaultTransport()
	transport.MaxResponseHeaderBytes = maxBody
	return &http.Client{Transport: transport, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		switch {
		case s.Status >= 300 && s.Status <= 399, req.URL.Hostname() != via[0].URL.Hostname():
			return http.ErrUseLastResponse
		case len(via) >= maxRedirects:
			return fmt.Errorf("stopped after %d redirects", maxRedirects)
		}
		return nil
	}}
}

// shortError replaces the text of an error that quotes a server with a shorter
// text.
type shortError struct {
	error
	text string
}

func (e *shortError) Error() string { return e.text }

func (e *shortError) Unwrap() error { return e.error }

// shorten wraps an error and limits its text to one visible line of at most 300 bytes
// plus an ellipsis.
func shorten(err error) error {
	const maxLength = 300
	text := untrusted.Line(err.Error())
	if len(text) <= maxLength {
		return &shortError{err, text}
	}
	return &shortError{err, strings.ToValidUTF8(text[:maxLength], "") + "..."}
}

// quoteStart quotes the first 60 bytes of a response.
func quoteStart(body []byte) string {
	const maxLength = 60
	text := string(body[:min(len(body), maxLength)])
	if len(body) > maxLength {
		return fmt.Sprintf("%q...", text)
	}
	return fmt.Sprintf("%q", text)
}
