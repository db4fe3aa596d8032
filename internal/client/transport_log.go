// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"time"

	"github.com/jonboulle/clockwork"
)

// logTransport logs every try, with secrets redacted.
type logTransport struct {
	next   http.RoundTripper
	clock  clockwork.Clock
	redact *redactor
	log    LogFunc
}

// loggedBytes limits how much of the parameters and of an answer is logged.
const loggedBytes = 1024

// RoundTrip implements [http.RoundTripper].
func (t *logTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	info := callOf(request.Context())
	fields := map[string]any{"method": info.method, "try": info.try}
	if form, err := formOf(request); err == nil {
		fields["parameters"] = t.head(form)
	}
	begun := t.clock.Now()
	response, err := t.next.RoundTrip(request)
	fields["duration_ms"] = float64(t.clock.Since(begun)) / float64(time.Millisecond)
	if err != nil {
		fields["error"] = t.redact.Text(err.Error())
		t.log(request.Context(), "GoGrid call failed", fields)
		return response, err
	}
	fields["status"] = response.StatusCode
	if code := response.Header.Get(masheryCode); code != "" {
		fields["code"] = t.redact.Line(code)
	}
	if read := answerOf(response); read != nil {
		fields["bytes"] = int(read.size)
		if !info.private() {
			fields["answer"] = t.head(read.head)
		}
	}
	t.log(request.Context(), "GoGrid call", fields)
	return response, nil
}

// head returns the beginning of a text without secrets.
func (t *logTransport) head(text []byte) lazyText {
	return func() string { return t.redact.Head(text, loggedBytes) }
}

// lazyText is a text that is redacted when it is printed. Because it is a function, no
// formatting verb can show the original text.
type lazyText func() string

// String implements [fmt.Stringer].
func (s lazyText) String() string { return s() }

// MarshalText implements [encoding.TextMarshaler].
func (s lazyText) MarshalText() ([]byte, error) { return []byte(s()), nil }
