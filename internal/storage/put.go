// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

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
)

// Upload is the content of a file to put on a share.
type Upload struct {
	// Open returns a reader at the beginning of the content.
	Open func() (io.ReadCloser, error)
	// Size is the size of the content in bytes, or -1 if it is unknown.
	Size int64
	// SHA256 is the digest that the content must have, in hex. An empty digest
	// allows any content.
	SHA256 string
	// Replace allows the upload to replace a file with different content.
	Replace bool

	fingerprint *fingerprint // set by File
}

// Bytes returns an upload of content in memory. The upload may replace a file.
func Bytes(content []byte) Upload {
	sum := sha256.Sum256(content)
	return Upload{
		Open:    func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		Size:    int64(len(content)),
		SHA256:  hex.EncodeToString(sum[:]),
		Replace: true,
	}
}

// Put uploads a file. It writes the content to a temporary file, checks that
// file, and renames it in one step, so the uploaded file never holds partial
// content. Put creates missing folders. It does not touch a file that already
// has the content.
//
// Put also removes temporary files that earlier uploads left in the folder: all
// temporary files of the uploaded file, and those of other files that are more
// than a day old.
//
// The error is ErrOtherContent if the file has different content and
// upload.Replace is false. It is a *DigestError or ErrChanged if the sent
// content is not the expected content.
func (s *Store) Put(ctx context.Context, at string, upload Upload) (Object, error) {
	var placed Object
	err := s.do(ctx, request{verb: "upload", path: at}, func(ctx context.Context, d driver) error {
		found, err := s.findIdentical(ctx, d, at, upload)
		if err != nil || found != nil {
			if found != nil {
				placed = *found
			}
			return err
		}
		placed, err = s.upload(ctx, d, at, upload)
		return err
	})
	return placed, err
}

// findIdentical returns the existing file if its content equals the content of
// the upload, and otherwise nil. It reads the existing file only if the sizes
// are equal or the size of the upload is unknown. The error is ErrOtherContent
// if the contents differ and the upload must not replace the file.
func (s *Store) findIdentical(ctx context.Context, d driver, at string, upload Upload) (*Object, error) {
	info, err := d.stat(ctx, at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("a folder has that name")
	}
	found := newObject(at, info)
	if upload.SHA256 != "" && (upload.Size < 0 || upload.Size == found.Size) {
		if found.SHA256, err = digest(ctx, d, at); err != nil {
			return nil, err
		}
		if found.SHA256 == upload.SHA256 {
			s.options.Log(ctx, s.config.where(at)+" already has the content")
			return &found, nil
		}
	}
	if !upload.Replace {
		return nil, ErrOtherContent
	}
	return nil, nil
}

// upload writes the content to a part, renames the part, and removes stale parts.
func (s *Store) upload(ctx context.Context, d driver, at string, upload Upload) (Object, error) {
	left := removeParts(ctx, d, at)
	part := partName(at)
	sent, err := s.send(ctx, d, at, part, upload)
	if err == nil {
		err = publish(ctx, d, part, at, upload.Replace)
	}
	if errors.Is(err, fs.ErrNotExist) && sent.SHA256 != "" {
		return acceptConcurrent(ctx, d, at, sent)
	}
	if err != nil {
		s.discard(ctx, d, part)
		return Object{}, err
	}
	info, err := d.stat(ctx, at)
	if err != nil {
		return Object{}, err
	}
	s.options.Log(ctx, fmt.Sprintf("uploaded %s, %s", s.config.where(at), formatSize(sent.Size)))
	removeStaleParts(ctx, d, left, info.ModTime())
	placed := newObject(at, info)
	placed.SHA256 = sent.SHA256
	return placed, nil
}

// publish renames a part to the name of its file. If a file with that name has
// appeared in the meantime, publish replaces it only if replace is set.
func publish(ctx context.Context, d driver, part, at string, replace bool) error {
	if replace {
		return d.rename(ctx, part, at)
	}
	if err := d.renameNew(ctx, part, at); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return ErrOtherContent
}

// send writes the content to a part. It checks the digest of the content and
// the size of the part. It does not read the part back, because that would take
// as long as the upload, and servers check the digest of a release anyway.
//
// If the write fails after some bytes were sent, send returns both the error
// and the size and digest of the sent bytes.
func (s *Store) send(ctx context.Context, d driver, at, part string, upload Upload) (Object, error) {
	content, err := upload.Open()
	if err != nil {
		return Object{}, err
	}
	defer func() { _ = content.Close() }() // only read from
	sum := upload.newDigest()
	reader := io.TeeReader(s.progress(ctx, content, s.config.where(at), upload.Size), sum)
	err = d.write(ctx, part, reader, true)
	if errors.Is(err, fs.ErrNotExist) && folderOf(at) != "" && sum.size == 0 {
		if err = d.mkdir(ctx, folderOf(at)); err == nil {
			err = d.write(ctx, part, reader, true)
		}
	}
	if sum.size == 0 && err != nil {
		return Object{}, err
	}
	found, wrong := upload.verify(sum)
	sent := Object{Size: sum.size, SHA256: found}
	if err != nil {
		return sent, err
	}
	if wrong != nil {
		return Object{}, wrong
	}
	arrived, err := d.stat(ctx, part)
	if err == nil && arrived.Size() != sent.Size {
		err = fmt.Errorf("%d of %d bytes arrived: the storage or the network is faulty", arrived.Size(), sent.Size)
	}
	return sent, err
}

// errConcurrentUpload reports that another upload of the same file removed the
// part of this upload.
var errConcurrentUpload = errors.New("another process is uploading the same file and has removed this upload; repeat the upload when the other process has finished")

// acceptConcurrent handles an upload whose part was removed by another upload
// of the same file. It succeeds if the other upload has the same content.
func acceptConcurrent(ctx context.Context, d driver, at string, sent Object) (Object, error) {
	info, err := d.stat(ctx, at)
	if err != nil || info.Size() != sent.Size {
		return Object{}, errConcurrentUpload
	}
	found := newObject(at, info)
	if found.SHA256, err = digest(ctx, d, at); err != nil || found.SHA256 != sent.SHA256 {
		return Object{}, errConcurrentUpload
	}
	return found, nil
}

// digestWriter computes a digest and counts the bytes written to it.
type digestWriter struct {
	hash hash.Hash
	size int64
}

func (c *digestWriter) Write(p []byte) (int, error) {
	c.size += int64(len(p))
	return c.hash.Write(p)
}

func (c *digestWriter) hex() string { return hex.EncodeToString(c.hash.Sum(nil)) }

// digest reads a file and returns its SHA-256 in hex.
func digest(ctx context.Context, d driver, at string) (string, error) {
	sum := &digestWriter{hash: sha256.New()}
	if err := d.read(ctx, at, sum); err != nil {
		return "", err
	}
	return sum.hex(), nil
}

func newObject(at string, info fs.FileInfo) Object {
	return Object{Path: at, Size: info.Size(), Modified: info.ModTime().UTC()}
}
