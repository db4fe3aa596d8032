// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// claimConfig returns a configuration with a deployment name. It claims count
// private addresses of one block and keeps their leases on a share.
func claimConfig(share *storagetest.Server, deployment string, count int) string {
	provider := fmt.Sprintf(`deployment = %q
  cloud_storage {
    protocol = "sftp"
    host     = %q
    port     = %d
    host_key = %q
    username = %q
    password = %q
  }`, deployment, share.Host, share.Port, share.HostKey, storagetest.Username, storagetest.Password)
	return configuration(provider, fmt.Sprintf(`resource "gogrid_private_ip" "web" {
  count      = %d
  datacenter = "US-West-1"
  label      = "%s-${count.index}"
}`, count, deployment))
}

// leases returns the files in the folder of the leases on a share.
func leases(t *testing.T, share *storagetest.Server) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(share.Dir, "leases", "private-ip", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestAccTwoWorkspacesClaimAddresses lets two independent workspaces claim
// addresses at the same time, with leases on one share. The grid has only a few
// more addresses than both claim. No address may be claimed twice, and no lease
// may remain after both are destroyed.
func TestAccTwoWorkspacesClaimAddresses(t *testing.T) {
	t.Parallel()
	const count = 100
	g := newGrid(t, append(moderate(), "--private-block-size=256")...)
	share := storagetest.Start(t)
	var both []*scenario
	for _, deployment := range []string{"shop", "blog"} {
		both = append(both, newWorkspace(t, g, tools.provider(), claimConfig(share, deployment, count)))
	}
	together := func(args ...string) {
		t.Helper()
		var runs []*run
		for _, s := range both {
			runs = append(runs, s.start(append(args, "-auto-approve", "-input=false", "-no-color")...))
		}
		for _, r := range runs {
			if output, code := r.end(); code != 0 {
				t.Fatalf("%s ended with %d:\n%s", args[0], code, output)
			}
		}
	}
	together("apply")
	holders := map[string]string{}
	for i, s := range both {
		for _, r := range s.resources() {
			holder := fmt.Sprintf("workspace %d, %s", i, r.Address)
			if other, taken := holders[r.Values.Address]; taken || r.Values.Address == "" {
				t.Errorf("%s has the address %q, which %s also has", holder, r.Values.Address, other)
			}
			holders[r.Values.Address] = holder
			if _, err := os.Stat(filepath.Join(share.Dir, "leases", "private-ip", r.Values.Address+".json")); err != nil {
				t.Errorf("%s has no lease: %v", holder, err)
			}
		}
	}
	if len(holders) != 2*count {
		t.Errorf("there are %d addresses, want %d", len(holders), 2*count)
	}
	if found := leases(t, share); len(found) != 2*count {
		t.Errorf("there are %d leases, want %d", len(found), 2*count)
	}
	both[0].mustPlanNothing()
	together("destroy")
	if found := leases(t, share); len(found) > 0 {
		t.Errorf("leases after the destroy: %v", found)
	}
}
