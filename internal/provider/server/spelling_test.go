// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestNamesAreSentAsGoGridWritesThem checks that a create succeeds with any
// capitalization of the names of image, RAM size, type and datacenter, although
// GoGrid requires the exact name of an image.
func TestNamesAreSentAsGoGridWritesThem(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config := providertest.Web1().With(acctest.Attributes{
		"image": "CentOS6.2_64_BASE", "ram": "2gb", "type": "database server", "datacenter": "us-west-1",
	})
	object := providertest.Create(t, grid.Session(t), "gogrid_server", config)
	providertest.WantNoOp(t, grid, object, config)
	sandbox := acctest.Attributes{"name": "golden", "image": "CentOS6.2_64_BASE"}
	providertest.WantNoOp(t, grid, providertest.Create(t, grid.Session(t), "gogrid_sandbox", sandbox), sandbox)
}

// TestImageIDsInOtherForms checks that the plan rejects a form of an image id
// that GoGrid would not accept, and names the right form.
func TestImageIDsInOtherForms(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	for _, id := range []string{"012834", "+12834"} {
		s := grid.Session(t)
		s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"image": id})).
			Diagnostics.WantError(t, "image", `is written "12834"`)
	}
}

// TestBareRAM checks that a plan rejects a bare number for ram that is the id
// of a size other than that number of gigabytes.
func TestBareRAM(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	object := providertest.Create(t, grid.Session(t), "gogrid_server", providertest.Web1())
	for ram, pattern := range map[string]string{
		"1": `id of the RAM size 512MB, but it can also mean 1GB. Write "512MB" or "1GB"`,
		"2": `id of the RAM size 1GB, but it can also mean 2GB. Write "1GB" or "2GB"`,
		"3": `id of the RAM size 2GB, but it can also mean 3GB. Write "2GB"; GoGrid has no 3GB`,
		"8": `id of the RAM size 16GB, but it can also mean 8GB`,
	} {
		s := grid.Session(t)
		config := providertest.Web1().With(acctest.Attributes{"name": "web2", "ram": ram})
		s.Plan(s.Absent("gogrid_server"), config).Diagnostics.WantError(t, "ram", pattern)
		s.Plan(object, providertest.Web1().With(acctest.Attributes{"ram": ram})).Diagnostics.WantError(t, "ram", pattern)
	}
	s := grid.Session(t)
	config := providertest.Web1().With(acctest.Attributes{"name": "web2", "ram": "4"})
	s.Plan(s.Absent("gogrid_server"), config).Diagnostics.WantNone(t) // 4 is the id of 4GB
	for ram, name := range map[string]string{"512": "512MB", "16": "16GB", "1 gb": "1GB", "2G": "2GB"} {
		config := providertest.Web1().With(acctest.Attributes{"name": "web " + ram, "ram": ram})
		s.Plan(s.Absent("gogrid_server"), config).Diagnostics.WantError(t, "ram", "GoGrid has no RAM size", `Did you mean "`+name+`"`)
	}
}

// TestReadyBlockWithoutChecks checks that a ready block must name a check.
func TestReadyBlockWithoutChecks(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	for _, ready := range []acctest.Attributes{{}, {"timeout": "1m"}} {
		for typeName, config := range map[string]acctest.Attributes{
			"gogrid_server": providertest.Web1(), "gogrid_sandbox": {"name": "golden", "image": "centos6.2_64_base"},
		} {
			s := grid.Session(t)
			s.Plan(s.Absent(typeName), config.With(acctest.Attributes{"ready": ready})).
				Diagnostics.WantError(t, "ready", "names no check", "Set tcp_port, http or both")
		}
	}
	s := grid.Session(t)
	both := acctest.Attributes{"ready": acctest.Attributes{"tcp_port": acctest.Unknown{}, "http": nil}}
	s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(both)).Diagnostics.WantNone(t)
}
