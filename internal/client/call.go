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

// apiVersion is the newest version of the API that was ever seen.
const apiVersion = "1.9"

// callInfo goes with a request through the transports.
type callInfo struct {
	method string
	// changing is true for a call that must not be carried out twice.
	changing bool
	// try counts from 1.
	try int
}

type callKey struct{}

func withCall(ctx context.Context, info callInfo) context.Context {
	return context.WithValue(ctx, callKey{}, info)
}

func callOf(ctx context.Context) callInfo {
	info, _ := ctx.Value(callKey{}).(callInfo)
	return info
}

// private reports whether the answer must never be shown, not even redacted.
func (c callInfo) private() bool { return strings.HasPrefix(c.method, "support.") }

// changingWords are the last parts of method names that change something.
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

// caller is the outermost part of the transport: it makes requests out of
// methods and errors out of answers.
type caller struct {
	endpoint  *url.URL
	userAgent string
	transport http.RoundTripper
	redact    *redactor
	clock     clockwork.Clock
	// credentialHistory knows what the credential was accepted for.
	history *credentialHistory
	// maxRetries is how often a read is repeated at most.
	maxRetries int
}

// newCaller stacks the transports, innermost first.
func newCaller(c *config) *caller {
	redact := newRedactor(c.apiKey, c.sharedSecret)
	var transport http.RoundTripper = &exchangeTransport{next: c.transport, clock: c.clock, timeout: c.requestTimeout}
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

// call carries out a method and returns the envelope of a success.
func (c *caller) call(ctx context.Context, method string, form url.Values) (envelope, error) {
	info := callInfo{method: method, changing: isChanging(method)}
	request, err := c.request(withCall(ctx, info), method, form)
	if err != nil {
		return envelope{}, c.transportError(info, err)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return envelope{}, c.transportError(info, err)
	}
	defer response.Body.Close() //nolint:errcheck // it is in memory
	if failure := c.answerError(info, response); failure != nil {
		return envelope{}, failure
	}
	c.history.accept(method)
	return answerOf(response).envelope, nil
}

// request is a POST with a form, so that no parameter lands in the access log
// of a proxy. The API key and the signature are added for every try.
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

// transportError is the error of a call that got no answer.
func (c *caller) transportError(info callInfo, err error) *Error {
	var exchange *exchangeError
	sent := errors.As(err, &exchange) && exchange.maybeSent
	kind := kindUnsent
	if sent {
		kind = kindUnknown
	}
	return &Error{Method: info.method, kind: kind, outcomeUnknown: sent && info.changing, cause: c.redact.Error(err)}
}

// answerError is the error of a call that got an answer, nil if it is a success.
func (c *caller) answerError(info callInfo, response *http.Response) error {
	read := answerOf(response)
	if read == nil {
		return c.transportError(info, errors.New("the answer was not read"))
	}
	if response.StatusCode/100 == 2 && read.err == nil && read.envelope.succeeded() {
		return nil
	}
	failure := &Error{Method: info.method, Status: response.StatusCode, Code: response.Header.Get(masheryCode)}
	switch {
	case isThrottle(response):
		failure.kind = kindThrottled
		failure.RetryAfter = retryAfter(response, c.clock.Now())
	case read.err == nil:
		said := read.envelope.failure()
		failure.Message = c.redact.Text(string(said.Message))
		if said.ErrorCode != "" {
			failure.Code = c.redact.Text(string(said.ErrorCode))
		}
	case response.StatusCode/100 != 4:
		failure.kind = kindBroken
	}
	failure.Body = c.quote(info, read)
	failure.outcomeUnknown = info.changing && !failure.foreignMember() && (response.StatusCode >= 500 || failure.kind == kindBroken ||
		failure.kind == kindRefused && c.history.acceptedBefore(info.method, response.StatusCode))
	return failure
}

// quotedBytes is how much of an answer an error holds.
const quotedBytes = 200

// quote is the beginning of an answer without secrets.
func (c *caller) quote(info callInfo, read *answer) string {
	if info.private() || (read.err == nil && read.envelope.succeeded()) {
		return ""
	}
	return c.redact.Head(read.body, quotedBytes)
}

// cloneWithBody gives a request a fresh body for another try.
func cloneWithBody(ctx context.Context, request *http.Request) (*http.Request, error) {
	body, err := formOf(request)
	if err != nil {
		return nil, err
	}
	return withForm(request.Clone(ctx), body), nil
}

// formOf reads the encoded form without using it up.
func formOf(request *http.Request) ([]byte, error) {
	if request.GetBody == nil {
		return nil, errors.New("the request has no body that can be read again")
	}
	body, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	defer body.Close() //nolint:errcheck // it is in memory
	return io.ReadAll(body)
}

// withForm replaces the body of a request.
func withForm(request *http.Request, form []byte) *http.Request {
	request.Body = io.NopCloser(bytes.NewReader(form))
	request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(form)), nil }
	request.ContentLength = int64(len(form))
	return request
}
