// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"hash/maphash"
	"io"
	"os"
)

// ErrChanged says that a file was changed between the moment that its digest was
// taken and its upload. Nothing of it is on the share.
var ErrChanged = errors.New("the file was changed after its digest was taken; nothing was put in place")

// seal is a checksum by which a content is known again whose digest was taken
// before. It takes a tenth of the time of the digest, which on a fast way to the
// server is most of the work of an upload. Its seed is chance and stays in the
// process, so that nobody can make another content that it fits.
type fingerprint struct {
	seed maphash.Seed
	sum  uint64
}

// File is an upload of a local file. The file is read for its size and digest
// here, so that one that is not what it should be is found before anything is
// sent, and shown to be the same while it is sent.
func File(ctx context.Context, name string) (Upload, error) {
	file, err := os.Open(name)
	if err != nil {
		return Upload{}, err
	}
	defer func() { _ = file.Close() }() // only read
	fingerprinted := &fingerprint{seed: maphash.MakeSeed()}
	digest, check := &digestWriter{hash: sha256.New()}, fingerprinted.newHash()
	if _, err := io.Copy(io.MultiWriter(digest, check), &contextReader{ctx, file}); err != nil {
		return Upload{}, err
	}
	fingerprinted.sum = check.Sum64()
	return Upload{
		Open: func() (io.ReadCloser, error) { return os.Open(name) },
		Size: digest.size, SHA256: digest.hex(), fingerprint: fingerprinted,
	}, nil
}

func (s *fingerprint) newHash() hash.Hash64 {
	var sum maphash.Hash
	sum.SetSeed(s.seed)
	return &sum
}

// abandoned is a reader that ends with a context.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (a *contextReader) Read(p []byte) (int, error) {
	if a.ctx.Err() != nil {
		return 0, context.Cause(a.ctx)
	}
	return a.Reader.Read(p)
}

// counting is what to compute while the content is sent.
func (u Upload) newDigest() *digestWriter {
	if u.fingerprint != nil {
		return &digestWriter{hash: u.fingerprint.newHash()}
	}
	return &digestWriter{hash: sha256.New()}
}

// check tells the digest of what was sent, and whether that is the wrong content.
func (u Upload) verify(sent *digestWriter) (string, error) {
	if u.fingerprint == nil {
		got := sent.hex()
		if u.SHA256 != "" && got != u.SHA256 {
			return got, &DigestError{Want: u.SHA256, Got: got}
		}
		return got, nil
	}
	if sum, ok := sent.hash.(hash.Hash64); !ok || sum.Sum64() != u.fingerprint.sum || sent.size != u.Size {
		return "", ErrChanged
	}
	return u.SHA256, nil
}
