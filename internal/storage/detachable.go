// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"io"
	"sync"
)

// detachable is a reader or writer of a caller that can be detached from an
// operation. An operation that was abandoned must not use the caller's reader or
// writer any more: after detach, both methods return io.ErrClosedPipe.
type detachable struct {
	stall  *stallTimer
	reader io.Reader
	writer io.Writer

	mu       sync.Mutex
	detached bool
}

func (g *detachable) Read(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.detached {
		return 0, io.ErrClosedPipe
	}
	n, err := g.reader.Read(p)
	g.stall.reset()
	return n, err
}

func (g *detachable) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.detached {
		return 0, io.ErrClosedPipe
	}
	n, err := g.writer.Write(p)
	g.stall.reset()
	return n, err
}

func (g *detachable) detach() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.detached = true
}
