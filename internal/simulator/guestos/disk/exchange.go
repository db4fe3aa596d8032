// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import (
	"strings"
	"syscall"
)

// Exchange swaps two files or folders. A concurrent reader of either name finds
// the old or the new file, never a missing one.
func (d *Disk) Exchange(one, other string) error {
	d.cloneMu.Lock()
	defer d.cloneMu.Unlock()
	return guestError("exchange", one, d.exchange(one, other))
}

func (d *Disk) exchange(one, other string) error {
	from, err := d.resolve(one, false)
	if err != nil {
		return err
	}
	to, err := d.resolve(other, false)
	if err != nil {
		return err
	}
	switch {
	case from == to:
		return nil
	case strings.HasPrefix(from+"/", to+"/"), strings.HasPrefix(to+"/", from+"/"), from == ".", to == ".":
		return syscall.EINVAL // a folder cannot contain itself
	}
	for _, move := range [][2]string{{from, to}, {to, from}} {
		if err := d.checkMove(move[0], move[1]); err != nil {
			return err
		}
	}
	if done, err := d.swap(from, to); done || err != nil {
		return err
	}
	// cloneMu blocks other operations. The exchange remains incomplete only if the
	// simulator is killed here.
	for _, move := range [][2]string{{from, spareName}, {to, from}, {spareName, to}} {
		if err := d.root.Rename(move[0], move[1]); err != nil {
			return err
		}
	}
	return nil
}
