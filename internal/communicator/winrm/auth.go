// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/Azure/go-ntlmssp"
)

// Auth is an authentication method.
type Auth string

// The supported authentication methods.
const (
	// AuthAny uses NTLM if the server offers it, and Basic otherwise.
	AuthAny Auth = ""
	// AuthNTLM proves that the client knows the password without sending the
	// password.
	AuthNTLM Auth = "ntlm"
	// AuthBasic sends the password. Windows disables it by default.
	AuthBasic Auth = "basic"
)

func (a Auth) check() error {
	if !slices.Contains([]Auth{AuthAny, AuthNTLM, AuthBasic}, a) {
		return fmt.Errorf("authentication %q is unknown: it must be ntlm, basic or empty", string(a))
	}
	return nil
}

// exchange sends one message and returns the answer. It logs in if the server
// requires a login. It returns an error only if the connection fails; after a
// rejected login it returns the answer with status 401.
func (c *Client) exchange(ctx context.Context, message []byte) (*http.Response, error) {
	if c.auth == AuthBasic {
		return c.post(ctx, c.transport, message)
	}
	c.transport.failure = nil
	answer, err := c.post(ctx, ntlmssp.Negotiator{RoundTripper: c.transport}, message)
	if err != nil || answer.StatusCode != http.StatusUnauthorized {
		return answer, err
	}
	if failure := c.transport.failure; failure != nil {
		// If the connection breaks during the login, the negotiator reports a
		// rejected login.
		_ = answer.Body.Close()
		return nil, failure
	}
	offered := offers(answer)
	if c.auth == AuthAny && slices.Contains(offered, "basic") && !slices.Contains(offered, "ntlm") && !slices.Contains(offered, "negotiate") {
		_ = answer.Body.Close()
		c.auth = AuthBasic
		return c.exchange(ctx, message)
	}
	return answer, nil
}

func (c *Client) post(ctx context.Context, through http.RoundTripper, message []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(message))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/soap+xml;charset=UTF-8")
	request.Header.Set("User-Agent", "terraform-provider-gogrid")
	request.SetBasicAuth(c.username, c.password)
	return through.RoundTrip(request)
}

// offers returns the authentication schemes that a server offers, in lower
// case.
func offers(answer *http.Response) []string {
	var all []string
	for _, header := range answer.Header.Values("WWW-Authenticate") {
		for _, challenge := range strings.Split(header, ",") {
			scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
			if scheme != "" && !strings.Contains(scheme, "=") {
				all = append(all, strings.ToLower(scheme))
			}
		}
	}
	return all
}

// maxRejection is the number of bytes that the client reads from the body of a
// rejection.
const maxRejection = 64 << 10

// loginTransport is the transport that the authentication uses. It records why
// an exchange failed. It reads the body of a rejection at once, because the
// next step of the login must use the same connection.
type loginTransport struct {
	next    http.RoundTripper
	failure error
}

// RoundTrip sends one request; see http.RoundTripper.
func (t *loginTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(request)
	if err != nil {
		t.failure = err
		return nil, err
	}
	if answer.StatusCode != http.StatusUnauthorized {
		return answer, nil
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxRejection))
	_ = answer.Body.Close()
	if err != nil {
		t.failure = err
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(text))
	return answer, nil
}
