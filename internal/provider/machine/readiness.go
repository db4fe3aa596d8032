// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/probe"
)

const (
	// DefaultReadyTimeout bounds the wait for a new server to answer. Users
	// reported that servers answered two to five minutes after GoGrid showed
	// them as On. One user stopped waiting after 15 minutes.
	DefaultReadyTimeout = 20 * time.Minute
	// ReadyPause is the longest pause between two attempts.
	ReadyPause = 5 * time.Second
)

// Readiness is the check that a server must pass before it counts as ready,
// with the timeout of the wait and the interval between two attempts.
type Readiness struct {
	Sign     probe.Check
	Timeout  time.Duration
	Interval time.Duration
	Clock    clockwork.Clock
}

// NotReadyError reports a server that was not ready in time.
type NotReadyError struct {
	After time.Duration // duration of the wait
	Last  error         // error of the last attempt
}

// Error names the duration of the wait and the error of the last attempt.
func (e *NotReadyError) Error() string {
	return fmt.Sprintf("the server is not ready after %s; the last attempt: %v", e.After.Round(time.Second), e.Last)
}

func (e *NotReadyError) Unwrap() error { return e.Last }

// Await checks the server until it is ready, the timeout has passed, or the context
// ends. It returns a *NotReadyError after the timeout. Every error includes the error of
// the last attempt.
func (r Readiness) Await(ctx context.Context) error {
	start := r.Clock.Now()
	err := r.Sign.Await(ctx, r.Clock, r.Interval, start.Add(r.Timeout))
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		// If this process was suspended, the deadline may have passed although
		// the server is ready.
		err = r.Sign.Try(context.WithoutCancel(ctx))
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("interrupted while waiting for the server to be ready; the last attempt: %w", err)
	default:
		return &NotReadyError{After: r.Clock.Since(start), Last: err}
	}
}

// ReadyAddress returns the host and port at which a server with a tcp_port must
// accept connections.
func ReadyAddress(publicIP string, port int64) string {
	return net.JoinHostPort(publicIP, strconv.FormatInt(port, 10))
}
