// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package scp implements the remote side of OpenSSH's scp protocol for the
// files of a simulated server.
package scp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

const (
	// maxLine is the maximum length of a line of the protocol, in bytes.
	maxLine = 4 << 10
	// maxDepth is the maximum nesting depth of folders.
	maxDepth = 200
)

// errLost ends a transfer whose client has disconnected.
var errLost = errors.New("lost connection")

// fatal is an error that was sent to the client and ends the transfer.
type fatal struct{ why string }

func (f fatal) Error() string { return f.why }

// transfer is one invocation of scp.
type transfer struct {
	ctx                        context.Context //nolint:containedctx // of one run
	p                          *shell.Process
	in                         *bufio.Reader
	recursive, preserve, toDir bool
	errors                     int
}

// Run runs "scp -t TARGET" or "scp -f SOURCE...", with -r, -p, -d and -v, as
// the scp program on another machine starts it. Run returns the exit code.
func Run(ctx context.Context, p *shell.Process) int {
	t := &transfer{ctx: ctx, p: p, in: bufio.NewReader(p.Stdin)}
	direction := ' '
	var names []string
	options := true
	for _, arg := range p.Args[1:] {
		switch {
		case options && arg == "--":
			options = false
		case options && strings.HasPrefix(arg, "-") && len(arg) > 1:
			for _, letter := range arg[1:] {
				switch letter {
				case 't', 'f':
					direction = letter
				case 'r':
					t.recursive = true
				case 'p':
					t.preserve = true
				case 'd':
					t.toDir = true
				case 'v', 'q', 'B', 'C', '1', '2', '4', '6':
				default:
					return p.Fail(1, "unknown option -- %c", letter)
				}
			}
		default:
			names = append(names, arg)
		}
	}
	var err error
	switch {
	case direction == ' ':
		return p.Fail(1, "a simulated server's scp only accepts transfers from other machines; use cp or sftp-get")
	case direction == 't' && len(names) != 1:
		return p.Fail(1, "ambiguous target")
	case direction == 't':
		err = t.receive(names[0])
	case len(names) == 0:
		return p.Fail(1, "a source is missing")
	default:
		err = t.send(names)
	}
	if err != nil || t.errors > 0 {
		return 1
	}
	return 0
}

// complain reports a problem to the client. The transfer continues.
func (t *transfer) complain(format string, args ...any) error {
	t.errors++
	_, err := fmt.Fprintf(t.p.Stdout, "\x01scp: "+format+"\n", args...)
	return err
}

// refuse reports a problem to the client and returns an error that ends the
// transfer.
func (t *transfer) refuse(format string, args ...any) error {
	why := fmt.Sprintf(format, args...)
	return errors.Join(t.complain("%s", why), fatal{why})
}

func (t *transfer) acknowledge() error {
	_, err := t.p.Stdout.Write([]byte{0})
	return err
}

// line reads a line. It returns io.EOF at the end of the input.
func (t *transfer) line() (string, error) {
	var text []byte
	for {
		if err := context.Cause(t.ctx); err != nil {
			return "", err
		}
		c, err := t.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && len(text) == 0:
			return "", io.EOF
		case err != nil:
			return "", errLost
		case c == '\n':
			return string(text), nil
		case len(text) >= maxLine:
			return "", t.refuse("protocol error: the line is too long")
		}
		text = append(text, c)
	}
}

// answered reads the client's response to the last message. ok is false if the
// client reports a problem.
func (t *transfer) answered() (ok bool, err error) {
	c, err := t.in.ReadByte()
	switch {
	case err != nil:
		return false, errLost
	case c == 0:
		return true, nil
	}
	line, err := t.line()
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	t.errors++
	if c == 2 {
		return false, fatal{line}
	}
	return false, nil
}

// errorText returns the message that an operating system prints for an error.
func errorText(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "No such file or directory"
	case errors.Is(err, fs.ErrExist):
		return "File exists"
	case errors.Is(err, fs.ErrPermission):
		return "Permission denied"
	case errors.Is(err, syscall.EISDIR):
		return "Is a directory"
	case errors.Is(err, syscall.ENOTDIR):
		return "Not a directory"
	case errors.Is(err, syscall.ENOSPC):
		return "No space left on device"
	}
	return err.Error()
}

// joined returns the path of a folder's entry, for use in messages.
func joined(dir, name string) string {
	if dir == "." || dir == "" {
		return name
	}
	return path.Join(dir, name)
}
