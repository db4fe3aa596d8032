// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// TestFormsThatCannotBeCompared checks that the plan replaces no object when
// the provider cannot look up whether an id and a name refer to the same
// option.
func TestFormsThatCannotBeCompared(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		typeName, method string
		before, after    acctest.Attributes
		at               string
	}{
		"image":      {"gogrid_server", "grid.image.list", providertest.Web1().With(acctest.Attributes{"image": "12834"}), providertest.Web1(), "image"},
		"datacenter": {"gogrid_server", "common.lookup.list", providertest.Web1(), providertest.Web1().With(acctest.Attributes{"datacenter": "1"}), "datacenter"},
		"RAM":        {"gogrid_server", "common.lookup.list", providertest.Web1(), providertest.Web1().With(acctest.Attributes{"ram": "4"}), "ram"},
		"address":    {"gogrid_private_ip", "common.lookup.list", nil, acctest.Attributes{"datacenter": "1"}, "datacenter"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			object := providertest.Create(t, grid.Session(t), tc.typeName, tc.before.With(nil))
			s := grid.Session(t, acctest.Attributes{"max_retries": 0})
			if err := grid.AddFaults(simulator.Fault{Method: tc.method, Kind: simulator.FaultStatus, Times: -1}); err != nil {
				t.Fatal(err)
			}
			plan := s.Plan(object, tc.after)
			plan.Diagnostics.WantError(t, tc.at, "Could not look up")
			if len(plan.RequiresReplace) > 0 {
				t.Errorf("the plan replaces the object because of %v", plan.RequiresReplace)
			}
		})
	}
}

// TestFormsWithUnknownProviderBlock plans while the provider block is unknown,
// so that the provider cannot call the grid. The provider then treats an id and
// a name as equal, but not two different names or two different ids.
func TestFormsWithUnknownProviderBlock(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	server := providertest.Create(t, grid.Session(t), "gogrid_server", providertest.Web1())
	address := providertest.Create(t, grid.Session(t), "gogrid_private_ip", acctest.Attributes{})
	for name, tc := range map[string]struct {
		object acctest.Object
		config acctest.Attributes
		want   string
	}{
		"the id of the image":   {server, providertest.Web1().With(acctest.Attributes{"image": "12834"}), "no-op"},
		"other capitals":        {server, providertest.Web1().With(acctest.Attributes{"image": "CentOS6.2_64_base"}), "no-op"},
		"another id":            {server, providertest.Web1().With(acctest.Attributes{"image": "6679"}), "replace"},
		"another name":          {server, providertest.Web1().With(acctest.Attributes{"image": "debian_6.0_64_base"}), "replace"},
		"id of the datacenter":  {server, providertest.Web1().With(acctest.Attributes{"datacenter": "1"}), "no-op"},
		"another datacenter":    {server, providertest.Web1().With(acctest.Attributes{"datacenter": "US-East-1"}), "replace"},
		"RAM by id":             {server, providertest.Web1().With(acctest.Attributes{"ram": "4"}), "no-op"},
		"another RAM":           {server, providertest.Web1().With(acctest.Attributes{"ram": "2GB"}), "update"},
		"address, datacenter":   {address, acctest.Attributes{"datacenter": "1"}, "no-op"},
		"address, another one":  {address, acctest.Attributes{"datacenter": "US-East-1"}, "replace"},
		"address, other labels": {address, acctest.Attributes{"label": "x"}, "update"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t, acctest.Attributes{"api_key": acctest.Unknown{}})
			plan := s.Plan(tc.object, tc.config)
			plan.Diagnostics.WantOK(t)
			if plan.Action() != tc.want {
				t.Errorf("the plan is %s, want %s (%v)", plan.Action(), tc.want, plan.RequiresReplace)
			}
		})
	}
}

// TestPrivateIPThatIsNotKnownYet plans a server whose address comes from a
// gogrid_private_ip that the same apply creates or replaces. The address will
// change, so the server is replaced.
func TestPrivateIPThatIsNotKnownYet(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	for name, before := range map[string]acctest.Attributes{
		"none before": {"name": "none"},
		"one before":  {"name": "one", "private_ip": "10.110.0.9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := providertest.Web1().With(before)
			server := providertest.Create(t, grid.Session(t), "gogrid_server", config)
			s := grid.Session(t)
			server, diagnostics := s.Read(server)
			diagnostics.WantNone(t)
			plan := s.Plan(server, config.With(acctest.Attributes{"private_ip": acctest.Unknown{}}))
			plan.Diagnostics.WantNone(t)
			if _, unknown := plan.Planned("private_ip").(acctest.Unknown); !unknown || plan.Action() != "replace" {
				t.Errorf("the plan is %s with private_ip %v, want a replacement with an unknown address", plan.Action(), plan.Planned("private_ip"))
			}
		})
	}
}

// TestClaimOutlivesAnotherOnesRelease destroys one claim between two creates. If
// the first create reuses the address of the destroyed claim, the release must
// not make that address available to the second create.
func TestClaimOutlivesAnotherOnesRelease(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	old := providertest.Create(t, grid.Session(t), "gogrid_private_ip", acctest.Attributes{})
	s := grid.Session(t)
	first := providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{})
	providertest.Destroy(t, s, old)
	second := providertest.Create(t, s, "gogrid_private_ip", acctest.Attributes{})
	if first.Get("address") == second.Get("address") {
		t.Errorf("both claims have the address %v", first.Get("address"))
	}
}

// TestImagesOfOneName saves two images of the same name in one apply, each from
// its own sandbox.
func TestImagesOfOneName(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t)
	for _, name := range []string{"golden1", "golden2"} {
		sandbox := providertest.Create(t, s, "gogrid_sandbox", acctest.Attributes{"name": name, "image": "12834"})
		plan := s.Plan(s.Absent("gogrid_mygsi_image"), acctest.Attributes{"friendly_name": "golden", "sandbox_id": sandbox.Get("id")})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		grid.After("grid.image.save", cancel) // the next save begins while this image is being saved
		image, diagnostics := s.Apply(ctx, plan)
		if !image.Exists() {
			t.Errorf("%s was not saved: %s", name, diagnostics)
		}
	}
}
