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

// pulse is when a server last gave a sign of life.
type pulse struct {
	clock clockwork.Clock
	born  time.Time
	last  atomic.Int64
}

func newPulse(clock clockwork.Clock) *pulse { return &pulse{clock: clock, born: clock.Now()} }

func (p *pulse) beat() { p.last.Store(int64(p.clock.Since(p.born))) }

func (p *pulse) quiet() time.Duration {
	return p.clock.Since(p.born) - time.Duration(p.last.Load())
}

// guard ends a context once the server has been silent for as long as the
// limit. The function that is returned must be called when nothing is waited
// for any more.
func (p *pulse) guard(ctx context.Context, limit time.Duration) (context.Context, func()) {
	p.beat()
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
		if rest := limit - p.quiet(); rest > 0 {
			timer.Reset(rest)
			return
		}
		cancel(&silence{limit})
	})
	return ctx, func() {
		timer.Stop()
		cancel(context.Canceled)
	}
}

// livelyConn notes each time that something comes or goes. Large writes are
// taken apart: on a slow line one alone may take longer than a server may be
// silent.
//
// The library writes the length of each message by itself. It is kept until the
// message comes: sent alone it wakes a server that can do nothing with it yet.
type livelyConn struct {
	net.Conn
	pulse  *pulse
	length []byte
}

const (
	pieceSize  = 256 << 10
	lengthSize = 4 // no message is so short
)

func (c *livelyConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.pulse.beat()
	}
	return n, err
}

func (c *livelyConn) Write(p []byte) (int, error) {
	if len(p) == lengthSize && len(c.length) == 0 {
		c.length = append(c.length, p...)
		return len(p), nil
	}
	written := 0
	for written < len(p) {
		n, err := c.writePiece(p[written:min(written+pieceSize, len(p))])
		written += n
		if err != nil {
			return written, err
		}
		c.pulse.beat()
	}
	return written, nil
}

// writePiece writes a piece of a message, after the length that it has kept.
func (c *livelyConn) writePiece(p []byte) (int, error) {
	if len(c.length) == 0 {
		return c.Conn.Write(p)
	}
	both := net.Buffers{c.length, p}
	n, err := both.WriteTo(c.Conn)
	c.length = c.length[:0]
	return max(0, int(n)-lengthSize), err
}
