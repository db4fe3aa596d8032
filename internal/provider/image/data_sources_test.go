// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

func TestImagesFilter(t *testing.T) {
	t.Parallel()
	grid, ids := providertest.PopulatedGrid(t)
	mine := ids["gogrid_mygsi_image"]
	for name, tc := range map[string]struct {
		filter acctest.Attributes
		ids    []any
	}{
		"name in any case":     {acctest.Attributes{"name": "CENTOS6.2_64_base"}, []any{"12834"}},
		"friendly name":        {acctest.Attributes{"friendly_name": "GOLDEN 1"}, []any{mine}},
		"operating system":     {acctest.Attributes{"os": "CentOS 6.2 (32-bit)"}, []any{"12833"}},
		"operating system, id": {acctest.Attributes{"os": "83"}, []any{"12833"}},
		"own ones":             {acctest.Attributes{"is_public": false}, []any{mine}},
		"newest first":         {acctest.Attributes{"os": "CentOS 6.2 (64-bit)"}, []any{mine, "12834"}},
		"both conditions":      {acctest.Attributes{"os": "CentOS 6.2 (64-bit)", "is_public": true}, []any{"12834"}},
		"where it is":          {acctest.Attributes{"is_public": false, "datacenter": "1"}, []any{mine}},
		"where it is not":      {acctest.Attributes{"is_public": false, "datacenter": "US-East-1"}, []any{}},
		"in a state":           {acctest.Attributes{"state": "Trash"}, []any{}},
		"none":                 {acctest.Attributes{"name": "no such image"}, []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, diagnostics := grid.Session(t).ReadData("gogrid_images", tc.filter)
			diagnostics.WantNone(t)
			if got, _ := result["ids"].([]any); !slices.Equal(got, tc.ids) {
				t.Errorf("got %v, want %v", result["ids"], tc.ids)
			}
			for i, id := range providertest.Strings(result["images"], "id") {
				if id != tc.ids[i] {
					t.Errorf("image %d is %s, want %v", i, id, tc.ids[i])
				}
			}
		})
	}
	all, diagnostics := grid.Session(t).ReadData("gogrid_images", acctest.Attributes{})
	diagnostics.WantNone(t)
	if got := len(all["images"].([]any)); got != catalogue+1 {
		t.Errorf("the grid lists %d images, want %d of the catalogue and one of the account", got, catalogue)
	}
}

// catalogue is the number of images on a new grid.
const catalogue = 173

// Images without a creation time come last. A missing description is null.
func TestImagesWithoutDates(t *testing.T) {
	t.Parallel()
	grid, ids := providertest.PopulatedGrid(t)
	all, diagnostics := grid.Session(t).ReadData("gogrid_images", acctest.Attributes{})
	diagnostics.WantNone(t)
	last, undated, undescribed := "9", 0, 0
	for i, item := range all["images"].([]any) {
		image, _ := item.(acctest.Attributes)
		created, dated := image["created_at"].(string)
		switch {
		case i == 0 && image["id"] != ids["gogrid_mygsi_image"]:
			t.Errorf("the newest image is %v, want the one that was saved last", image["id"])
		case dated && undated > 0:
			t.Errorf("image %v of %s comes after an image without a date", image["id"], created)
		case dated && created > last:
			t.Errorf("image %v of %s comes after one of %s", image["id"], created, last)
		case dated:
			last = created
		default:
			undated++
		}
		if image["description"] == nil {
			undescribed++
		}
	}
	if undated != 24 || undescribed != 76 {
		t.Errorf("%d images have no date and %d no description, want 24 and 76", undated, undescribed)
	}
}

