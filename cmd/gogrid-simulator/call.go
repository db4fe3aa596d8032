// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

const callUsage = `Call a method of a running grid's API and print the answer.

  gogrid-simulator call [--ready-file FILE] METHOD [NAME=VALUE...]

For example, in place of the real service's portal:

  gogrid-simulator call grid.server.power server=web-1 power=stop
  gogrid-simulator call grid.server.delete server=web-1
  gogrid-simulator call grid.image.restore id=70001

Without --ready-file, the variables GOGRID_ENDPOINT, GOGRID_API_KEY and
GOGRID_SHARED_SECRET select the grid. "run" sets them, and a grid prints them
when it starts. The exit code is 1 if the grid refuses the call.
`

const (
	// apiVersion is the last version of the API.
	apiVersion = "1.9"
	// callTimeout limits how long a call may take.
	callTimeout = time.Minute
	// largestAnswer is the maximum length of a response, in bytes.
	largestAnswer = 64 << 20
)

// call makes one call to a running grid.
func call(ctx context.Context, args, env []string, out io.Writer) error {
	var ready string
	flags := subcommandFlags("call")
	flags.StringVar(&ready, "ready-file", "", "")
	if err := parseSubcommand(flags, args, callUsage, out); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("name a method, such as grid.server.list")
	}
	method, query := flags.Arg(0), url.Values{"v": {apiVersion}, "format": {"json"}}
	given := url.Values{}
	for _, pair := range flags.Args()[1:] {
		name, value, found := strings.Cut(pair, "=")
		if !found {
			return fmt.Errorf("parameter %q must be NAME=VALUE", pair)
		}
		given.Add(name, value)
	}
	for name, values := range given {
		query[name] = values
	}
	at, err := runningGrid(ctx, ready, env)
	if err != nil {
		return err
	}
	return at.call(ctx, method, query, out)
}

func (f facts) call(ctx context.Context, method string, query url.Values, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	query.Set("api_key", f.APIKey)
	query.Set("sig", signature(f.APIKey, f.SharedSecret, clockwork.NewRealClock().Now()))
	address := strings.TrimRight(f.Endpoint, "/") + "/" + strings.ReplaceAll(method, ".", "/") + "?" + query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("call %s: GOGRID_ENDPOINT must be a URL", method)
	}
	transport, err := f.transport(ctx)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		var failed *url.Error // its message contains the signed query
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return fmt.Errorf("call %s at %s: %w", method, f.Endpoint, err)
	}
	defer answer.Body.Close() //nolint:errcheck // nothing is left to read
	body, err := io.ReadAll(io.LimitReader(answer.Body, largestAnswer))
	if err != nil {
		return fmt.Errorf("call %s: read the response: %w", method, err)
	}
	fmt.Fprintf(out, "%s\n", bytes.TrimSpace(indented(body)))
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the grid refused %s (HTTP %d)", method, answer.StatusCode)
	}
	return nil
}

func (f facts) transport(ctx context.Context) (*http.Transport, error) {
	transport := cleanhttp.DefaultTransport()
	if f.CAFile != "" {
		pool, err := client.CACertificates(ctx, f.CAFile)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return transport, nil
}

// signature returns GoGrid's signature: the MD5 sum of key, secret and Unix
// time.
func signature(apiKey, secret string, now time.Time) string {
	sum := md5.Sum([]byte(apiKey + secret + strconv.FormatInt(now.Unix(), 10)))
	return hex.EncodeToString(sum[:])
}

// indented indents JSON, and returns other formats unchanged.
func indented(text []byte) []byte {
	var readable bytes.Buffer
	if json.Indent(&readable, text, "", "  ") != nil {
		return text
	}
	return readable.Bytes()
}
