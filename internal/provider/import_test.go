// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// populatedConfigs returns configurations of the objects on
// providertest.PopulatedGrid, by resource type. The ids are the objects' ids.
func populatedConfigs(ids map[string]string) map[string]acctest.Attributes {
	return map[string]acctest.Attributes{
		"gogrid_sandbox":     {"name": "golden", "image": "centos6.2_64_base"},
		"gogrid_mygsi_image": {"friendly_name": "golden 1", "description": "ours", "sandbox_id": ids["gogrid_sandbox"]},
		"gogrid_server":      {"name": "web1", "image": "centos6.2_64_base", "ram": "1GB", "description": "the shop", "private_ip": "10.110.0.3"},
		"gogrid_private_ip":  {"address": "10.110.0.3"},
	}
}

// TestImport checks that an imported object matches its configuration, in every
// form that the configuration may use: ids, names, and names with different
// capitalization.
func TestImport(t *testing.T) {
	t.Parallel()
	grid, ids := providertest.PopulatedGrid(t)
	forms := map[string][]acctest.Attributes{
		"gogrid_sandbox": {nil, {"image": "12834"}, {"image": "CentOS6.2_64_Base"}, {"datacenter": "1"}, {"datacenter": "us-west-1"}, {"public_ip": "127.20.0.2"}},
		"gogrid_server": {
			nil,
			{"image": "12834"},
			{"ram": "1Gb"},
			{"ram": "1gb"},
			{"datacenter": "1"},
			{"type": "1"},
			{"type": "web server"},
			{"public_ip": "127.20.0.3"},
			{"power_state": "on"},
			{"private_ip": nil},
		},
		"gogrid_private_ip": {nil, {"address": nil}, {"datacenter": "1"}, {"datacenter": "US-WEST-1"}},
	}
	for typeName, changes := range forms {
		for _, change := range changes {
			t.Run(fmt.Sprint(typeName, change), func(t *testing.T) {
				t.Parallel()
				s := grid.Session(t)
				imported, diagnostics := s.Import(typeName, ids[typeName])
				diagnostics.WantNone(t)
				plan := s.Plan(imported, populatedConfigs(ids)[typeName].With(change))
				plan.Diagnostics.WantNone(t)
				if plan.Action() != "no-op" {
					t.Errorf("the plan is %s, want no-op", plan.Action())
				}
			})
		}
	}
}

// TestImportOfConfigOnly imports objects with attributes that GoGrid does not
// store. The attributes are null in the state, and setting them is an update
// that does not change the grid.
func TestImportOfConfigOnly(t *testing.T) {
	t.Parallel()
	grid, ids := providertest.PopulatedGrid(t)
	timeouts := acctest.Attributes{"timeouts": acctest.Attributes{"create": "1h"}}
	for typeName, changes := range map[string][]acctest.Attributes{
		"gogrid_sandbox":     {timeouts, {"ready": acctest.Attributes{"tcp_port": 1}}},
		"gogrid_server":      {timeouts, {"ready": acctest.Attributes{"tcp_port": 1}}, {"restart_triggers": acctest.Attributes{"release": "1"}}},
		"gogrid_mygsi_image": {nil, timeouts, {"rebuild_triggers": acctest.Attributes{"app": "1"}}},
		"gogrid_private_ip":  {{"label": "database"}, {"range": "10.110.0.0/29"}},
	} {
		for _, change := range changes {
			t.Run(fmt.Sprint(typeName, change), func(t *testing.T) {
				t.Parallel()
				s := grid.Session(t)
				imported, diagnostics := s.Import(typeName, ids[typeName])
				diagnostics.WantNone(t)
				config := populatedConfigs(ids)[typeName].With(change)
				plan := s.Plan(imported, config)
				plan.Diagnostics.WantNone(t)
				if plan.Action() != "update" {
					t.Errorf("the plan is %s, want an update", plan.Action())
				}
				before := grid.Changes()
				updated, diagnostics := s.Apply(t.Context(), plan)
				diagnostics.WantNone(t)
				if grid.Changes() > before {
					t.Errorf("the update changed the grid: %v", grid.Counters())
				}
				if next := s.Plan(updated, config); next.Action() != "no-op" {
					t.Errorf("the next plan is %s, want no-op", next.Action())
				}
			})
		}
	}
}

// TestImportErrors checks that the error of a failed import names the reason.
func TestImportErrors(t *testing.T) {
	t.Parallel()
	grid, ids := providertest.PopulatedGrid(t)
	for name, tc := range map[string]struct {
		typeName, id string
		patterns     []string
	}{
		"a name for an id":     {"gogrid_server", "web1", []string{`"web1" is not an id`, "such as 700123"}},
		"a server's address":   {"gogrid_server", "127.20.0.3", []string{"is not an id"}},
		"no such server":       {"gogrid_server", "799999", []string{"Nothing to import", "799999"}},
		"a sandbox as server":  {"gogrid_server", ids["gogrid_sandbox"], []string{"Not a server", "gogrid_sandbox"}},
		"a server as sandbox":  {"gogrid_sandbox", ids["gogrid_server"], []string{"Not a sandbox", "gogrid_server"}},
		"a base image":         {"gogrid_mygsi_image", "12834", []string{"no MyGSI image", "data.gogrid_image"}},
		"no such address":      {"gogrid_private_ip", "192.0.2.1", nil},
		"a public address":     {"gogrid_private_ip", "127.20.0.3", []string{"public address", "public_ip"}},
		"a word as an address": {"gogrid_private_ip", "database", []string{"is not an id"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			object, diagnostics := grid.Session(t).Import(tc.typeName, tc.id)
			if tc.patterns == nil { // Terraform itself reports that there is nothing to import
				if object.Exists() {
					t.Error("the import put an object into the state")
				}
				return
			}
			diagnostics.WantError(t, "-", tc.patterns...)
		})
	}
}
