// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// myImage returns the configuration of a sandbox and of gogrid_mygsi_image.golden,
// which is saved from the sandbox. lines go into the body of the image.
func myImage(lines string) string {
	return fmt.Sprintf(`
resource "gogrid_sandbox" "golden" {
  name  = "golden"
  image = "centos6.2_64_base"
}

resource "gogrid_mygsi_image" "golden" {
  sandbox_id = gogrid_sandbox.golden.id
%s
}
`, lines)
}

func TestAccMyGSIImage_life(t *testing.T) {
	grid := acctest.NewGrid(t)
	const address = "gogrid_mygsi_image.golden"
	imageID := func() string { return strconv.FormatInt(grid.Images()[0].ID, 10) }
	edited := myImage(`friendly_name = "golden 2"` + "\n" + `description = "of the shop"` + "\n" + `is_public = true`)
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: grid.Providers(),
		CheckDestroy:             providertest.NothingLeft(grid),
		Steps: []resource.TestStep{
			{
				Config:           myImage(`friendly_name = "golden 1"`),
				ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionCreate),
				Check: resource.ComposeAggregateTestCheckFunc(
					resource.TestCheckResourceAttr(address, "state", "Available"),
					resource.TestCheckResourceAttr(address, "is_public", "false"),
					resource.TestCheckResourceAttr(address, "architecture", "64-bit"),
					resource.TestCheckResourceAttr(address, "min_ram", "512MB"),
					resource.TestCheckResourceAttr(address, "datacenters.#", "1"),
					resource.TestCheckResourceAttr(address, "datacenters.0", "US-West-1"),
					resource.TestCheckResourceAttrSet(address, "created_at"),
				),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"sandbox_id"}},
			{Config: edited, ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionUpdate)},
			{
				PreConfig: func() {
					grid.Outside(t, "grid.image.edit", "id", imageID(), "friendlyName", "theirs", "description", "theirs", "isPublic", "false")
				},
				Config:           edited,
				ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionUpdate),
				Check:            resource.TestCheckResourceAttr(address, "friendly_name", "golden 2"),
			},
			{ // the first value of rebuild_triggers does not replace the image
				Config:           myImage(`friendly_name = "golden 2"` + "\n" + `rebuild_triggers = { app = "1" }`),
				ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionUpdate),
			},
			{
				Config:           myImage(`friendly_name = "golden 2"` + "\n" + `rebuild_triggers = { app = "2" }`),
				ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionDestroyBeforeCreate),
			},
			{ // the provider treats an image in the trash as deleted
				PreConfig:        func() { grid.OutsideDone(t, "grid.image.delete", "id", imageID()) },
				Config:           myImage(`friendly_name = "golden 2"` + "\n" + `rebuild_triggers = { app = "2" }`),
				ConfigPlanChecks: providertest.ExpectAction(address, plancheck.ResourceActionCreate),
			},
		},
	})
}

// TestAccMyGSIImage_rollout replaces an image. The new image must exist before
// the old image is deleted, and the servers must move to the new image.
func TestAccMyGSIImage_rollout(t *testing.T) {
	grid := acctest.NewGrid(t)
	config := func(release string, servers int) string {
		return fmt.Sprintf(`
resource "gogrid_sandbox" "golden" {
  name  = "golden-%[1]s"
  image = "centos6.2_64_base"
}

resource "gogrid_mygsi_image" "golden" {
  friendly_name = "golden %[1]s"
  sandbox_id    = gogrid_sandbox.golden.id

  lifecycle {
    create_before_destroy = true
  }
}

resource "gogrid_private_ip" "web" {
  count = %[2]d
}

resource "gogrid_server" "web" {
  count      = %[2]d
  name       = "web${count.index}"
  image      = gogrid_mygsi_image.golden.id
  ram        = "1GB"
  private_ip = gogrid_private_ip.web[count.index].address
}
`, release, servers)
	}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: grid.Providers(),
		CheckDestroy:             providertest.NothingLeft(grid),
		Steps: []resource.TestStep{
			{Config: config("1", 2)},
			{Config: config("1", 4), ConfigPlanChecks: providertest.ExpectAction("gogrid_server.web[0]", plancheck.ResourceActionNoop)},
			{
				Config: config("2", 4),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("gogrid_mygsi_image.golden", plancheck.ResourceActionCreateBeforeDestroy),
					plancheck.ExpectResourceAction("gogrid_server.web[0]", plancheck.ResourceActionDestroyBeforeCreate),
					plancheck.ExpectResourceAction("gogrid_private_ip.web[0]", plancheck.ResourceActionNoop),
				}},
			},
		},
	})
}
