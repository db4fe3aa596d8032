// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package privateip_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

func TestAccPrivateIP_life(t *testing.T) {
	grid := acctest.NewGrid(t)
	const address = "gogrid_private_ip.db"
	claim := func(lines string) string { return "resource \"gogrid_private_ip\" \"db\" {\n" + lines + "\n}\n" }
	steps := []resource.TestStep{{
		Config: claim(""),
		Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(address, "address", "10.110.0.2"),
			resource.TestCheckResourceAttr(address, "datacenter", "US-West-1"),
			resource.TestCheckResourceAttr(address, "subnet", "10.110.0.0/28"),
			resource.TestCheckResourceAttr(address, "netmask", "255.255.255.240"),
			resource.TestCheckResourceAttr(address, "assigned", "false"),
		),
	}}
	steps = append(steps, providertest.ImportSteps(address)...)
	steps = append(steps,
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: "10.110.0.2"},
		resource.TestStep{
			Config:           claim(`label = "database"` + "\n" + `range = "10.110.0.0/29"` + "\n" + `datacenter = 1`),
			ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionUpdate),
			Check:            resource.TestCheckResourceAttr(address, "address", "10.110.0.2"),
		},
		resource.TestStep{ // the plan is empty after a server outside Terraform takes the address
			PreConfig: func() {
				grid.OutsideDone(t, "grid.server.add", "name", "theirs", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.2", "privateip", "10.110.0.2")
			},
			Config:           claim(`label = "database"` + "\n" + `range = "10.110.0.0/29"` + "\n" + `datacenter = 1`),
			ConfigPlanChecks: providertest.ExpectNoChange(),
			Check:            resource.TestCheckResourceAttr(address, "assigned", "true"),
		},
		resource.TestStep{
			PreConfig:        func() { grid.OutsideDone(t, "grid.server.delete", "name", "theirs") },
			Config:           claim(`range = "10.110.0.8/29"`),
			ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionDestroyBeforeCreate),
			Check:            resource.TestCheckResourceAttr(address, "address", "10.110.0.8"),
		},
		resource.TestStep{
			Config:           claim(`address = "10.110.0.5"`),
			ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionDestroyBeforeCreate),
		},
		resource.TestStep{
			Config:           claim(`datacenter = "US-East-1"`),
			ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionDestroyBeforeCreate),
			Check:            resource.TestCheckResourceAttr(address, "address", "10.111.0.2"),
		},
	)
	resource.ParallelTest(t, resource.TestCase{ProtoV6ProviderFactories: grid.Providers(), Steps: steps})
}

// claimed returns the sorted addresses of all gogrid_private_ip in a state.
func claimed(s *terraform.State) []string {
	var addresses []string
	for _, r := range s.RootModule().Resources {
		if r.Type == "gogrid_private_ip" {
			addresses = append(addresses, r.Primary.Attributes["address"])
		}
	}
	slices.Sort(addresses)
	return addresses
}

func TestAccPrivateIP_fifty(t *testing.T) {
	grid := acctest.NewGrid(t, func(o *simulator.Options) { o.PrivateBlockSize = 64 })
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: grid.Providers(),
		Steps: []resource.TestStep{{
			PreConfig: func() {
				grid.OutsideDone(t, "grid.server.add", "name", "theirs", "image", "12834", "server.ram", "1GB", "ip", "127.20.0.2", "privateip", "10.110.0.4")
			},
			Config: `resource "gogrid_private_ip" "web" { count = 50 }`,
			Check: func(s *terraform.State) error {
				var want []string
				for i := 2; len(want) < 50; i++ {
					if i != 4 { // in use by the server "theirs"
						want = append(want, fmt.Sprintf("10.110.0.%d", i))
					}
				}
				slices.Sort(want)
				if got := claimed(s); !slices.Equal(got, want) {
					return fmt.Errorf("got %v, want the 50 lowest free addresses", got)
				}
				return nil
			},
		}},
	})
}

// TestAccPrivateIP_serverFollows checks that a server gets its new address in
// the same apply that creates or replaces the gogrid_private_ip.
func TestAccPrivateIP_serverFollows(t *testing.T) {
	grid := acctest.NewGrid(t)
	config := func(block, reference string) string {
		return block + `
			resource "gogrid_server" "web" {
				name       = "web"
				image      = "centos6.2_64_base"
				ram        = "1GB"
				private_ip = ` + reference + `
			}`
	}
	in := func(cidr string) string { return `resource "gogrid_private_ip" "web" { range = "` + cidr + `" }` }
	const reference = "gogrid_private_ip.web.address"
	replaced := providertest.ExpectAction("gogrid_server.web", plancheck.ResourceActionDestroyBeforeCreate)
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: grid.Providers(),
		CheckDestroy:             providertest.NothingLeft(grid),
		Steps: []resource.TestStep{
			{Config: config("", "null")},
			{
				Config: config(in("10.110.0.8/30"), reference), ConfigPlanChecks: replaced,
				Check: resource.TestCheckResourceAttr("gogrid_server.web", "private_ip", "10.110.0.8"),
			},
			{
				Config: config(in("10.110.0.12/30"), reference), ConfigPlanChecks: replaced,
				Check: resource.TestCheckResourceAttr("gogrid_server.web", "private_ip", "10.110.0.12"),
			},
		},
	})
}
