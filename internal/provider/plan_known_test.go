// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"slices"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestPlanIsKnown checks which attributes a plan shows as "known after apply". Only
// values that GoGrid chooses may be unknown. The apply must return the planned value
// of every other attribute.
func TestPlanIsKnown(t *testing.T) {
	t.Parallel()
	provider := acctest.Attributes{"datacenter": "us-west-1", "deployment": "shop"}
	for name, test := range map[string]struct {
		resource string
		config   func(t *testing.T, grid *acctest.Grid) acctest.Attributes
		provider acctest.Attributes
		unknown  []string
		known    acctest.Attributes
	}{
		"server": {
			"gogrid_server", func(*testing.T, *acctest.Grid) acctest.Attributes { return providertest.Web1() }, provider,
			// The API does not list cores, disk sizes or default types.
			[]string{"cores", "disk_size_mb", "id", "private_ip", "public_ip", "state", "subnet", "type"},
			acctest.Attributes{"datacenter": "US-West-1", "deployment": "shop", "os": "CentOS 6.2 (64-bit)"},
		},
		"server at an address": {
			"gogrid_server", func(t *testing.T, grid *acctest.Grid) acctest.Attributes {
				return providertest.Web1().With(acctest.Attributes{"public_ip": grid.Address(t, true, "US-West-1", 3), "private_ip": grid.Address(t, false, "US-West-1", 3)})
			}, nil,
			[]string{"cores", "deployment", "disk_size_mb", "id", "state", "type"},
			acctest.Attributes{"datacenter": "US-West-1"},
		},
		"sandbox": {
			"gogrid_sandbox", func(*testing.T, *acctest.Grid) acctest.Attributes {
				return acctest.Attributes{"name": "box", "image": "centos6.2_64_base"}
			}, provider,
			[]string{"id", "public_ip", "ram", "state"},
			acctest.Attributes{"datacenter": "US-West-1", "deployment": "shop", "os": "CentOS 6.2 (64-bit)"},
		},
		"private address": {
			"gogrid_private_ip", func(t *testing.T, grid *acctest.Grid) acctest.Attributes {
				return acctest.Attributes{"address": grid.Address(t, false, "US-West-1", 3)}
			}, nil,
			[]string{"assigned"},
			acctest.Attributes{"datacenter": "US-West-1"},
		},
		"image": {
			"gogrid_mygsi_image", func(*testing.T, *acctest.Grid) acctest.Attributes { return providertest.BuiltImage() }, provider,
			[]string{"created_at", "datacenters", "id", "location", "min_ram", "name", "state"},
			acctest.Attributes{"deployment": "shop", "os": "CentOS 6.2 (64-bit)", "architecture": "64-bit"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			m := grid.Manage(t, test.resource, test.provider)
			config := test.config(t, grid)
			plan := m.Plan(config)
			plan.Diagnostics.WantNone(t)
			if got := plan.Unknown(); !slices.Equal(got, test.unknown) {
				t.Errorf("the unknown attributes are %q, want %q", got, test.unknown)
			}
			for attribute, want := range test.known {
				if got := plan.Planned(attribute); got != want {
					t.Errorf("the planned value of %s is %v, want %v", attribute, got, want)
				}
			}
			m.Apply(config).WantNone(t)
			providertest.WantNoChange(t, m, config)
		})
	}
}

// TestChangedPlanIsKnown checks that an update in place shows only the attributes that
// it affects as unknown. For example, the private address of a server without one must
// stay null.
func TestChangedPlanIsKnown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		private bool
		changes acctest.Attributes
		unknown []string
	}{
		"RAM":                           {false, acctest.Attributes{"ram": "2GB"}, []string{"cores", "state"}},
		"RAM, with a private address":   {true, acctest.Attributes{"ram": "2GB"}, []string{"cores", "state"}},
		"description":                   {false, acctest.Attributes{"description": "new"}, []string{"state"}},
		"power":                         {false, acctest.Attributes{"power_state": "off"}, []string{"state"}},
		"type":                          {false, acctest.Attributes{"type": "Database Server"}, []string{"state"}},
		"restart":                       {false, providertest.ReleaseTriggers("2"), []string{"restarted_at", "state"}},
		"time limit, only in the state": {false, acctest.Attributes{"timeouts": acctest.Attributes{"create": "2h"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			m := grid.Manage(t, "gogrid_server")
			config := providertest.Web1().With(providertest.ReleaseTriggers("1"))
			if test.private {
				config["private_ip"] = grid.Address(t, false, "US-West-1", 3)
			}
			m.Apply(config).WantNone(t)
			config = config.With(test.changes)
			if got := m.Plan(config).Unknown(); !slices.Equal(got, test.unknown) {
				t.Errorf("the unknown attributes are %q, want %q", got, test.unknown)
			}
			m.Apply(config).WantNone(t)
			providertest.WantNoChange(t, m, config)
		})
	}
}
