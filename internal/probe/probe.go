// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package probe looks once whether a server gives a sign of life.
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
)

const (
	// limit bounds one look.
	tryTimeout = 10 * time.Second
	// maxBody is how much of an answer is read, and how large its headers may be,
	// in bytes.
	maxBody = 1 << 20
	// maxRedirects is how many redirects are followed.
	maxRedirects = 10
)

// Sign is what a server must answer. What is empty is not asked for.
type Check struct {
	// Address must accept a TCP connection.
	Address string
	// URL must answer with the status, or with any from 200 to 299 where that is
	// 0. A redirect is followed where it stays on the host, unless the status is
	// one of a redirect.
	URL    string
	Status int
	// Body must be part of that answer's first mebibyte.
	Body string
}

// Asked tells whether anything is asked for.
func (s Check) IsSet() bool { return s.Address != "" || s.URL != "" }

// Look looks once, for 10 s at most. The error says what the server did
// instead.
func (s Check) Try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	if s.Address != "" {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Address)
		if err != nil {
			return err
		}
		_ = conn.Close() // it has been accepted, which is all
	}
	if s.URL != "" {
		return s.get(ctx)
	}
	return nil
}

// Await looks again and again, with a pause between, until the sign is there,
// the deadline is over, or the context has ended. The error is that of the last
// look.
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
	if req.URL.Hostname() == "" { // which would be this machine
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

// client follows redirects on the server itself: where another host answers,
// nothing is known of this one. Who asks for a redirect gets it.
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

// shortError repeats no more of what a server has sent than people read.
type shortError struct {
	error
	text string
}

func (e *shortError) Error() string { return e.text }

func (e *shortError) Unwrap() error { return e.error }

// short is an error with a text that is not too long.
func shorten(err error) error {
	const maxLength = 300
	text := err.Error()
	if len(text) <= maxLength {
		return err
	}
	return &shortError{err, strings.ToValidUTF8(text[:maxLength], "") + "..."}
}

// beginning quotes the first words of an answer.
func quoteStart(body []byte) string {
	const maxLength = 60
	text := string(body[:min(len(body), maxLength)])
	if len(body) > maxLength {
		return fmt.Sprintf("%q...", text)
	}
	return fmt.Sprintf("%q", text)
}