// A prefix finds images that share a friendly name, the newer one first.
func TestImagesWithOneFriendlyName(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, acctest.WholeCatalogue)
	const shared = "vbulletin base on CentOS 5.2 (32-bit)"
	for _, filter := range []acctest.Attributes{{"friendly_name": shared}, {"friendly_name_prefix": shared}, {"friendly_name_prefix": "vBulletin base on CentOS 5.2"}} {
		found, diagnostics := grid.Session(t).ReadData("gogrid_images", filter)
		diagnostics.WantNone(t)
		if got, _ := found["ids"].([]any); !slices.Equal(got, []any{"17243", "14939"}) {
			t.Errorf("%v: got %v, want both images, the newer one first", filter, got)
		}
	}
	_, diagnostics := grid.Session(t).ReadData("gogrid_image", acctest.Attributes{"friendly_name": shared})
	diagnostics.WantError(t, "-", "2 images match", "Set id", `17243 \(GSI-.*by Alder Street Media\), 14939 \(GSI-.*by Dotted Line Labs\)`)
	image, diagnostics := grid.Session(t).ReadData("gogrid_image", acctest.Attributes{"friendly_name": shared, "datacenter": "US-East-1"})
	diagnostics.WantNone(t)
	if image["id"] != "14939" {
		t.Errorf("the image of US-East-1 is %v, want 14939", image["id"])
	}
	s := grid.Session(t)
	s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"image": shared})).
		Diagnostics.WantError(t, "image", "no image", `Did you mean 14939 \(vBulletin.*17243 \(vBulletin`)
}

// If only one datacenter has the image, the server is created there.
func TestImageOfOneDatacenter(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, acctest.WholeCatalogue)
	server := grid.Manage(t, "gogrid_server")
	server.Apply(providertest.Web1().With(acctest.Attributes{"image": "17243"})).WantNone(t)
	if server.Get("datacenter") != "EU-West-1" {
		t.Errorf("the server is in %v, want EU-West-1", server.Get("datacenter"))
	}
	s := grid.Session(t)
	s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"name": "web2", "image": "17243", "datacenter": "US-West-1"})).
		Diagnostics.WantError(t, "image", "is not available in US-West-1", "available in EU-West-1")
}

func TestImageLookup(t *testing.T) {
	t.Parallel()
	grid, ids := providertest.PopulatedGrid(t)
	s := grid.Session(t)
	for _, by := range []acctest.Attributes{{"id": "12834"}, {"name": "centos6.2_64_BASE"}, {"os": "84", "is_public": true}} {
		image, diagnostics := s.ReadData("gogrid_image", by)
		diagnostics.WantNone(t)
		for name, want := range map[string]any{"id": "12834", "min_ram": "512MB", "type": "Web Server", "state": "Available", "price": 0.0, "is_public": true} {
			if image[name] != want {
				t.Errorf("by %v: %s is %v, want %v", by, name, image[name], want)
			}
		}
		for name, want := range by { // a configured value keeps its spelling
			if image[name] != want {
				t.Errorf("%s was configured as %v and became %v", name, want, image[name])
			}
		}
	}
	own, diagnostics := s.ReadData("gogrid_image", acctest.Attributes{"friendly_name": "golden 1"})
	diagnostics.WantNone(t)
	if own["id"] != ids["gogrid_mygsi_image"] || own["description"] != "ours" {
		t.Errorf("got %v, want the image of the account", own)
	}
}

func TestImageLookupErrors(t *testing.T) {
	t.Parallel()
	grid, _ := providertest.PopulatedGrid(t)
	for name, tc := range map[string]struct {
		config    acctest.Attributes
		attribute string
		patterns  []string
	}{
		"no condition": {acctest.Attributes{}, "-", []string{"At least one of these attributes"}},
		"none matches": {acctest.Attributes{"name": "no such image"}, "-", []string{"No image matches", "gogrid_images"}},
		"many match":   {acctest.Attributes{"architecture": "32-bit"}, "-", []string{`\d+ images match`, "more conditions", `\d+ \(GSI-.*, \d+ \(GSI-`, `\.\.\.`}},
		"a name as id": {acctest.Attributes{"id": "centos"}, "id", []string{"is not an id"}},
		"empty name":   {acctest.Attributes{"name": ""}, "name", []string{"must not be empty"}},
		"id and other": {acctest.Attributes{"id": "12834", "is_public": false}, "-", []string{"No image matches"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diagnostics := grid.Session(t).ReadData("gogrid_image", tc.config)
			diagnostics.WantError(t, tc.attribute, tc.patterns...)
		})
	}
}

