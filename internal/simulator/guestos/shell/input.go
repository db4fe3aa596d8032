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

// scriptInput returns a script's input as a file of the host. For any other
// reader, the interpreter would open a pipe and never close it. Reads fail once
// the context ends. release closes the file.
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
		_, _ = io.Copy(writer, &meteredReader{Reader: input, shared: shared}) // after an error, the script reads the end of the input
		_ = writer.Close()                                                    // the script reads the end of the input
	}()
	stop := context.AfterFunc(ctx, func() { _ = reader.SetReadDeadline(time.Unix(1, 0)) })
	return reader, func() {
		stop()
		_ = reader.Close() // only read
	}, nil
}

// openThroughPipe returns the reading end of a pipe to which a goroutine copies
// a file of the guest, because the interpreter reads only files of the host.
// When the caller closes the returned file, the goroutine ends.
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
		_, _ = io.Copy(writer, &meteredReader{Reader: file, shared: shared}) // after an error, the script reads the end of the file
		_ = writer.Close()                                                   // the script reads the end of the file
		_ = file.Close()                                                     // only read
	}()
	return reader, nil
}
