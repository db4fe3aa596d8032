// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "os"

// openFolder chooses the folder for disks and Cloud Storage if the grid has
// guests or Cloud Storage. A grid in memory gets a temporary folder, which
// Close removes.
func (g *Grid) openFolder() error {
	dir := ""
	switch {
	case g.options.Guests != nil:
		dir = g.options.Guests.Dir
	case g.options.CloudStorage == nil:
		return nil
	}
	switch {
	case dir != "":
		g.folder = dir
	case g.options.State != "":
		g.folder = g.options.State + ".guests"
	default:
		made, err := os.MkdirTemp("", "gogrid-guests-")
		if err != nil {
			return err
		}
		g.folder, g.temporary = made, true
	}
	return nil
}

func (g *Grid) closeFolder() error {
	if !g.temporary {
		return nil
	}
	return os.RemoveAll(g.folder)
}