func TestIPsFilter(t *testing.T) {
	t.Parallel()
	grid, _ := providertest.PopulatedGrid(t)
	const (
		block    = 16 // addresses of a block
		reserved = 3  // the network address, the gateway and the broadcast address of a block
		used     = 3  // addresses in use on a populated grid
	)
	for name, tc := range map[string]struct {
		filter acctest.Attributes
		count  int
		first  string
	}{
		"all":                        {acctest.Attributes{}, 3 * 2 * block, "127.20.0.0"},
		"public":                     {acctest.Attributes{"is_public": true}, 3 * block, "127.20.0.0"},
		"private of one datacenter":  {acctest.Attributes{"is_public": false, "datacenter": "us-east-1"}, block, "10.111.0.0"},
		"in use":                     {acctest.Attributes{"assigned": true}, 3*2*reserved + used, "127.20.0.0"},
		"free public, datacenter id": {acctest.Attributes{"assigned": false, "is_public": true, "datacenter": "1"}, block - reserved - 2, "127.20.0.4"},
		"of no datacenter":           {acctest.Attributes{"datacenter": "Mars-1"}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, diagnostics := grid.Session(t).ReadData("gogrid_ips", tc.filter)
			diagnostics.WantNone(t)
			addresses, _ := result["addresses"].([]any)
			if len(addresses) != tc.count || len(addresses) > 0 && addresses[0] != tc.first {
				t.Errorf("got %v, want %d addresses that begin with %s", addresses, tc.count, tc.first)
			}
			if shown := providertest.Strings(result["ips"], "address"); len(shown) != tc.count {
				t.Errorf("ips has %d addresses, want the same number as addresses", len(shown))
			}
		})
	}
}

func TestAccDataSources(t *testing.T) {
	grid := acctest.NewGrid(t)
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: grid.Providers(),
		CheckDestroy:             providertest.NothingLeft(grid),
		Steps: []resource.TestStep{
			{
				Config: `
					data "gogrid_image" "base" {
						os        = "CentOS 6.2 (64-bit)"
						is_public = true
					}
					data "gogrid_ips" "free" {
						is_public  = true
						assigned   = false
						datacenter = "US-East-1"
					}
					resource "gogrid_server" "web" {
						name      = "web1"
						image     = data.gogrid_image.base.name
						ram       = data.gogrid_image.base.min_ram
						public_ip = data.gogrid_ips.free.addresses[3]
					}`,
				Check: resource.TestCheckResourceAttr("gogrid_server.web", "public_ip", "127.21.0.5"),
				// The address is in use after the apply, so the next plan takes another free address.
				ExpectNonEmptyPlan: true,
			},
			{
				Config:      `data "gogrid_image" "base" { architecture = "64-bit" }`,
				ExpectError: regexp.MustCompile(`\d+ images match`),
			},
		},
	})
}

// TestImagesOfAnUnknownSystem checks that a condition that no image can match
// causes a warning with the possible values. An empty list alone causes no
// warning.
func TestImagesOfAnUnknownSystem(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	for attribute, value := range map[string]string{"os": "CentOS 6.9", "architecture": "64 bit", "datacenter": "Mars-1"} {
		_, diagnostics := grid.Session(t).ReadData("gogrid_images", acctest.Attributes{attribute: value})
		diagnostics.WantWarning(t, attribute, "No image has the "+attribute+` "`+value+`"`, "64-bit|US-West-1")
	}
	_, diagnostics := grid.Session(t).ReadData("gogrid_images", acctest.Attributes{"friendly_name": "not built yet"})
	diagnostics.WantNone(t)
}
