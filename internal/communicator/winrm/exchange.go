// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// maxAnswer limits the size of an answer, in bytes. The client asks servers to
// stay below maxEnvelope.
const maxAnswer = 1 << 20

// call sends a message and returns the answer. It never sends a message a second
// time, because a server may have executed a request that it did not answer.
func (c *Client) call(ctx context.Context, m message) (*reply, error) {
	limit := m.limit + c.answerMargin
	ctx, stop := c.withLimit(ctx, limit, &SilenceError{After: limit})
	defer stop()
	at := &progress{}
	answer, err := c.roundTrip(at.follow(ctx), m)
	if err == nil {
		return answer, nil
	}
	// If ctx has ended, the error is only a consequence of the closed connection.
	if cause := context.Cause(ctx); cause != nil {
		return nil, cutShort(m.step()+": "+at.step(), cause)
	}
	return nil, explain(err)
}

// progress knows the step that an exchange has reached.
type progress struct{ reached atomic.Value }

// Steps of an exchange.
const (
	stepConnect = "connect"
	stepTLS     = "TLS handshake"
	stepSend    = "send the request"
	stepWait    = "wait for the answer"
	stepRead    = "read the answer"
)

// follow returns a context whose HTTP requests report their progress.
func (p *progress) follow(ctx context.Context) context.Context {
	p.reached.Store(stepConnect)
	to := func(step string) { p.reached.Store(step) }
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart:    func() { to(stepTLS) },
		GotConn:              func(httptrace.GotConnInfo) { to(stepSend) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { to(stepWait) },
		GotFirstResponseByte: func() { to(stepRead) },
	})
}

func (p *progress) step() string { return p.reached.Load().(string) }

// withLimit returns a context that ends with a cause after limit on the client's
// clock. The returned function releases the timer.
func (c *Client) withLimit(ctx context.Context, limit time.Duration, cause error) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := c.clock.AfterFunc(limit, func() { cancel(cause) })
	return ctx, func() {
		timer.Stop()
		cancel(context.Canceled)
	}
}

func (c *Client) roundTrip(ctx context.Context, m message) (*reply, error) {
	answer, err := c.exchange(ctx, m.encode(c.endpoint))
	if err != nil {
		return nil, &connectionError{err}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, &connectionError{err}
	case answer.StatusCode == http.StatusUnauthorized:
		return nil, &AuthError{Tried: c.auth, Offered: offers(answer)}
	case len(text) > maxAnswer:
		return nil, unexpectedAnswer(answer.StatusCode, text, fmt.Sprintf("the answer is larger than %d bytes", maxAnswer))
	}
	return decode(answer.StatusCode, text)
}
