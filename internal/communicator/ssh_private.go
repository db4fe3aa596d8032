// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"encoding/binary"
	"io"
	"io/fs"
)

// createdMode is the mode with which the server creates files. An unfinished file may
// contain part of a secret, so other accounts must not be able to open it even for a
// moment.
const createdMode fs.FileMode = 0o600

// privateWriter adds createdMode to every request that creates a file. The SFTP library
// sends such requests without attributes, and the server then creates a file that
// everyone can read. The library writes each of these packets with a single Write. All
// other writes, and requests with attributes, pass through unchanged.
type privateWriter struct{ io.WriteCloser }

// Constants of draft-ietf-secsh-filexfer-02, sections 3, 5 and 6.3.
const (
	sftpOpen            = 3
	sftpCreate          = 0x8
	sftpPermissions     = 0x4
	sftpLengthSize      = 4
	sftpPathOffset      = sftpLengthSize + 1 + 4 // after the type and the request id
	sftpFlagsSize       = 4
	sftpAttributesSize  = 4
	sftpPermissionsSize = 4
)

// Write implements io.Writer.
func (w *privateWriter) Write(p []byte) (int, error) {
	packet, changed := withMode(p, createdMode)
	n, err := w.WriteCloser.Write(packet)
	if changed && err == nil {
		n = len(p)
	}
	return min(n, len(p)), err
}

// withMode adds permissions to a packet that opens a file, and reports whether it
// changed the packet. It returns any other packet unchanged.
func withMode(packet []byte, mode fs.FileMode) ([]byte, bool) {
	if len(packet) < sftpPathOffset+4 || packet[sftpLengthSize] != sftpOpen || int(binary.BigEndian.Uint32(packet)) != len(packet)-sftpLengthSize {
		return packet, false
	}
	flags := uint64(sftpPathOffset) + 4 + uint64(binary.BigEndian.Uint32(packet[sftpPathOffset:]))
	if flags+sftpFlagsSize+sftpAttributesSize != uint64(len(packet)) {
		return packet, false
	}
	attributes := flags + sftpFlagsSize
	if binary.BigEndian.Uint32(packet[flags:])&sftpCreate == 0 || binary.BigEndian.Uint32(packet[attributes:]) != 0 {
		return packet, false
	}
	changed := binary.BigEndian.AppendUint32(append([]byte(nil), packet...), uint32(mode.Perm()))
	binary.BigEndian.PutUint32(changed, uint32(len(packet)-sftpLengthSize+sftpPermissionsSize)) //nolint:gosec // a packet is short
	binary.BigEndian.PutUint32(changed[attributes:], sftpPermissions)
	return changed, true
}
