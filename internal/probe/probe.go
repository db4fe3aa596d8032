// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package probe looks once whether a server gives a sign of life.
package probe

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

const (
	// limit bounds one look.
	limit = 10 * time.Second
	// maxBody is how much of an answer is read, in bytes.
	maxBody = 1 << 20
)

// Sign is what a server must answer. What is empty is not asked for.
type Sign struct {
	// Address must accept a TCP connection.
	Address string
	// URL must answer with the status, or with any from 200 to 299 where that is
	// 0.
	URL    string
	Status int
	// Body must be part of that answer's first mebibyte.
	Body string
}

// Asked tells whether anything is asked for.
func (s Sign) Asked() bool { return s.Address != "" || s.URL != "" }

// Look looks once, for 10 s at most. The error says what the server did
// instead.
func (s Sign) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
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

func (s Sign) get(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return err
	}
	resp, err := cleanhttp.DefaultClient().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answered := "GET " + req.URL.Redacted() + " answered "
	if s.Status != 0 && resp.StatusCode != s.Status || s.Status == 0 && (resp.StatusCode < 200 || resp.StatusCode > 299) {
		return fmt.Errorf("%s%s", answered, resp.Status)
	}
	if s.Body == "" {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return fmt.Errorf("%s%s and broke off: %w", answered, resp.Status, err)
	}
	if !strings.Contains(string(body), s.Body) {
		return fmt.Errorf("%s%s without the text %q, but with %s", answered, resp.Status, s.Body, beginning(body))
	}
	return nil
}

// beginning quotes the first words of an answer.
func beginning(body []byte) string {
	const most = 60
	text := string(body[:min(len(body), most)])
	if len(body) > most {
		return fmt.Sprintf("%q...", text)
	}
	return fmt.Sprintf("%q", text)
}
