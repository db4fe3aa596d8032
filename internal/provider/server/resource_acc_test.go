// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

func TestAccServer_life(t *testing.T) {
	grid := acctest.NewGrid(t)
	const address = "gogrid_server.web"
	id := ""
	sameID := func(s *terraform.State) error {
		if current := s.RootModule().Resources[address].Primary.ID; current != id {
			return fmt.Errorf("the id changed from %s to %s: the server was replaced", id, current)
		}
		return nil
	}
	steps := []resource.TestStep{{
		Config:           providertest.ServerBlock(`name = "web1"` + "\n" + `image = "centos6.2_64_base"` + "\n" + `ram = "1GB"`),
		ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionCreate),
		Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(address, "image_id", "12834"),
			resource.TestCheckResourceAttr(address, "public_ip", "127.20.0.2"),
			resource.TestCheckNoResourceAttr(address, "private_ip"),
			resource.TestCheckNoResourceAttr(address, "description"),
			resource.TestCheckResourceAttr(address, "datacenter", "US-West-1"),
			resource.TestCheckResourceAttr(address, "state", "On"),
			resource.TestCheckResourceAttr(address, "power_state", "on"),
			resource.TestCheckResourceAttr(address, "os", "CentOS 6.2 (64-bit)"),
			resource.TestCheckResourceAttr(address, "type", "Web Server"),
			resource.TestCheckResourceAttr(address, "cores", "1"),
			resource.TestCheckResourceAttr(address, "disk_size_mb", "51200"),
			resource.TestCheckResourceAttr(address, "subnet", "127.20.0.0/28"),
			func(s *terraform.State) error {
				id = s.RootModule().Resources[address].Primary.ID
				if onGrid := grid.ServerID(t, "web1"); id != onGrid {
					return fmt.Errorf("the id in the state is %s, on the grid %s", id, onGrid)
				}
				return nil
			},
		),
	}}
	steps = append(steps, providertest.ImportSteps(address)...)
	steps = append(steps,
		resource.TestStep{ // all attributes that can be updated in place
			Config: providertest.ServerBlock(`
				name = "web1"
				image = "centos6.2_64_base"
				ram = "4GB"
				type = "Database Server"
				description = "the shop"
				restart_triggers = { release = "1" }
			`),
			ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionUpdate),
			Check: resource.ComposeAggregateTestCheckFunc(
				sameID,
				resource.TestCheckResourceAttr(address, "cores", "4"),
				resource.TestCheckResourceAttr(address, "state", "On"),
				resource.TestCheckNoResourceAttr(address, "restarted_at"),
			),
		},
		resource.TestStep{ // the same values in other spellings
			Config: providertest.ServerBlock(`
				name = "web1"
				image = 12834
				ram = "4gb"
				type = 2
				datacenter = 1
				public_ip = "127.20.0.2"
				description = "the shop"
				restart_triggers = { release = "1" }
			`),
			ConfigPlanChecks: providertest.ExpectNoChange(),
		},
		resource.TestStep{ // a restart; the next step switches the server off
			Config:           providertest.ServerBlock(`name = "web1"` + "\n" + `image = 12834` + "\n" + `ram = 4` + "\n" + `restart_triggers = { release = "2" }`),
			ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionUpdate),
			Check: resource.ComposeAggregateTestCheckFunc(
				sameID,
				resource.TestCheckNoResourceAttr(address, "description"),
				resource.TestCheckResourceAttr(address, "type", "Database Server"),
				resource.TestCheckResourceAttrSet(address, "restarted_at"),
			),
		},
		resource.TestStep{
			Config:           providertest.ServerBlock(`name = "web1"` + "\n" + `image = 12834` + "\n" + `ram = 4` + "\n" + `power_state = "off"`),
			ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionUpdate),
			Check:            resource.ComposeAggregateTestCheckFunc(sameID, resource.TestCheckResourceAttr(address, "state", "Off")),
		},
	)
	resource.ParallelTest(t, resource.TestCase{ProtoV6ProviderFactories: grid.Providers(), CheckDestroy: providertest.NothingLeft(grid), Steps: steps})
}

