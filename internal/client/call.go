// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/jonboulle/clockwork"
)

// apiVersion is the newest known version of the API.
const apiVersion = "1.9"

// callInfo describes a call. The transports read it from the context of the
// request.
type callInfo struct {
	method string
	// changing is true if the call changes something, so it must not be carried
	// out twice.
	changing bool
	// try is the number of the current try, starting at 1.
	try int
	// rows receives the rows of the answer; nil if the call needs none.
	rows rowSink
}

type callKey struct{}

func withCall(ctx context.Context, info callInfo) context.Context {
	return context.WithValue(ctx, callKey{}, info)
}

func callOf(ctx context.Context) callInfo {
	info, _ := ctx.Value(callKey{}).(callInfo)
	return info
}

// private reports whether the answer must never be logged or quoted, not even
// redacted.
func (c callInfo) private() bool { return strings.HasPrefix(c.method, "support.") }

// changingWords are the last parts of the names of methods that change something.
var changingWords = [...]string{"add", "edit", "power", "delete", "save", "restore"}

func isChanging(method string) bool {
	last := method[strings.LastIndexByte(method, '.')+1:]
	for _, word := range changingWords {
		if last == word {
			return true
		}
	}
	return false
}

// caller builds requests for methods, sends them through the transports, and
// turns failed answers into errors.
type caller struct {
	endpoint  *url.URL
	userAgent string
	transport http.RoundTripper
	redact    *redactor
	clock     clockwork.Clock
	// history records the methods for which the service accepted the credentials.
	history *credentialHistory
	// maxRetries limits how often a read is repeated.
	maxRetries int
}

// newCaller builds the chain of transports, innermost first.
func newCaller(c *config) *caller {
	redact := newRedactor(c.apiKey, c.sharedSecret)
	var transport http.RoundTripper = &exchangeTransport{
		next: c.transport, clock: c.clock, timeout: c.requestTimeout, headLimit: redact.headLimit(max(loggedBytes, quotedBytes)),
	}
	if c.log != nil {
		transport = &logTransport{next: transport, clock: c.clock, redact: redact, log: c.log}
	}
	transport = &signTransport{next: transport, clock: c.clock, apiKey: c.apiKey, sharedSecret: c.sharedSecret}
	transport = newLimitTransport(transport, c.clock, c.rate)
	history := &credentialHistory{}
	transport = &retryTransport{next: transport, clock: c.clock, random: c.random, maxRetries: c.maxRetries, history: history}
	return &caller{
		endpoint: c.endpoint, userAgent: c.userAgent, transport: transport, redact: redact, clock: c.clock,
		history: history, maxRetries: c.maxRetries,
	}
}

// call calls a method, passes the rows of the last try to rows, and returns the
// envelope of a successful answer.
func (c *caller) call(ctx context.Context, method string, form url.Values, rows rowSink) (envelope, error) {
	info := callInfo{method: method, changing: isChanging(method), rows: rows}
	request, err := c.request(withCall(ctx, info), method, form)
	if err != nil {
		return envelope{}, c.transportError(info, err)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return envelope{}, c.transportError(info, err)
	}
	defer response.Body.Close() //nolint:errcheck // the body is in memory
	if failure := c.answerError(info, response); failure != nil {
		return envelope{}, failure
	}
	c.history.accept(method)
	return answerOf(response).envelope, nil
}

// request returns a POST request with a form, so that no parameter appears in the
// access log of a proxy. The sign transport adds the API key and a signature to
// every try.
func (c *caller) request(ctx context.Context, method string, form url.Values) (*http.Request, error) {
	form.Set("v", apiVersion)
	form.Set("format", "json")
	target := c.endpoint.JoinPath(strings.Split(method, ".")...)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.userAgent)
	return request, nil
}

// transportError returns the error for a call that got no answer.
func (c *caller) transportError(info callInfo, err error) *Error {
	var exchange *exchangeError
	sent := errors.As(err, &exchange) && exchange.maybeSent
	kind := kindUnsent
	if sent {
		kind = kindUnknown
	}
	return &Error{Method: info.method, kind: kind, outcomeUnknown: sent && info.changing, cause: c.redact.Error(err)}
}

// answerError returns the error for a call that got an answer, or nil if the
// call succeeded.
func (c *caller) answerError(info callInfo, response *http.Response) error {
	read := answerOf(response)
	if read == nil {
		return c.transportError(info, errors.New("the answer was not read"))
	}
	if response.StatusCode/100 == 2 && read.err == nil && read.envelope.succeeded() {
		return nil
	}
	failure := &Error{Method: info.method, Status: response.StatusCode, Code: c.redact.Line(response.Header.Get(masheryCode))}
	switch {
	case isThrottle(response):
		failure.kind = kindThrottled
		failure.RetryAfter = retryAfter(response, c.clock.Now())
	case read.err == nil:
		said := read.envelope.failure()
		failure.Message = c.redact.Line(string(said.Message))
		if said.ErrorCode != "" {
			failure.Code = c.redact.Line(string(said.ErrorCode))
		}
	case response.StatusCode/100 != 4:
		failure.kind = kindBroken
	}
	failure.Body = c.quote(info, read)
	failure.foreign = isForeignAnswer(response)
	failure.outcomeUnknown = info.changing && !failure.foreignMember() && (response.StatusCode >= 500 || failure.kind == kindBroken ||
		failure.kind == kindRefused && c.history.acceptedBefore(info.method, response.StatusCode))
	return failure
}

// quotedBytes limits how much of an answer an error holds.
const quotedBytes = 200

// quote returns the beginning of an answer, redacted. It is empty for a success
// and for a private call.
func (c *caller) quote(info callInfo, read *answer) string {
	if info.private() || (read.err == nil && read.envelope.succeeded()) {
		return ""
	}
	return c.redact.Head(read.head, quotedBytes)
}

// cloneWithBody returns a copy of a request with an unread body for another try.
func cloneWithBody(ctx context.Context, request *http.Request) (*http.Request, error) {
	body, err := formOf(request)
	if err != nil {
		return nil, err
	}
	return withForm(request.Clone(ctx), body), nil
}

// formOf returns the encoded form of a request and leaves its body unread.
func formOf(request *http.Request) ([]byte, error) {
	if request.GetBody == nil {
		return nil, errors.New("the request has no body that can be read again")
	}
	body, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	defer body.Close() //nolint:errcheck // the body is in memory
	return io.ReadAll(body)
}

// withForm replaces the body of a request and returns the request.
func withForm(request *http.Request, form []byte) *http.Request {
	request.Body = io.NopCloser(bytes.NewReader(form))
	request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(form)), nil }
	request.ContentLength = int64(len(form))
	return request
}
