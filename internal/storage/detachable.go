// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"io"
	"sync"
)

// detachable wraps a caller's reader or writer so that it can be detached from
// an operation. An abandoned operation must no longer use the caller's reader
// or writer: after detach, Read and Write return io.ErrClosedPipe.
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