func TestAccServer_replace(t *testing.T) {
	grid := acctest.NewGrid(t)
	const address = "gogrid_server.web"
	replaced := providertest.ExpectAction(address, plancheck.ResourceActionDestroyBeforeCreate)
	onlyOne := func(*terraform.State) error {
		if servers := grid.Inspect().Servers; len(servers) != 1 {
			return fmt.Errorf("the grid has %+v, want one server", servers)
		}
		return nil
	}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: grid.Providers(),
		CheckDestroy:             providertest.NothingLeft(grid),
		Steps: []resource.TestStep{
			{Config: providertest.ServerBlock(`name = "web1"` + "\n" + `image = "centos6.2_64_base"` + "\n" + `ram = "1GB"`)},
			{
				Config:           providertest.ServerBlock(`name = "web2"` + "\n" + `image = "centos6.2_64_base"` + "\n" + `ram = "1GB"`),
				ConfigPlanChecks: replaced,
				Check:            resource.ComposeAggregateTestCheckFunc(onlyOne, resource.TestCheckResourceAttr(address, "public_ip", "127.20.0.2")),
			},
			{
				Config:           providertest.ServerBlock(`name = "web2"` + "\n" + `image = "debian_6.0_64_base"` + "\n" + `ram = "1GB"`),
				ConfigPlanChecks: replaced,
				Check:            resource.ComposeAggregateTestCheckFunc(onlyOne, resource.TestCheckResourceAttr(address, "image_id", "9935")),
			},
			{
				Config:           providertest.ServerBlock(`name = "web2"` + "\n" + `image = 9935` + "\n" + `ram = "1GB"` + "\n" + `public_ip = "127.20.0.9"` + "\n" + `private_ip = "10.110.0.9"`),
				ConfigPlanChecks: replaced,
				Check:            onlyOne,
			},
			{ // the same fixed addresses, which the old server holds until its deletion
				Config:           providertest.ServerBlock(`name = "web3"` + "\n" + `image = 9935` + "\n" + `ram = "1GB"` + "\n" + `public_ip = "127.20.0.9"` + "\n" + `private_ip = "10.110.0.9"`),
				ConfigPlanChecks: replaced,
				Check:            onlyOne,
			},
			{
				Config:           providertest.ServerBlock(`name = "web3"` + "\n" + `image = 9935` + "\n" + `ram = "1GB"` + "\n" + `datacenter = "US-East-1"`),
				ConfigPlanChecks: replaced,
				Check:            resource.ComposeAggregateTestCheckFunc(onlyOne, resource.TestCheckResourceAttr(address, "public_ip", "127.21.0.2")),
			},
		},
	})
}

// TestAccServer_drift checks that an apply reverts changes made outside of Terraform,
// and recreates a server deleted outside of Terraform.
func TestAccServer_drift(t *testing.T) {
	grid := acctest.NewGrid(t)
	const address = "gogrid_server.web"
	config := providertest.ServerBlock(`name = "web1"` + "\n" + `image = "centos6.2_64_base"` + "\n" + `ram = "1GB"` + "\n" + `description = "ours"`)
	outside := func(method string, pairs ...string) func() {
		return func() {
			grid.OutsideDone(t, method, append([]string{"id", grid.ServerID(t, "web1")}, pairs...)...)
		}
	}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: grid.Providers(),
		CheckDestroy:             providertest.NothingLeft(grid),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig:        outside("grid.server.power", "power", "off"),
				Config:           config,
				ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionUpdate),
				Check:            resource.TestCheckResourceAttr(address, "state", "On"),
			},
			{
				PreConfig:        outside("grid.server.edit", "description", "theirs", "server.ram", "4GB", "server.type", "Database Server"),
				Config:           config,
				ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionUpdate),
				Check: func(*terraform.State) error {
					if server := grid.Server(t, "web1"); server.Description != "ours" || server.RAM != "1GB" {
						return fmt.Errorf("the server is %+v, want its old description and 1GB", server)
					}
					return nil
				},
			},
			{
				PreConfig:        outside("grid.server.delete"),
				Config:           config,
				ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionCreate),
			},
			{ // delete the server, so that the final destroy finds none
				PreConfig:          outside("grid.server.delete"),
				Config:             config,
				PlanOnly:           true,
				ExpectNonEmptyPlan: true,
			},
		},
	})
}
