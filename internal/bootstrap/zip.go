// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"io"
	"time"

	"github.com/klauspost/compress/zip"
)

// entryTime returns the modification time of every entry: the oldest time that
// a zip can hold. Two files with equal times and sizes may therefore differ,
// although robocopy and web servers that compute ETags treat them as equal.
func entryTime() time.Time {
	return time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)
}

// utf8Names is the zip flag for names in UTF-8.
const utf8Names = 0x800

// zipSink writes chunks as the entries of a zip.
type zipSink struct {
	zip   *zip.Writer
	entry io.Writer
	ready precompressed
}

func newZipSink(w io.Writer) *zipSink {
	s := &zipSink{zip: zip.NewWriter(w)}
	s.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		s.ready.next = w
		return &s.ready, nil
	})
	return s
}

func (s *zipSink) put(c *chunk) error {
	if c.first {
		header := &zip.FileHeader{Name: c.path, Method: zip.Deflate, Modified: entryTime(), Flags: utf8Names}
		header.SetMode(c.mode)
		var err error
		if s.entry, err = s.zip.CreateHeader(header); err != nil {
			return err
		}
	}
	s.ready.deflated = c.deflated.Bytes()
	_, err := s.entry.Write(c.plain)
	return err
}

func (s *zipSink) close() error { return s.zip.Close() }

// precompressed replaces the zip writer's compressor. The zip writer computes
// the size and checksum of the plain bytes and passes the bytes to Write. Write
// ignores them and writes the compressed bytes.
type precompressed struct {
	next     io.Writer
	deflated []byte
}

func (r *precompressed) Write(plain []byte) (int, error) {
	if _, err := r.next.Write(r.deflated); err != nil {
		return 0, err
	}
	return len(plain), nil
}

func (r *precompressed) Close() error { return nil }
