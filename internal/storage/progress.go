// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jonboulle/clockwork"
)

// Progress is logged for each tenth of a file, but not more often than every
// minLogInterval and not less often than every maxLogInterval.
const (
	minLogInterval = time.Second
	maxLogInterval = 5 * time.Second
)

// progress is a reader that logs how much of the content has been read.
type progress struct {
	io.Reader
	ctx   context.Context
	clock clockwork.Clock
	log   func(context.Context, string)
	name  string
	total int64 // -1: not known

	bytesRead, loggedTenth int64
	lastLog                time.Time
}

func (s *Store) progress(ctx context.Context, content io.Reader, name string, total int64) *progress {
	return &progress{Reader: content, ctx: ctx, clock: s.options.Clock, log: s.options.Log, name: name, total: total, lastLog: s.options.Clock.Now()}
}

func (p *progress) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	p.bytesRead += int64(n)
	tenth := int64(0)
	if p.total > 0 {
		tenth = 10 * p.bytesRead / p.total
	}
	silent := p.clock.Since(p.lastLog)
	if silent >= maxLogInterval || silent >= minLogInterval && tenth > p.loggedTenth {
		p.lastLog, p.loggedTenth = p.clock.Now(), tenth
		p.log(p.ctx, p.line())
	}
	return n, err
}

func (p *progress) line() string {
	if p.total > 0 {
		return fmt.Sprintf("uploading %s: %d %% of %s", p.name, 100*p.bytesRead/p.total, formatSize(p.total))
	}
	return fmt.Sprintf("uploading %s: %s", p.name, formatSize(p.bytesRead))
}

// formatSize formats a number of bytes. It uses MB for one million bytes or
// more.
func formatSize(bytes int64) string {
	if bytes < 1_000_000 {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1_000_000)
}
