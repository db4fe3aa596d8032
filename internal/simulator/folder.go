// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "os"

// openFolder finds the folder of disks and of Cloud Storage, where the grid has
// either. That of a grid in memory goes with the grid.
func (g *Grid) openFolder() error {
	asked := ""
	switch {
	case g.options.Guests != nil:
		asked = g.options.Guests.Dir
	case g.options.CloudStorage == nil:
		return nil
	}
	switch {
	case asked != "":
		g.folder = asked
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
