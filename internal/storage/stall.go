// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
)

// stallTimer measures the time since the last activity of a server.
type stallTimer struct {
	clock   clockwork.Clock
	started time.Time
	last    atomic.Int64
}

func newStallTimer(clock clockwork.Clock) *stallTimer {
	return &stallTimer{clock: clock, started: clock.Now()}
}

func (p *stallTimer) reset() { p.last.Store(int64(p.clock.Since(p.started))) }

func (p *stallTimer) idle() time.Duration {
	return p.clock.Since(p.started) - time.Duration(p.last.Load())
}

// guard returns a context that is canceled with a stallError once the server
// has shown no activity for limit. The caller must call the returned function
// at the end of the operation.
func (p *stallTimer) guard(ctx context.Context, limit time.Duration) (context.Context, func()) {
	p.reset()
	ctx, cancel := context.WithCancelCause(ctx)
	var (
		mu    sync.Mutex
		timer clockwork.Timer
	)
	mu.Lock()
	defer mu.Unlock()
	timer = p.clock.AfterFunc(limit, func() {
		mu.Lock()
		defer mu.Unlock()
		if rest := limit - p.idle(); rest > 0 {
			timer.Reset(rest)
			return
		}
		cancel(&stallError{limit})
	})
	return ctx, func() {
		timer.Stop()
		cancel(context.Canceled)
	}
}

// activityConn resets a stall timer after each read and write. It splits large
// writes, because on a slow network a single large write could take longer than
// the limit.
//
// The SMB library writes the length of each message separately. activityConn
// keeps the length and sends it together with the message, because a length
// that arrives alone wakes the server too early.
type activityConn struct {
	net.Conn
	stall  *stallTimer
	length []byte
}

const (
	writeSize  = 256 << 10
	lengthSize = 4 // in bytes; every message is longer
)

func (c *activityConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.stall.reset()
	}
	return n, err
}

func (c *activityConn) Write(p []byte) (int, error) {
	if len(p) == lengthSize && len(c.length) == 0 {
		c.length = append(c.length, p...)
		return len(p), nil
	}
	written := 0
	for written < len(p) {
		n, err := c.writePiece(p[written:min(written+writeSize, len(p))])
		written += n
		if err != nil {
			return written, err
		}
		c.stall.reset()
	}
	return written, nil
}

// writePiece writes a piece of a message, preceded by the length if Write has
// kept one.
func (c *activityConn) writePiece(p []byte) (int, error) {
	if len(c.length) == 0 {
		return c.Conn.Write(p)
	}
	both := net.Buffers{c.length, p}
	n, err := both.WriteTo(c.Conn)
	c.length = c.length[:0]
	return max(0, int(n)-lengthSize), err
}
