// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

func TestPassword(t *testing.T) {
	t.Parallel()
	grid, ids := providertest.PopulatedGrid(t)
	for _, typeName := range []string{"gogrid_server", "gogrid_sandbox"} {
		result, diagnostics := grid.Session(t).OpenEphemeral("gogrid_server_password", acctest.Attributes{"server_id": ids[typeName]})
		diagnostics.WantNone(t)
		if password, _ := result["password"].(string); result["username"] != "root" || len(password) < 6 {
			t.Errorf("%s: got user %v and a password of %d characters, want root and at least 6", typeName, result["username"], len(password))
		}
	}
}

// TestPasswordIsWaitedFor checks that the read of a password waits until GoGrid
// records it, which happens some time after the server exists.
func TestPasswordIsWaitedFor(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.HandDriven, o.Timings.Password = true, 3*time.Hour })
	grid.OutsideDone(t, "grid.server.add", "name", "web1", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.2")
	grid.After("support.password.list", func() { grid.Advance(4 * time.Hour) })
	result, diagnostics := grid.Session(t).OpenEphemeral("gogrid_server_password", acctest.Attributes{"server_id": grid.ServerID(t, "web1")})
	diagnostics.WantNone(t)
	if result["username"] != "root" {
		t.Errorf("got user %v, want root", result["username"])
	}
	grid.WantCalls(t, "support.password.list", 2)
}

func TestPasswordErrors(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.HandDriven, o.Timings.Password = true, 3*time.Hour })
	grid.OutsideDone(t, "grid.server.add", "name", "web1", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.2")
	id := grid.ServerID(t, "web1")
	for name, tc := range map[string]struct {
		key      simulator.Key
		config   acctest.Attributes
		at       string
		patterns []string
	}{
		"none yet":       {acctest.SuperKey(), acctest.Attributes{"server_id": id, "timeout": "2s"}, "server_id", []string{"read the password of server " + id, "no password for server \"web1\"", `after \d+s`}},
		"no such server": {acctest.SuperKey(), acctest.Attributes{"server_id": "799999"}, "server_id", []string{"no longer a server with the id 799999"}},
		"no id":          {acctest.SuperKey(), acctest.Attributes{"server_id": "web1"}, "server_id", []string{"is not an id"}},
		"bad timeout":    {acctest.SuperKey(), acctest.Attributes{"server_id": id, "timeout": "soon"}, "timeout", []string{"not a duration"}},
		"reader's key":   {acctest.ReadOnlyKey(), acctest.Attributes{"server_id": id}, "server_id", []string{"role", "Super User or System User"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diagnostics := grid.As(tc.key).Session(t).OpenEphemeral("gogrid_server_password", tc.config)
			diagnostics.WantError(t, tc.at, tc.patterns...)
		})
	}
}

// TestAccPassword opens the ephemeral resource with the Terraform CLI, where the id of
// a new server is unknown at plan.
func TestAccPassword(t *testing.T) {
	grid := acctest.NewGrid(t)
	providers := grid.Providers()
	providers["echo"] = func() (tfprotov6.ProviderServer, error) { return echoprovider.NewProviderServer()() }
	config := providertest.ServerBlock("name = \"web1\"\nimage = \"centos6.2_64_base\"\nram = \"1GB\"") + `
		ephemeral "gogrid_server_password" "web" { server_id = gogrid_server.web.id }
		provider "echo" { data = ephemeral.gogrid_server_password.web.username }
		resource "echo" "user" {}`
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		CheckDestroy:             providertest.NothingLeft(grid),
		Steps: []resource.TestStep{{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("echo.user", tfjsonpath.New("data"), knownvalue.StringExact("root")),
			},
		}},
	})
}
