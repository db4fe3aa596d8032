// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

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
	// defaultReadyTimeout bounds the wait for a new server to answer. Users
	// reported two to five minutes after it showed as on, and one who waited
	// 15 in vain.
	defaultReadyTimeout = 20 * time.Minute
	// readyPause is the longest pause between two tries.
	readyPause = 5 * time.Second
)

// readiness is what a server must do before it counts as ready.
type readiness struct {
	sign     probe.Check
	timeout  time.Duration
	interval time.Duration
	clock    clockwork.Clock
}

// await looks until the server is ready, the time is over, or the context
// ends. The error tells what the last look met.
func (r readiness) await(ctx context.Context) error {
	start := r.clock.Now()
	err := r.sign.Await(ctx, r.clock, r.interval, start.Add(r.timeout))
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		// A process that was frozen finds its limit over and the server ready.
		err = r.sign.Try(context.WithoutCancel(ctx))
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("interrupted while waiting for the server to be ready; the last try: %w", err)
	default:
		return fmt.Errorf("the server is not ready after %s; the last try: %w", r.clock.Since(start).Round(time.Second), err)
	}
}

func readyAddress(publicIP string, port int64) string {
	return net.JoinHostPort(publicIP, strconv.FormatInt(port, 10))
}
