// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/cloudsoda/go-smb2"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

// smbKinds maps the status codes that matter to users of a share to this
// package's errors. The numbers are from Microsoft's [MS-ERREF].
func smbKinds() map[uint32]error {
	return map[uint32]error{
		0xC0000064: ErrLogin, // no such user
		0xC000006A: ErrLogin, // wrong password
		0xC000006D: ErrLogin, // logon failure
		0xC000006E: ErrLogin, // account restriction
		0xC0000071: ErrLogin, // password expired
		0xC0000072: ErrLogin, // account disabled
		0xC0000193: ErrLogin, // account expired
		0xC0000224: ErrLogin, // password must change
		0xC0000234: ErrLogin, // account locked out
		0xC00000CC: ErrNoShare,
		0xC00000C9: ErrLost, // share deleted
		0xC0000203: ErrLost, // session deleted
		0xC000035C: ErrLost, // session expired
		0xC000007F: ErrNoSpace,
		0xC0000044: ErrNoSpace, // quota
		0xC0000043: ErrBusy,    // sharing violation
		0xC0000056: fs.ErrNotExist,
		0xC00000A2: fs.ErrPermission, // write protected
	}
}

// smbError wraps an error of the SMB library with one of this package's errors.
func smbError(err error) error {
	var response *smb2.ResponseError
	var transport *smb2.TransportError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &transport):
		return fmt.Errorf("%w: %w", ErrLost, err)
	case errors.As(err, &response):
		if kind := smbKinds()[response.Code]; kind != nil {
			return fmt.Errorf("%w: %w", kind, err)
		}
	}
	return err
}

// openingError is like smbError, but for the first messages of a connection.
// Its error is ErrForeign if the server does not speak SMB.
func openingError(err error) error {
	var transport *smb2.TransportError
	var invalid *smb2.InvalidResponseError
	if errors.As(err, &invalid) || errors.As(err, &transport) && strings.Contains(err.Error(), "transport format") {
		return fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return smbError(err)
}

// mountError is like smbError, but for opening a share. Its error is ErrNoShare
// if the share does not exist.
func mountError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrNoShare, err)
	}
	return smbError(err)
}

// unreachableError adds ErrUnreachable to the error of a failed connection.
func unreachableError(err error) error { return fmt.Errorf("%w: %w", ErrUnreachable, err) }

// bastionError returns the error of a failed login to the bastion. It adds
// ErrUnreachable unless the bastion rejected the login or its host key is wrong.
func bastionError(err error) error {
	err = fmt.Errorf("the bastion: %w", err)
	if isRejection(err) {
		return err
	}
	return unreachableError(err)
}

// isRejection reports whether a login failed for a reason other than the
// network: a rejected login, a wrong host key, or a missing or locked key.
func isRejection(err error) bool {
	var rejected *communicator.AuthError
	var changed *communicator.HostKeyError
	return errors.As(err, &rejected) || errors.As(err, &changed) ||
		errors.Is(err, communicator.ErrNoHostKey) || errors.Is(err, communicator.ErrNoKey) || errors.Is(err, communicator.ErrPassphraseMissing)
}
