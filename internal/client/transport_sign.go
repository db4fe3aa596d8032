// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"crypto/md5" //nolint:gosec // the service's algorithm
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/jonboulle/clockwork"
)

// signTransport adds the API key and a signature to the form. Every attempt has
// a new signature, because the service accepts a signature only within about
// ten minutes of the service's own time.
type signTransport struct {
	next         http.RoundTripper
	clock        clockwork.Clock
	apiKey       string
	sharedSecret string
}

// RoundTrip implements [http.RoundTripper].
func (t *signTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	form, err := formOf(request)
	if err != nil {
		return nil, err
	}
	credentials := url.Values{
		"api_key": {t.apiKey},
		"sig":     {signature(t.apiKey, t.sharedSecret, t.clock.Now())},
	}.Encode()
	if len(form) > 0 {
		credentials = "&" + credentials
	}
	return t.next.RoundTrip(withForm(request.Clone(request.Context()), append(form, credentials...)))
}

// signature returns a GoGrid signature: the MD5 sum, in lower-case hex, of the
// concatenated key, secret and Unix time in seconds. The signature does not
// cover the parameters of the call.
func signature(apiKey, sharedSecret string, now time.Time) string {
	sum := md5.Sum([]byte(apiKey + sharedSecret + strconv.FormatInt(now.Unix(), 10))) //nolint:gosec // the service's algorithm
	return hex.EncodeToString(sum[:])
}
