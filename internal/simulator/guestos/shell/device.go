// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"crypto/rand"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// deviceLimit is the number of bytes that an endless device delivers. A script
// that collects all these bytes must not exhaust the host's memory.
const deviceLimit = 64 << 20

// device is an open device.
type device struct {
	io.Reader
	io.Writer
}

// Close does nothing, because an open device holds no resources.
func (device) Close() error { return nil }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func isDevice(name string) bool {
	return slices.Contains([]string{"/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/stdin", "/dev/stdout", "/dev/stderr"}, name)
}

// openDevice opens a device. It returns nil if name is not a device.
func openDevice(name string, stdin io.Reader, stdout, stderr io.Writer) io.ReadWriteCloser {
	empty := strings.NewReader("")
	if stdin == nil {
		stdin = empty
	}
	switch name {
	case "/dev/null":
		return device{empty, io.Discard}
	case "/dev/zero":
		return device{io.LimitReader(zeros{}, deviceLimit), io.Discard}
	case "/dev/urandom", "/dev/random":
		return device{io.LimitReader(rand.Reader, deviceLimit), io.Discard}
	case "/dev/stdin":
		return device{stdin, io.Discard}
	case "/dev/stdout":
		return device{empty, stdout}
	case "/dev/stderr":
		return device{empty, stderr}
	}
	return nil
}

// pseudoFile describes a program or a device. Neither is a file on the disk.
type pseudoFile struct {
	name string
	mode fs.FileMode
}

func programInfo(name string) fs.FileInfo { return pseudoFile{name, 0o755} }
func deviceInfo(name string) fs.FileInfo {
	return pseudoFile{name, fs.ModeDevice | fs.ModeCharDevice | 0o666}
}

func (a pseudoFile) Name() string      { return a.name }
func (pseudoFile) Size() int64         { return 0 }
func (a pseudoFile) Mode() fs.FileMode { return a.mode }
func (pseudoFile) ModTime() time.Time  { return time.Time{} }
func (pseudoFile) IsDir() bool         { return false }
func (pseudoFile) Sys() any            { return nil }
