// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// TestAccPrivateNetworkExample checks that the example's web servers get their
// addresses and the route to Cloud Storage from the example's DHCP server. The
// DHCP server must have 512 MB of RAM.
func TestAccPrivateNetworkExample(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGuestGrid(t, func(o *simulator.Options) { o.Speed = 250 })
	b := newExampleRun(t, grid)
	b.Env = append(b.Env, "GOGRID_SSH_PORT="+strconv.Itoa(grid.SSHPort))
	b.load(filepath.Join(examplesDir(t), "private-network"))
	b.apply()
	b.wantEmptyPlan()
	if ram := grid.Server(t, "dhcp").RAM; ram != "512MB" {
		t.Errorf("the DHCP server has %s", ram)
	}
	for name, address := range map[string]string{"web-1": "10.110.0.3/28", "web-2": "10.110.0.4/28"} {
		waitFor(t, "the lease of "+name, func() bool { return strings.Contains(b.ssh(name, "ip addr show eth1"), "inet "+address) })
		if routes := b.ssh(name, "ip route"); !strings.Contains(routes, "10.100.0.0/24 via 10.110.0.1 dev eth1") {
			t.Errorf("%s has the routes\n%s", name, routes)
		}
	}
	b.ok("destroy", "-auto-approve", "-input=false", "-no-color")
	b.wantOnGrid()
}
