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

// ErrChanged reports that a local file changed after its digest was computed
// and before it was uploaded. The file on the share is unchanged.
var ErrChanged = errors.New("the file was changed after its digest was computed; nothing was uploaded")

// fingerprint is a fast checksum of a file. It proves during the upload that
// the file has not changed since its digest was computed. Computing SHA-256
// again would take ten times as long, which is most of the upload time on a
// fast network. The random seed never leaves the process, so an attacker cannot
// construct a file with the same fingerprint.
type fingerprint struct {
	seed maphash.Seed
	sum  uint64
}

// File returns an upload of a local file. It reads the file to compute the size and
// the digest, so the caller can check them before the upload. Put returns ErrChanged
// if the file changes afterwards.
func File(ctx context.Context, name string) (Upload, error) {
	file, err := os.Open(name)
	if err != nil {
		return Upload{}, err
	}
	defer func() { _ = file.Close() }() // only read from
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

// contextReader is a reader that fails once a context is done.
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

// newDigest returns a writer that computes the fingerprint or the SHA-256 of
// the content while it is sent.
func (u Upload) newDigest() *digestWriter {
	if u.fingerprint != nil {
		return &digestWriter{hash: u.fingerprint.newHash()}
	}
	return &digestWriter{hash: sha256.New()}
}

// verify returns the SHA-256 of the sent content, or an error if the content is
// not the expected content.
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
