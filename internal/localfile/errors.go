// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package localfile

import (
	"fmt"
	"io/fs"
)

// KindError reports a path that is not a regular file.
type KindError struct {
	// Mode is the mode of the file at the path.
	Mode fs.FileMode
}

// Error names the actual kind of the file.
func (e *KindError) Error() string {
	return fmt.Sprintf("it is %s, but must be a regular file", KindName(e.Mode))
}

// SizeError reports a file that is too large.
type SizeError struct {
	// Size is the number of bytes of the file, or the number of bytes read from it if
	// the file grew. Limit is the largest allowed size in bytes.
	Size, Limit int64
}

// Error names the size and the limit.
func (e *SizeError) Error() string {
	return fmt.Sprintf("it has %d bytes, but must have at most %s", e.Size, sizeText(e.Limit))
}

// sizeText formats a size in the largest binary unit that divides the size evenly.
func sizeText(size int64) string {
	for _, unit := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if size >= unit.size && size%unit.size == 0 {
			return fmt.Sprintf("%d %s", size/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", size)
}

// KindName returns a noun phrase for the kind of a file that is not regular, such as "a
// folder".
func KindName(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeDevice != 0:
		return "a device"
	default:
		return "a special file"
	}
}

// check returns an error unless info describes a regular file of at most limit bytes.
func check(info fs.FileInfo, limit int64) error {
	if !info.Mode().IsRegular() {
		return &KindError{Mode: info.Mode()}
	}
	if info.Size() > limit {
		return &SizeError{Size: info.Size(), Limit: limit}
	}
	return nil
}

// failed wraps err, the reason why a file cannot be read, in an *fs.PathError.
func failed(name string, err error) error {
	return &fs.PathError{Op: "read", Path: name, Err: err}
}
