// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"

	"github.com/klauspost/compress/flate"
	"golang.org/x/sync/errgroup"
)

// Changing one of these values, or the version of the compression module in
// go.mod, may change the digest of every archive and so restart servers.
// TestGoldenDigest fails if the digest changes.
const (
	compressionLevel = 5
	// chunkSize is the size of a chunk, in bytes before compression. Chunks are
	// compressed independently, so the bytes do not depend on the number of
	// workers. This enlarges large files by less than 1%.
	chunkSize = 1 << 20
)

// maxWorkers bounds the memory on machines with many processors: each worker
// needs a compressor and three chunks.
const maxWorkers = 8

// chunk is a piece of a file on its way into the archive. The number of chunks
// is fixed, which bounds the memory, and their buffers are reused.
type chunk struct {
	path       string
	mode       fs.FileMode
	first      bool // first chunk of its file
	last       bool // last chunk of its file
	plain      []byte
	deflated   bytes.Buffer
	compressed chan error // receives the result of compress
}

// packer is a pipeline of three concurrent stages. One goroutine reads and
// hashes files, several goroutines compress chunks, and one goroutine writes
// the chunks in order.
type packer struct {
	source  source
	workers int
	sink    chunkSink
	entries []Entry
}

// chunkSink writes the compressed chunks in order.
type chunkSink interface {
	put(c *chunk) error
}

// pack packs the items in order and appends their entries to p.entries.
func (p *packer) pack(ctx context.Context, items []item) error {
	count := 3 * p.workers
	free, work, ordered := make(chan *chunk, count), make(chan *chunk), make(chan *chunk, count)
	for range count {
		free <- &chunk{compressed: make(chan error, 1)}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(work)
		defer close(ordered)
		return p.readAll(ctx, items, free, func(c *chunk) error {
			ordered <- c // never blocks: the buffer holds all chunks
			select {
			case work <- c:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	for range p.workers {
		group.Go(func() error { return compressAll(work) })
	}
	group.Go(func() error { return p.writeAll(ctx, ordered, free) })
	return group.Wait()
}

func (p *packer) readAll(ctx context.Context, items []item, free <-chan *chunk, send func(*chunk) error) error {
	for _, it := range items {
		entry, err := p.read(ctx, it, free, send)
		if err != nil {
			return fmt.Errorf("archive %q: %w", it.path, err)
		}
		p.entries = append(p.entries, entry)
	}
	return nil
}

// read sends the chunks of one file and returns its entry. The last chunk is
// empty if the file is empty or its size is a multiple of chunkSize.
func (p *packer) read(ctx context.Context, it item, free <-chan *chunk, send func(*chunk) error) (Entry, error) {
	content, err := p.source.open(ctx, it)
	if err != nil {
		return Entry{}, err
	}
	defer func() { _ = content.Close() }() // opened for reading only
	entry := Entry{Path: it.path}
	digest := sha256.New()
	for first, last := true, false; !last; first = false {
		c, err := takeChunk(ctx, free)
		if err != nil {
			return Entry{}, err
		}
		if last, err = c.fill(content); err != nil {
			return Entry{}, err
		}
		if first {
			entry.Mode = modeByContent(c.plain)
		}
		c.path, c.mode, c.first, c.last = it.path, entry.Mode, first, last
		entry.Size += int64(len(c.plain))
		if entry.Size > it.size || last && entry.Size < it.size {
			return Entry{}, fmt.Errorf("the file changed while it was read: it had %d bytes, now %d; run again when no program writes to it", it.size, entry.Size)
		}
		_, _ = digest.Write(c.plain) // never fails
		if err := send(c); err != nil {
			return Entry{}, err
		}
	}
	entry.SHA256 = hex.EncodeToString(digest.Sum(nil))
	return entry, nil
}

func takeChunk(ctx context.Context, free <-chan *chunk) (*chunk, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case c := <-free:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fill reads the next chunk of a file and reports whether this chunk is the
// last.
func (c *chunk) fill(content io.Reader) (last bool, err error) {
	if c.plain == nil {
		c.plain = make([]byte, chunkSize)
	}
	n, err := io.ReadFull(content, c.plain[:chunkSize])
	c.plain = c.plain[:n]
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true, nil
	}
	return false, err
}

func compressAll(work <-chan *chunk) error {
	deflate, err := flate.NewWriter(io.Discard, compressionLevel)
	if err != nil {
		return fmt.Errorf("create a compressor: %w", err)
	}
	for c := range work {
		c.compressed <- c.compress(deflate)
	}
	return nil
}

// compress fills c.deflated. Unless the chunk is the last of its file, Flush ends
// it on a byte boundary, so the next chunk can be appended.
func (c *chunk) compress(deflate *flate.Writer) error {
	c.deflated.Reset()
	deflate.Reset(&c.deflated)
	if _, err := deflate.Write(c.plain); err != nil {
		return err
	}
	if c.last {
		return deflate.Close()
	}
	return deflate.Flush()
}

func (p *packer) writeAll(ctx context.Context, ordered <-chan *chunk, free chan<- *chunk) error {
	for c := range ordered {
		var err error
		select {
		case err = <-c.compressed:
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err == nil {
			err = p.sink.put(c)
		}
		if err != nil {
			return fmt.Errorf("archive %q: %w", c.path, err)
		}
		free <- c // never blocks: the buffer holds all chunks
	}
	return nil
}

// digest is an io.Writer that hashes and counts the bytes it passes to next.
type digest struct {
	next io.Writer
	hash hash.Hash
	size int64
}

func newDigest(w io.Writer) *digest { return &digest{next: w, hash: sha256.New()} }

func (d *digest) Write(p []byte) (int, error) {
	n, err := d.next.Write(p)
	d.size += int64(n)
	_, _ = d.hash.Write(p[:n]) // never fails
	return n, err
}

func (d *digest) sum() string { return hex.EncodeToString(d.hash.Sum(nil)) }
