// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// scriptInput is a script's input as the interpreter wants it: a file of the host,
// here the end of a pipe, so that it needs no pipe of its own that stays open.
// Reading ends with the context. done gives everything back.
func scriptInput(ctx context.Context, input io.Reader) (file io.Reader, release func(), err error) {
	switch input := input.(type) {
	case nil:
		return nil, func() {}, nil
	case *os.File:
		return input, func() {}, nil
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	shared := sessionOf(ctx)
	go func() {
		_, _ = io.Copy(writer, &meteredReader{Reader: input, shared: shared}) // who reads sees the end
		_ = writer.Close()                                                    // likewise
	}()
	stop := context.AfterFunc(ctx, func() { _ = reader.SetReadDeadline(time.Unix(1, 0)) })
	return reader, func() {
		stop()
		_ = reader.Close() // only read
	}, nil
}

// openThroughPipe is a file of the guest, opened for reading, as the interpreter wants it.
// Closing it ends the copying.
func openThroughPipe(shared *session, name string, file disk.File) (*os.File, error) {
	found, err := file.Stat()
	if err == nil && found.IsDir() {
		err = errors.New("is a directory")
	}
	if err != nil {
		return nil, pathError("open", name, errors.Join(err, file.Close()))
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, pathError("open", name, errors.Join(err, file.Close()))
	}
	go func() {
		_, _ = io.Copy(writer, &meteredReader{Reader: file, shared: shared}) // who reads sees the end
		_ = writer.Close()                                                   // likewise
		_ = file.Close()                                                     // only read
	}()
	return reader, nil
}
