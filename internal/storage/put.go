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

// Upload is what to put on a share.
type Upload struct {
	// Open opens the content from its beginning.
	Open func() (io.ReadCloser, error)
	// Size is that of the content in bytes; -1: not known.
	Size int64
	// SHA256 is what the content must have, in hex. Empty: it may be anything.
	SHA256 string
	// Replace allows to put it in the place of another content.
	Replace bool

	fingerprint *fingerprint // of a content that was read before, see File
}

// Bytes is an upload of a content in memory.
func Bytes(content []byte) Upload {
	sum := sha256.Sum256(content)
	return Upload{
		Open:    func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		Size:    int64(len(content)),
		SHA256:  hex.EncodeToString(sum[:]),
		Replace: true,
	}
}

// Put puts a file on the share. It is sent under a temporary name, checked, and
// renamed in one step, so that at no time there is half of it under its own
// name. A file with the content already there is left alone, and what earlier
// uploads of the file have left is removed, as is what those of its neighbours
// left long ago. Folders that are missing are made.
func (s *Store) Put(ctx context.Context, at string, upload Upload) (Object, error) {
	var placed Object
	err := s.do(ctx, request{verb: "uploading", path: at}, func(ctx context.Context, d driver) error {
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

// present is the file that is there, when it is the one to be uploaded. Where
// the sizes differ, its content need not be read.
func (s *Store) findIdentical(ctx context.Context, d driver, at string, upload Upload) (*Object, error) {
	info, err := d.stat(ctx, at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("there is a folder of that name")
	}
	found := newObject(at, info)
	if upload.SHA256 != "" && (upload.Size < 0 || upload.Size == found.Size) {
		if found.SHA256, err = digest(ctx, d, at); err != nil {
			return nil, err
		}
		if found.SHA256 == upload.SHA256 {
			s.options.Log(ctx, s.config.where(at)+" has the content already")
			return &found, nil
		}
	}
	if !upload.Replace {
		return nil, ErrOtherContent
	}
	return nil, nil
}

// place uploads a file and puts it in its place.
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

// putInPlace renames a part. A file that has come since it was looked for is
// replaced only if that is allowed.
func publish(ctx context.Context, d driver, part, at string, replace bool) error {
	if replace {
		return d.rename(ctx, part, at)
	}
	if err := d.renameNew(ctx, part, at); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return ErrOtherContent
}

// send writes the content under a temporary name and checks what it was, and
// that all of it arrived. What was sent is returned also with an error. It is not read back: that would take as long again,
// and who loads a release checks its digest.
func (s *Store) send(ctx context.Context, d driver, at, part string, upload Upload) (Object, error) {
	content, err := upload.Open()
	if err != nil {
		return Object{}, err
	}
	defer func() { _ = content.Close() }() // only read
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
		err = fmt.Errorf("%d bytes arrived of %d that were sent: the storage or the way there is faulty", arrived.Size(), sent.Size)
	}
	return sent, err
}

// errOvertaken says that two have uploaded one file at the same time.
var errConcurrentUpload = errors.New("somebody else uploads the same file at the same time, and has removed what was sent; do it again when they have ended")

// overtaken is what becomes of an upload whose part is gone: another upload of
// the file has taken it for a left one. If that had the same content, all is
// well.
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

// counting is a digest and how much went into it.
type digestWriter struct {
	hash hash.Hash
	size int64
}

func (c *digestWriter) Write(p []byte) (int, error) {
	c.size += int64(len(p))
	return c.hash.Write(p)
}

func (c *digestWriter) hex() string { return hex.EncodeToString(c.hash.Sum(nil)) }

// digest reads a file to find out its sha256.
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
