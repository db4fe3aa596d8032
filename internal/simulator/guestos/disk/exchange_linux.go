// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import (
	"errors"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// swap exchanges two names atomically. done is false if the file system of the
// host does not support it.
func (d *Disk) swap(one, other string) (done bool, err error) {
	from, err := d.folderOf(one)
	if err != nil {
		return false, err
	}
	defer func() { _ = from.Close() }() // nothing was written
	to, err := d.folderOf(other)
	if err != nil {
		return false, err
	}
	defer func() { _ = to.Close() }() // nothing was written
	err = unix.Renameat2(int(from.Fd()), path.Base(one), int(to.Fd()), path.Base(other), unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EXDEV) {
		return false, nil
	}
	return err == nil, err
}

// folderOf opens the parent folder of a path through os.Root, so that a link
// cannot lead out of the disk.
func (d *Disk) folderOf(at string) (*os.File, error) { return d.root.Open(path.Dir(at)) }
