// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"

	"github.com/pkg/sftp"
)

// sftpError wraps an error of the SFTP library with one of this package's
// errors.
func sftpError(err error) error {
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrPermission), errors.Is(err, ErrNoSpace):
		return err
	case errors.Is(err, sftp.ErrSSHFxConnectionLost), errors.Is(err, net.ErrClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	return err
}

// loginError wraps the error of a login with one of this package's errors. A
// server that does not speak SSH sends other data first, or closes the
// connection.
func loginError(err error) error {
	text := err.Error()
	switch {
	case isRejection(err):
		return err
	case strings.Contains(text, "overflow reading version string"), strings.Contains(text, "invalid character in version string"), strings.Contains(text, "EOF"):
		return fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return unreachableError(err)
}
