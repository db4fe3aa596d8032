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
	// reported two to five minutes after it showed as on, and one who waited
	// 15 in vain.
	DefaultReadyTimeout = 20 * time.Minute
	// ReadyPause is the longest pause between two tries.
	ReadyPause = 5 * time.Second
)

// Readiness is what a server must do before it counts as ready.
type Readiness struct {
	Sign     probe.Check
	Timeout  time.Duration
	Interval time.Duration
	Clock    clockwork.Clock
}

// Await looks until the server is ready, the time is over, or the context
// ends. The error tells what the last look met.
func (r Readiness) Await(ctx context.Context) error {
	start := r.Clock.Now()
	err := r.Sign.Await(ctx, r.Clock, r.Interval, start.Add(r.Timeout))
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		// A process that was frozen finds its limit over and the server ready.
		err = r.Sign.Try(context.WithoutCancel(ctx))
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("interrupted while waiting for the server to be ready; the last try: %w", err)
	default:
		return fmt.Errorf("the server is not ready after %s; the last try: %w", r.Clock.Since(start).Round(time.Second), err)
	}
}

// ReadyAddress returns the host and port that a server with a tcp_port must accept
// connections at.
func ReadyAddress(publicIP string, port int64) string {
	return net.JoinHostPort(publicIP, strconv.FormatInt(port, 10))
}
