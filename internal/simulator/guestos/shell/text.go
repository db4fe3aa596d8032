// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	// maxLine is the maximum length of a line that a filter reads, in bytes.
	maxLine = 1 << 20
	// maxKept limits the memory of a filter that needs all of its input before
	// it can write a result, in bytes.
	maxKept = 16 << 20
)

var errExhausted = errors.New("memory exhausted")

// filter calls do for every input, prints each error, and returns the exit
// code.
func (p *Process) filter(ctx context.Context, names []string, do func(name string, input io.Reader) error) int {
	return p.forEach(inputs(names), func(name string) error {
		file, err := p.open(name)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // only read
		return do(name, contextReader{ctx, file})
	})
}

// contextReader is a reader that returns an error once its context has ended.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (u contextReader) Read(p []byte) (int, error) {
	if err := context.Cause(u.ctx); err != nil {
		return 0, err
	}
	return u.Reader.Read(p)
}

func eachLine(input io.Reader, do func(line string) error) error {
	scanner := bufio.NewScanner(input)
	scanner.Buffer(nil, maxLine)
	scanner.Split(wholeLines)
	for scanner.Scan() {
		if err := do(scanner.Text()); err != nil {
			return err
		}
	}
	return scanner.Err()
}

// wholeLines splits only at line feeds, so a carriage return remains part of
// the line.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if at := bytes.IndexByte(data, '\n'); at >= 0 {
		return at + 1, data[:at], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func concatenate(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "nuA", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	number := 0
	return p.filter(ctx, names, func(_ string, input io.Reader) error {
		if !flags.has('n') {
			_, err := io.Copy(p.Stdout, input)
			return err
		}
		return eachLine(input, func(line string) error {
			number++
			_, err := fmt.Fprintf(p.Stdout, "%6d\t%s\n", number, line)
			return err
		})
	})
}

func tee(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "ai", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	mode := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if flags.has('a') {
		mode = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	outputs := []io.Writer{p.Stdout}
	for _, name := range names {
		file, err := p.Files.OpenFile(p.path(name), mode, 0o644)
		if err != nil {
			return p.fail(1, "%v", reason(name, err))
		}
		defer func() { _ = file.Close() }() // io.Copy reports a failed write
		outputs = append(outputs, file)
	}
	if _, err := io.Copy(io.MultiWriter(outputs...), contextReader{ctx, p.Stdin}); err != nil {
		return p.fail(1, "%v", err)
	}
	return 0
}

var errStop = errors.New("enough")
