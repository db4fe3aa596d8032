// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package shell

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// readerClosed tells whether nobody reads any more what is written, for which a
// process would get a signal.
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
		ask := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}} //nolint:gosec // the system's own number
		n, err := unix.Poll(ask, 0)
		closed = err == nil && n > 0 && ask[0].Revents&unix.POLLERR != 0
	})
	return err == nil && closed
}
