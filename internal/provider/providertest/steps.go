// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// server is a resource gogrid_server.web with the given lines in its body.
func server(lines string) string {
	return fmt.Sprintf("resource \"gogrid_server\" \"web\" {\n%s\n}\n", lines)
}

// planned checks what a step's plan does to a resource.
func planned(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// plannedNothing checks that a step's plan is empty.
func plannedNothing() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

// nothingLeft checks that the grid has neither servers nor images of its own.
func nothingLeft(grid *acctest.Grid) func(*terraform.State) error {
	return func(*terraform.State) error {
		if servers := grid.Inspect().Servers; len(servers) > 0 {
			return fmt.Errorf("the grid still has servers: %+v", servers)
		}
		if images := grid.Images(); len(images) > 0 {
			return fmt.Errorf("the account still has images: %+v", images)
		}
		return nil
	}
}

// imports are the two ways to import a resource by an id: with a command, and
// with a block, whose plan must be empty.
func imports(address string) []resource.TestStep {
	return []resource.TestStep{
		{ResourceName: address, ImportState: true, ImportStateVerify: true},
		{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
	}
}
