// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import (
	"errors"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// swap exchanges two names in one step, where the host's file system can.
func (d *Disk) swap(one, other string) (done bool, err error) {
	from, err := d.folderOf(one)
	if err != nil {
		return false, err
	}
	defer func() { _ = from.Close() }() // only looked at
	to, err := d.folderOf(other)
	if err != nil {
		return false, err
	}
	defer func() { _ = to.Close() }() // likewise
	err = unix.Renameat2(int(from.Fd()), path.Base(one), int(to.Fd()), path.Base(other), unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EXDEV) {
		return false, nil
	}
	return err == nil, err
}

// folderOf opens the folder that a path lies in, which no link leads out of.
func (d *Disk) folderOf(at string) (*os.File, error) { return d.root.Open(path.Dir(at)) }
