// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package shell

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// readerClosed reports whether output is a pipe whose reader has closed it. A real
// process that writes to such a pipe receives SIGPIPE.
func readerClosed(output io.Writer) bool {
	file, ok := output.(*os.File)
	if !ok {
		return false
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return false
	}
	closed := false
	err = raw.Control(func(fd uintptr) {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}} //nolint:gosec // file descriptors are small
		n, err := unix.Poll(poll, 0)
		closed = err == nil && n > 0 && poll[0].Revents&unix.POLLERR != 0
	})
	return err == nil && closed
}
