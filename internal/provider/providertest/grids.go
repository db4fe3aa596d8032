// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package providertest

import (
	"fmt"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// PopulatedGrid returns a grid on which another client created one object of
// each kind, and the objects' ids by resource type.
func PopulatedGrid(t *testing.T) (*acctest.Grid, map[string]string) {
	t.Helper()
	grid := acctest.NewQuickGrid(t, acctest.WholeCatalogue)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "12834", "isSandbox", "true", "ip", "127.20.0.2")
	grid.OutsideDone(t, "grid.image.save", "server", grid.ServerID(t, "golden"), "friendlyName", "golden 1", "description", "ours")
	grid.OutsideDone(t, "grid.server.add", "name", "web1", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.3", "privateip", "10.110.0.3", "description", "the shop")
	addressID := ""
	for _, ip := range grid.Inspect().IPs {
		if ip.IP == "10.110.0.3" {
			addressID = fmt.Sprint(ip.ID)
		}
	}
	return grid, map[string]string{
		"gogrid_sandbox":      grid.ServerID(t, "golden"),
		"gogrid_mygsi_image":  fmt.Sprint(grid.Images()[0].ID),
		"gogrid_server":       grid.ServerID(t, "web1"),
		"gogrid_private_ip":   addressID,
		"gogrid_server by ip": "127.20.0.3",
	}
}

// CrowdedGrid returns a grid on which another client's server, theirs, holds
// the addresses 127.20.0.4 and 10.110.0.4.
func CrowdedGrid(t *testing.T) *acctest.Grid {
	t.Helper()
	grid := acctest.NewQuickGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "theirs", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.4", "privateip", "10.110.0.4")
	return grid
}
