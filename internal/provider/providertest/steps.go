// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package providertest

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// ServerBlock returns the HCL of the resource gogrid_server.web with the given
// lines in its body.
func ServerBlock(lines string) string {
	return fmt.Sprintf("resource \"gogrid_server\" \"web\" {\n%s\n}\n", lines)
}

// ExpectAction checks the action that a step's plan has for a resource.
func ExpectAction(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// ExpectNoChange checks that a step's plan is empty.
func ExpectNoChange() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

// NothingLeft returns a check that the account has neither servers nor images.
func NothingLeft(grid *acctest.Grid) func(*terraform.State) error {
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

// ImportSteps returns two steps: the first imports a resource with the import
// command, the second with an import block. The block's plan must be empty.
func ImportSteps(address string) []resource.TestStep {
	return []resource.TestStep{
		{ResourceName: address, ImportState: true, ImportStateVerify: true},
		{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
	}
}
