// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"
)

// A transfer over SMB keeps several pieces in flight, so that a slow round trip to
// the server does not slow it down. Servers accept no larger pieces.
const (
	pipelineDepth = 8
	pieceSize     = 1 << 20
)

// writePipelined writes content to a file.
func writePipelined(ctx context.Context, file io.WriterAt, content io.Reader) error {
	group, ctx := errgroup.WithContext(ctx)
	free := make(chan []byte, pipelineDepth)
	for range pipelineDepth {
		free <- nil
	}
	for offset := int64(0); ; {
		var piece []byte
		select {
		case piece = <-free:
		case <-ctx.Done():
			return errors.Join(group.Wait(), context.Cause(ctx))
		}
		if piece == nil {
			piece = make([]byte, pieceSize)
		}
		n, err := io.ReadFull(content, piece)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.Join(err, group.Wait())
		}
		if n > 0 {
			at := offset
			group.Go(func() error {
				_, err := file.WriteAt(piece[:n], at)
				free <- piece
				return err
			})
			offset += int64(n)
		}
		if err != nil {
			return group.Wait()
		}
	}
}

// readPipelined copies a file of size bytes to a writer.
func readPipelined(ctx context.Context, file io.ReaderAt, size int64, to io.Writer) error {
	type piece struct {
		content []byte
		err     error
	}
	ctx, cancel := context.WithCancel(ctx)
	pieces := make(chan chan piece, pipelineDepth)
	var group errgroup.Group
	free := make(chan []byte, pipelineDepth+2)
	group.Go(func() error {
		defer close(pieces)
		for offset := int64(0); offset < size; offset += pieceSize {
			var buffer []byte
			select {
			case buffer = <-free:
			default:
				buffer = make([]byte, min(pieceSize, size))
			}
			coming := make(chan piece, 1)
			select {
			case pieces <- coming:
			case <-ctx.Done():
				return nil
			}
			at, want := offset, min(pieceSize, size-offset)
			group.Go(func() error {
				n, err := file.ReadAt(buffer[:want], at)
				if err == nil && int64(n) < want {
					err = fmt.Errorf("the file ended at %d of %d bytes, so it was changed during the transfer", at+int64(n), size)
				}
				coming <- piece{buffer[:n], err}
				return nil
			})
		}
		return nil
	})
	defer func() {
		cancel()
		_ = group.Wait() // its functions return no error
	}()
	for coming := range pieces {
		got := <-coming
		if got.err != nil {
			return got.err
		}
		if _, err := to.Write(got.content); err != nil {
			return err
		}
		free <- got.content[:cap(got.content)]
	}
	return context.Cause(ctx)
}
