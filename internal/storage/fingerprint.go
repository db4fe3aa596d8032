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

	"github.com/gogrid/terraform-provider-gogrid/internal/localfile"
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

// maxLocalFile limits the size of an uploaded local file, in bytes. A larger file is
// probably sparse or named by mistake, and its upload would take hours.
const maxLocalFile = 100 << 30

// File returns an upload of a regular local file of at most 100 GiB. It computes the
// size and the digest, so the caller can check both before the upload. If the file
// changes afterwards, Put returns ErrChanged.
func File(ctx context.Context, name string) (Upload, error) {
	file, err := localfile.Open(ctx, name, maxLocalFile)
	if err != nil {
		return Upload{}, err
	}
	defer func() { _ = file.Close() }() // only read from
	fingerprinted := &fingerprint{seed: maphash.MakeSeed()}
	digest, check := &digestWriter{hash: sha256.New()}, fingerprinted.newHash()
	if _, err := io.Copy(io.MultiWriter(digest, check), file); err != nil {
		return Upload{}, err
	}
	fingerprinted.sum = check.Sum64()
	return Upload{
		Open: func() (io.ReadCloser, error) { return localfile.Open(ctx, name, maxLocalFile) },
		Size: digest.size, SHA256: digest.hex(), fingerprint: fingerprinted,
	}, nil
}

func (s *fingerprint) newHash() hash.Hash64 {
	var sum maphash.Hash
	sum.SetSeed(s.seed)
	return &sum
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
