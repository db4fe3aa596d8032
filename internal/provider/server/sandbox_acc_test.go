// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

func TestAccSandbox_life(t *testing.T) {
	grid := acctest.NewGrid(t)
	const address = "gogrid_sandbox.golden"
	sandbox := func(lines string) string { return "resource \"gogrid_sandbox\" \"golden\" {\n" + lines + "\n}\n" }
	steps := []resource.TestStep{{
		Config:           sandbox(`name = "golden"` + "\n" + `image = "win2k8r2_64_base"`),
		ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionCreate),
		Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(address, "image_id", "6679"),
			resource.TestCheckResourceAttr(address, "ram", "2GB"),
			resource.TestCheckResourceAttr(address, "state", "On"),
			resource.TestCheckResourceAttr(address, "datacenter", "US-West-1"),
			resource.TestCheckResourceAttr(address, "os", "Windows 2008 Server R2 (64-bit)"),
		),
	}}
	steps = append(steps, providertest.ImportSteps(address)...)
	steps = append(steps,
		resource.TestStep{
			Config:           sandbox(`name = "golden"` + "\n" + `image = 6679` + "\n" + `description = "for the shop"`),
			ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig: func() {
				grid.OutsideDone(t, "grid.server.edit", "id", grid.ServerID(t, "golden"), "description", "theirs")
			},
			Config:           sandbox(`name = "golden"` + "\n" + `image = 6679` + "\n" + `description = "for the shop"`),
			ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			Config:           sandbox(`name = "golden"` + "\n" + `image = 12834`),
			ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionDestroyBeforeCreate),
			Check:            resource.TestCheckNoResourceAttr(address, "description"),
		},
		resource.TestStep{
			PreConfig:        func() { grid.OutsideDone(t, "grid.server.delete", "id", grid.ServerID(t, "golden")) },
			Config:           sandbox(`name = "golden"` + "\n" + `image = 12834`),
			ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionCreate),
		},
	)
	resource.ParallelTest(t, resource.TestCase{ProtoV6ProviderFactories: grid.Providers(), CheckDestroy: providertest.NothingLeft(grid), Steps: steps})
}
