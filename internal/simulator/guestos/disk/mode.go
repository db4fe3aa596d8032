// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import "io/fs"

// A guest may remove its own access to a file, but the simulator must keep
// access. Therefore the owner's bits are always set on the host. Two mode bits
// that guests cannot use record which of the owner's bits the guest has removed.
// A copy of the file keeps these two bits.
const (
	hidesRead  = fs.ModeSetgid
	hidesWrite = fs.ModeSticky
)

// hostMode converts the mode of a guest's file or folder to the mode on the
// host.
func hostMode(mode fs.FileMode, folder bool) fs.FileMode {
	host := mode & 0o777
	if folder {
		return host | 0o700
	}
	if host&0o400 == 0 {
		host |= hidesRead
	}
	if host&0o200 == 0 {
		host |= hidesWrite
	}
	return host | 0o600
}

// guestMode is the inverse of hostMode.
func guestMode(host fs.FileMode) fs.FileMode {
	mode := host &^ (hidesRead | hidesWrite)
	if host.IsRegular() || host&fs.ModeType == 0 {
		if host&hidesRead != 0 {
			mode &^= 0o400
		}
		if host&hidesWrite != 0 {
			mode &^= 0o200
		}
	}
	return mode
}

// info is a file as the guest sees it.
type info struct {
	fs.FileInfo
	name string
}

func (i info) Name() string      { return i.name }
func (i info) Mode() fs.FileMode { return guestMode(i.FileInfo.Mode()) }
func (i info) Sys() any          { return nil }

// entry is an entry of a folder as the guest sees it.
type entry struct{ fs.DirEntry }

func (e entry) Info() (fs.FileInfo, error) {
	found, err := e.DirEntry.Info()
	if err != nil {
		return nil, err
	}
	return info{found, e.Name()}, nil
}
