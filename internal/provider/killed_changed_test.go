// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// TestKilledThenChangedMakesNoTwins loses the state of an apply of four servers
// and changes the configuration before the next apply. In the end the grid has
// one server for each name, and a destroy leaves no servers.
func TestKilledThenChangedMakesNoTwins(t *testing.T) {
	t.Parallel()
	sandbox := acctest.Attributes{"name": "web1", "image": "centos6.2_64_base"}
	for name, tc := range map[string]struct {
		kind           string
		config, change acctest.Attributes
	}{
		"ram":                {"gogrid_server", providertest.Web1(), acctest.Attributes{"ram": "2GB"}},
		"image":              {"gogrid_server", providertest.Web1(), acctest.Attributes{"image": "debian_6.0_64_base"}},
		"private_ip":         {"gogrid_server", providertest.Web1(), acctest.Attributes{"private_ip": true}},
		"power":              {"gogrid_server", providertest.Web1(), acctest.Attributes{"power_state": "off"}},
		"all":                {"gogrid_server", providertest.Web1(), acctest.Attributes{"ram": "2GB", "image": "debian_6.0_64_base", "description": "new"}},
		"image of a sandbox": {"gogrid_sandbox", sandbox, acctest.Attributes{"image": "debian_6.0_64_base"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			change := func(i int) acctest.Attributes {
				if tc.change["private_ip"] != nil {
					return acctest.Attributes{"private_ip": fmt.Sprintf("10.110.0.%d", 4+i)}
				}
				return tc.change
			}
			configOf := func(i int) acctest.Attributes {
				return tc.config.With(acctest.Attributes{"name": fmt.Sprint("web", i)})
			}
			for i := range 4 {
				createOrphan(t, grid, tc.kind, providertest.Deployment(), configOf(i))
			}
			var found []*acctest.Managed
			for i := range 4 {
				server := grid.Manage(t, tc.kind, providertest.Deployment())
				server.Apply(configOf(i).With(change(i))).WantOK(t)
				found = append(found, server)
				if server.Get("id") != grid.ServerID(t, fmt.Sprint("web", i)) {
					t.Errorf("the state has id %v, want %s", server.Get("id"), grid.ServerID(t, fmt.Sprint("web", i)))
				}
				providertest.WantNoOp(t, grid, server.Object, configOf(i).With(change(i)))
			}
			if servers := grid.Inspect().Servers; len(servers) != 4 {
				t.Errorf("the grid has %+v, want 4 servers", servers)
			}
			for _, server := range found {
				server.Destroy().WantOK(t)
			}
			providertest.WantLeft(t, grid, 0, 0)
		})
	}
}

// TestKilledBuildThenChangedRecipe kills a build, which leaves its sandbox or
// the server that verifies the image. The build of the changed recipe must
// delete what is left.
func TestKilledBuildThenChangedRecipe(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		killed func(grid *acctest.Grid) acctest.Attributes
		done   int // number of deletions that succeed before the build is killed
		images int
	}{
		"while it prepares": {func(grid *acctest.Grid) acctest.Attributes {
			return providertest.ImageOnGuests(grid, acctest.Attributes{"commands": []any{"false"}})
		}, 0, 0},
		"while it verifies": {func(grid *acctest.Grid) acctest.Attributes {
			return providertest.WithVerification(providertest.ImageOnGuests(grid, nil), "false")
		}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGuestGrid(t)
			grid.LimitsByCalls(t, 200)
			// A killed process deletes nothing.
			grid.Spoil(t, simulator.Fault{Method: "grid.server.delete", Kind: simulator.FaultStatus, Skip: tc.done, Times: -1})
			grid.Spoil(t, simulator.Fault{Method: "grid.image.delete", Kind: simulator.FaultStatus, Times: -1})
			grid.Manage(t, providertest.ImageType, providertest.Deployment()).Apply(tc.killed(grid))
			grid.ClearFaults(t)
			providertest.WantLeft(t, grid, 1, tc.images)

			image := grid.Manage(t, providertest.ImageType, providertest.Deployment())
			changed := providertest.WithVerification(providertest.ImageOnGuests(grid, acctest.Attributes{"commands": []any{"true"}}), "true")
			image.Apply(changed).WantOK(t)
			if servers := grid.Inspect().Servers; len(servers) > 0 {
				t.Errorf("the build left servers: %+v", servers)
			}
			image.Destroy().WantOK(t)
			if servers := grid.Inspect().Servers; len(servers) > 0 {
				t.Errorf("the destroy left servers: %+v", servers)
			}
		})
	}
}
