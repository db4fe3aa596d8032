// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zip"
)

// The bytes of an archive are a promise: a change of either, or of the
// module's version, may change the digest of every archive and so restart
// servers. TestGoldenDigest guards it.
const (
	compressionLevel = 5
	bufferSize       = 128 << 10
)

// entryTime is the time of every entry: the oldest one a zip can hold. Nothing
// may conclude from equal time and size that two files are equal; robocopy and
// servers that make ETags do.
func entryTime() time.Time {
	return time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)
}

// Write builds the archive of a recipe into w, in constant memory. Write to
// io.Discard to learn the digest alone.
//
// Input that cannot be archived gives an *InvalidError, before anything is
// written. A file that cannot be read or changes while it is read, a failing w
// and a cancelled context end Write with what was written so far in w.
func Write(ctx context.Context, w io.Writer, r Recipe) (Archive, error) {
	return build(ctx, w, r, nil, defaultLimits())
}

func build(ctx context.Context, w io.Writer, r Recipe, out *output, limit limits) (Archive, error) {
	src, err := openSource(r)
	if err != nil {
		return Archive{}, joinCheck(r, err)
	}
	defer src.close()
	items, err := collect(ctx, r, src, out, limit)
	if err != nil {
		return Archive{}, err
	}
	if out != nil {
		if w, err = out.create(); err != nil {
			return Archive{}, err
		}
	}
	return writeZip(ctx, w, r, src, items)
}

// joinCheck adds what can be checked without the source folder to the problem
// of the folder itself.
func joinCheck(r Recipe, err error) error {
	var folder, rest *InvalidError
	if errors.As(err, &folder) && errors.As(r.Check(), &rest) {
		return &InvalidError{Problems: append(folder.Problems, rest.Problems...)}
	}
	return err
}

func writeZip(ctx context.Context, w io.Writer, r Recipe, src source, items []item) (Archive, error) {
	whole := newDigest(w)
	packer := &packer{recipe: r, source: src, buffer: make([]byte, bufferSize)}
	packer.zip = zip.NewWriter(whole)
	packer.zip.RegisterCompressor(zip.Deflate, packer.compressor)
	archive := Archive{Entries: make([]Entry, 0, len(items))}
	for _, it := range items {
		entry, err := packer.pack(ctx, it)
		if err != nil {
			return Archive{}, fmt.Errorf("archiving %q: %w", it.path, err)
		}
		archive.Entries = append(archive.Entries, entry)
	}
	if err := packer.zip.Close(); err != nil {
		return Archive{}, fmt.Errorf("writing the archive's directory: %w", err)
	}
	archive.SHA256, archive.Size = whole.sum(), whole.size
	return archive, nil
}

// packer writes entries one after the other and reuses its buffers.
type packer struct {
	recipe  Recipe
	source  source
	zip     *zip.Writer
	deflate *flate.Writer
	buffer  []byte
}

// compressor is a zip.Compressor. The zip writer closes one entry before it
// opens the next, so one deflate writer is enough.
func (p *packer) compressor(w io.Writer) (io.WriteCloser, error) {
	if p.deflate != nil {
		p.deflate.Reset(w)
		return p.deflate, nil
	}
	var err error
	p.deflate, err = flate.NewWriter(w, compressionLevel)
	return p.deflate, err
}

func (p *packer) pack(ctx context.Context, it item) (Entry, error) {
	content, mode, err := p.open(it)
	if err != nil {
		return Entry{}, err
	}
	defer func() { _ = content.Close() }() // opened for reading only
	header := &zip.FileHeader{Name: it.path, Method: zip.Deflate, Modified: entryTime()}
	header.SetMode(mode)
	w, err := p.zip.CreateHeader(header)
	if err != nil {
		return Entry{}, err
	}
	digest := newDigest(w)
	if _, err := io.CopyBuffer(digest, withContext(ctx, content), p.buffer); err != nil {
		return Entry{}, err
	}
	if digest.size != it.size {
		return Entry{}, fmt.Errorf("the file changed while it was read: it had %d bytes, now %d; run again when nothing writes to it", it.size, digest.size)
	}
	return Entry{Path: it.path, Size: digest.size, SHA256: digest.sum(), Mode: mode}, nil
}

// open opens the content of an item and tells its mode.
func (p *packer) open(it item) (io.ReadCloser, fs.FileMode, error) {
	if !it.onDisk {
		content := p.recipe.Files[it.path]
		return io.NopCloser(strings.NewReader(content)), modeByContent([]byte(content)), nil
	}
	file, err := p.source.root.Open(it.path)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("it was a file and is now %s: run again when nothing changes the folder", kindName(info.Mode()))
	}
	if err != nil {
		_ = file.Close()
		return nil, 0, err
	}
	if hasExecutableBit {
		return file, modeByBits(info.Mode()), nil
	}
	content := bufio.NewReader(file)
	head, _ := content.Peek(magicLength) // a short file has a short head, errors come again
	return readCloser{content, file}, modeByContent(head), nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// withContext makes a reader whose reads fail once the context is done.
func withContext(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// digest hashes and counts what passes through. It has no ReadFrom, so that
// io.CopyBuffer uses its buffer.
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
