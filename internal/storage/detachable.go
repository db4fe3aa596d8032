// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"io"
	"sync"
)

// gate is what an operation reads from or writes to until it is shut. An
// operation that is not waited for any more must not touch what belongs to its
// caller.
type gate struct {
	pulse  *pulse
	reader io.Reader
	writer io.Writer

	mu   sync.Mutex
	over bool
}

func (g *gate) Read(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return 0, io.ErrClosedPipe
	}
	n, err := g.reader.Read(p)
	g.pulse.beat()
	return n, err
}

func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return 0, io.ErrClosedPipe
	}
	n, err := g.writer.Write(p)
	g.pulse.beat()
	return n, err
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
}
