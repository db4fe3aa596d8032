// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// TestServerPlanErrors checks that the plan reports each mistake on its attribute
// and changes nothing on the grid.
func TestServerPlanErrors(t *testing.T) {
	t.Parallel()
	grid := providertest.CrowdedGrid(t)
	for name, tc := range map[string]struct {
		change    acctest.Attributes
		attribute string
		patterns  []string
	}{
		"unknown image":                {acctest.Attributes{"image": "centos6.3_64_base"}, "image", []string{`no image "centos6.3_64_base"`, "Did you mean .*centos6.2_64_base"}},
		"unknown image id":             {acctest.Attributes{"image": "99999"}, "image", []string{`no image "99999"`, "gogrid_images"}},
		"no image":                     {acctest.Attributes{"image": ""}, "image", []string{"must not be empty"}},
		"too much for 32 bits":         {acctest.Attributes{"image": "centos6.2_32_base", "ram": "4GB"}, "ram", []string{"4GB of RAM is too much", "at most 2GB", "64-bit image"}},
		"below the image's minimum":    {acctest.Attributes{"image": "win2k8r2_64_base", "ram": "1GB"}, "ram", []string{"1GB of RAM is too little", "at least 2GB"}},
		"unknown RAM":                  {acctest.Attributes{"ram": "3GB"}, "ram", []string{`no RAM size "3GB"`, "Allowed values: 512MB, 1GB, 2GB, 4GB, 8GB, 16GB, 24GB"}},
		"unknown type":                 {acctest.Attributes{"type": "Mail Server"}, "type", []string{"Allowed values: Web Server, Database Server"}},
		"21 characters":                {acctest.Attributes{"name": strings.Repeat("x", 21)}, "name", []string{"21 characters", "at most 20"}},
		"no name":                      {acctest.Attributes{"name": ""}, "name", []string{"must not be empty"}},
		"unknown address":              {acctest.Attributes{"public_ip": "192.0.2.1"}, "public_ip", []string{"192.0.2.1 does not belong to the account", "gogrid_ips"}},
		"the gateway":                  {acctest.Attributes{"public_ip": "127.20.0.1"}, "public_ip", []string{"127.20.0.1 cannot be used", "is the gateway of the block 127.20.0.0/", "Choose another"}},
		"the network address":          {acctest.Attributes{"public_ip": "127.20.0.0"}, "public_ip", []string{"is the network address of the block"}},
		"the broadcast address":        {acctest.Attributes{"public_ip": "127.20.0.15"}, "public_ip", []string{"is the broadcast address of the block"}},
		"private broadcast address":    {acctest.Attributes{"private_ip": "10.110.0.15"}, "private_ip", []string{"is the broadcast address of the block"}},
		"private gateway":              {acctest.Attributes{"private_ip": "10.110.0.1"}, "private_ip", []string{"is the gateway of the block"}},
		"private address as public_ip": {acctest.Attributes{"public_ip": "10.110.0.5"}, "public_ip", []string{"10.110.0.5 is a private address", "public address is required"}},
		"public address as private_ip": {acctest.Attributes{"private_ip": "127.20.0.5"}, "private_ip", []string{"127.20.0.5 is a public address"}},
		"address of another datacenter": {
			acctest.Attributes{"public_ip": "127.21.0.5", "datacenter": "US-West-1"},
			"public_ip",
			[]string{"127.21.0.5 is in US-East-1, not in datacenter US-West-1"},
		},
		"private address of another datacenter": {
			acctest.Attributes{"private_ip": "10.111.0.5", "datacenter": "US-West-1"},
			"private_ip",
			[]string{"10.111.0.5 is in US-East-1"},
		},
		"addresses of two datacenters": {
			acctest.Attributes{"public_ip": "127.20.0.5", "private_ip": "10.111.0.5"},
			"private_ip",
			[]string{"10.111.0.5 is in US-East-1"},
		},
		"no address":           {acctest.Attributes{"public_ip": "web.example"}, "public_ip", []string{"not an IPv4 address"}},
		"IPv6":                 {acctest.Attributes{"private_ip": "::1"}, "private_ip", []string{"not an IPv4 address"}},
		"unknown datacenter":   {acctest.Attributes{"datacenter": "Mars-1"}, "datacenter", []string{`no datacenter "Mars-1"`, "Allowed values: US-West-1, US-East-1, EU-West-1"}},
		"long description":     {acctest.Attributes{"description": strings.Repeat("x", 501)}, "description", []string{"at most 500"}},
		"power":                {acctest.Attributes{"power_state": "standby"}, "power_state", []string{`"on", "off"`}},
		"ready port":           {acctest.Attributes{"ready": acctest.Attributes{"tcp_port": 0}}, "ready.tcp_port", []string{"between 1 and 65535"}},
		"ready URL":            {acctest.Attributes{"ready": acctest.Attributes{"http": "{public_ip}:8080"}}, "ready.http", []string{"http or https URL"}},
		"ready URL of a file":  {acctest.Attributes{"ready": acctest.Attributes{"http": "file:///etc/passwd"}}, "ready.http", []string{"http or https URL"}},
		"ready URL, unknown":   {acctest.Attributes{"ready": acctest.Attributes{"http": "http://{name}/"}}, "ready.http", []string{`\{public_ip\}`}},
		"ready timeout":        {acctest.Attributes{"ready": acctest.Attributes{"timeout": "5 minutes"}}, "ready.timeout", []string{"not a duration", "1h30m"}},
		"ready timeout of 0":   {acctest.Attributes{"ready": acctest.Attributes{"timeout": "0s"}}, "ready.timeout", []string{"greater than zero"}},
		"timeouts, in letters": {acctest.Attributes{"timeouts": acctest.Attributes{"create": "long"}}, "timeouts.create", []string{"(?i)duration"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t)
			s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(tc.change)).Diagnostics.WantError(t, tc.attribute, tc.patterns...)
			if changes := grid.Changes(); changes > 1 { // CrowdedGrid itself makes one change
				t.Errorf("a plan changed the grid: %v", grid.Counters())
			}
		})
	}
}

// TestServerChangeErrors checks that the plan of an update in place reports each
// mistake on its attribute.
func TestServerChangeErrors(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config := providertest.Web1().With(acctest.Attributes{"image": "win2k8_32_base", "ram": "2GB"})
	server := providertest.Create(t, grid.Session(t), "gogrid_server", config)
	for name, tc := range map[string]struct {
		change    acctest.Attributes
		attribute string
		patterns  []string
	}{
		"too much for 32 bits":      {acctest.Attributes{"ram": "8GB"}, "ram", []string{"8GB of RAM is too much", "win2k8_32_base"}},
		"below the image's minimum": {acctest.Attributes{"ram": "512MB"}, "ram", []string{"at least 2GB"}},
		"unknown RAM":               {acctest.Attributes{"ram": "many"}, "ram", []string{"Allowed values"}},
		"unknown type":              {acctest.Attributes{"type": "Mail Server"}, "type", []string{"Allowed values"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t)
			s.Plan(server, config.With(tc.change)).Diagnostics.WantError(t, tc.attribute, tc.patterns...)
		})
	}
}

func TestDescriptionWithMark(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	const tagLength = len(" [deployment/shop]")
	longest := providertest.Web1().With(acctest.Attributes{"description": strings.Repeat("é", 500-tagLength)})
	object := providertest.Create(t, grid.Session(t, providertest.Deployment()), "gogrid_server", longest)
	tooLong := longest.With(acctest.Attributes{"description": strings.Repeat("é", 501-tagLength)})
	s := grid.Session(t, providertest.Deployment())
	s.Plan(s.Absent("gogrid_server"), tooLong.With(acctest.Attributes{"name": "web2"})).Diagnostics.
		WantError(t, "description", "at most 500 characters; this one has 501, of which 18 are the tag of deployment \"shop\"")
	s.Plan(object, tooLong).Diagnostics.WantError(t, "description", "Description is too long")
	grid.Session(t).Plan(s.Absent("gogrid_server"), tooLong.With(acctest.Attributes{"name": "web2"})).Diagnostics.WantNone(t)
}

func TestImagePlanErrors(t *testing.T) {
	t.Parallel()
	grid := providertest.CrowdedGrid(t)
	config := acctest.Attributes{"friendly_name": "golden", "sandbox_id": "700999"}
	for name, tc := range map[string]struct {
		change    acctest.Attributes
		attribute string
		patterns  []string
	}{
		"no such sandbox":  {nil, "sandbox_id", []string{"no sandbox with the id 700999"}},
		"a name for an id": {acctest.Attributes{"sandbox_id": "golden"}, "sandbox_id", []string{`"golden" is not an id`}},
		"no name":          {acctest.Attributes{"friendly_name": ""}, "friendly_name", []string{"must not be empty"}},
		"long description": {acctest.Attributes{"description": strings.Repeat("x", 501)}, "description", []string{"at most 500"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t)
			s.Plan(s.Absent("gogrid_mygsi_image"), config.With(tc.change)).Diagnostics.WantError(t, tc.attribute, tc.patterns...)
		})
	}
	t.Run("a server", func(t *testing.T) {
		t.Parallel()
		s := grid.Session(t)
		plan := s.Plan(s.Absent("gogrid_mygsi_image"), config.With(acctest.Attributes{"sandbox_id": grid.ServerID(t, "theirs")}))
		plan.Diagnostics.WantWarning(t, "sandbox_id", `Server "theirs" .*[0-9] is no sandbox`, "2011")
		_, diagnostics := s.Apply(t.Context(), plan)
		diagnostics.WantError(t, "sandbox_id", "Could not save", "not an image sandbox")
	})
}

// TestImageThatCannotBeUsed plans servers of an image that is still being saved,
// and of an image in the trash.
func TestImageThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	grid := pausedGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "12834", "isSandbox", "true", "ip", "127.20.0.2")
	grid.Outside(t, "grid.image.save", "server", grid.ServerID(t, "golden"), "friendlyName", "golden 1")
	image := fmt.Sprint(grid.Images()[0].ID)
	plan := func() acctest.Diagnostics {
		s := grid.Session(t)
		return s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"image": image})).Diagnostics
	}
	plan().WantError(t, "image", "cannot be used", "state is Saving", "Available")
	grid.Advance(time.Hour)
	plan().WantNone(t)
	grid.OutsideDone(t, "grid.image.delete", "id", image)
	plan().WantError(t, "image", "state is Trash")
	s := grid.Session(t)
	s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"image": "golden 1"})).Diagnostics.
		WantError(t, "image", "no image \"golden 1\"", "Did you mean "+image)
}

// TestImageElsewhere checks that a server cannot use an image that was saved in
// another datacenter.
func TestImageElsewhere(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "12834", "isSandbox", "true", "ip", "127.21.0.2")
	grid.OutsideDone(t, "grid.image.save", "server", grid.ServerID(t, "golden"), "friendlyName", "golden 1")
	image := fmt.Sprint(grid.Images()[0].ID)
	s := grid.Session(t)
	for _, location := range []acctest.Attributes{{"datacenter": "US-West-1"}, {"public_ip": "127.20.0.5"}} {
		s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(location).With(acctest.Attributes{"image": image, "name": fmt.Sprint("w", len(location), location["public_ip"])})).
			Diagnostics.WantError(t, "image", "not available in US-West-1", "available in US-East-1")
	}
	grid.Session(t, acctest.Attributes{"datacenter": "EU-West-1"}).
		Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"image": image})).
		Diagnostics.WantError(t, "image", "not available in EU-West-1")
	if object := providertest.Create(t, grid.Session(t), "gogrid_server", providertest.Web1().With(acctest.Attributes{"image": image})); object.Get("datacenter") != "US-East-1" {
		t.Errorf("the server is in %v, want US-East-1 of the image", object.Get("datacenter"))
	}
}

func TestPrivateIPPlanErrors(t *testing.T) {
	t.Parallel()
	grid := providertest.CrowdedGrid(t)
	for name, tc := range map[string]struct {
		config    acctest.Attributes
		attribute string
		patterns  []string
	}{
		"not of the account":       {acctest.Attributes{"address": "192.168.0.1"}, "address", []string{"does not belong to the account"}},
		"public":                   {acctest.Attributes{"address": "127.20.0.5"}, "address", []string{"is a public address"}},
		"elsewhere":                {acctest.Attributes{"address": "10.110.0.5", "datacenter": "2"}, "address", []string{"is in US-West-1"}},
		"outside its range":        {acctest.Attributes{"address": "10.110.0.5", "range": "10.110.0.8/29"}, "address", []string{"not in range 10.110.0.8/29"}},
		"no CIDR":                  {acctest.Attributes{"range": "10.110.0.8-10.110.0.15"}, "range", []string{"CIDR notation"}},
		"not masked":               {acctest.Attributes{"range": "10.110.0.9/29"}, "range", []string{"the range that contains it is 10.110.0.8/29"}},
		"IPv6 range":               {acctest.Attributes{"range": "fd00::/64"}, "range", []string{"IPv4 range"}},
		"range outside the blocks": {acctest.Attributes{"range": "192.168.0.0/24"}, "range", []string{"No private address for servers in 192.168.0.0/24", `192.168.0.0/24 lies outside the account's private addresses, 10.110.0.0/28`, `10.110.0.0/28 \(US-West-1\)`, "--private-block-size"}},
		"unknown datacenter":       {acctest.Attributes{"datacenter": "Mars-1"}, "datacenter", []string{"Allowed values"}},
		"text instead of an octet": {acctest.Attributes{"address": "10.110.0.x"}, "address", []string{"not an IPv4 address"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t)
			s.Plan(s.Absent("gogrid_private_ip"), tc.config).Diagnostics.WantError(t, tc.attribute, tc.patterns...)
		})
	}
}

// The plan rejects a reserved address of a block, and reports the error on the
// attribute that sets the address.
func TestReservedAddressIsRefused(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	for address, role := range map[string]string{"10.110.0.0": "network address", "10.110.0.1": "gateway", "10.110.0.15": "broadcast address"} {
		s := grid.Session(t)
		s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"address": address}).Diagnostics.WantError(t, "address", address+" cannot be used", "is the "+role)
		public := strings.Replace(address, "10.110", "127.20", 1)
		s.Plan(s.Absent("gogrid_sandbox"), acctest.Attributes{"name": "box", "image": "12834", "public_ip": public}).
			Diagnostics.WantError(t, "public_ip", public+" cannot be used", "is the "+role)
	}
	s := grid.Session(t)
	s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"range": "10.110.0.0/31", "datacenter": "US-West-1"}).
		Diagnostics.WantError(t, "range", "No private address for servers in 10.110.0.0/31", "10.110.0.0/28 .US-West-1.", "no server can have")
}

// TestNotEnoughAddresses plans 30 servers on a block of 16 addresses. The plan
// reports a single error.
func TestNotEnoughAddresses(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PublicBlockSize = 16 })
	s := grid.Session(t)
	var all acctest.Diagnostics
	for i := range 30 {
		config := providertest.Web1().With(acctest.Attributes{"name": fmt.Sprintf("web%d", i)})
		all = append(all, s.Plan(s.Absent("gogrid_server"), config).Diagnostics...)
	}
	all.WantError(t, "public_ip", "Not enough free public addresses", "at least 14 objects .* in US-West-1; 13 are free")
	if changes := grid.Changes(); changes > 0 {
		t.Errorf("a plan changed the grid: %v", grid.Counters())
	}
}

// TestNotEnoughAddressesAfterTheStart plans a server in a process that has
// already created other servers and used up the block. The plan passes, and the
// apply fails.
func TestNotEnoughAddressesAfterTheStart(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PublicBlockSize = 8 })
	s := grid.Session(t)
	for i := range 5 {
		providertest.Create(t, s, "gogrid_server", providertest.Web1().With(acctest.Attributes{"name": fmt.Sprintf("web%d", i)}))
	}
	plan := s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"name": "web5"}))
	plan.Diagnostics.WantNone(t)
	_, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantError(t, "public_ip", "No free public address", "All 5 public addresses in US-West-1 are in use")
}

// TestReplacementsNeedNoMoreAddresses checks that servers in a full block can be
// replaced.
func TestReplacementsNeedNoMoreAddresses(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PublicBlockSize = 8 })
	s := grid.Session(t)
	var servers []acctest.Object
	for i := range 5 {
		servers = append(servers, providertest.Create(t, s, "gogrid_server", providertest.Web1().With(acctest.Attributes{"name": fmt.Sprintf("web%d", i)})))
	}
	for name, image := range map[string]string{"changed": "debian_6.0_64_base", "by -replace": "centos6.2_64_base"} {
		s := grid.Session(t)
		for i, server := range servers {
			server, diagnostics := s.Read(server)
			diagnostics.WantNone(t)
			plan := s.Plan(server, providertest.Web1().With(acctest.Attributes{"name": fmt.Sprintf("web%d", i), "image": image}))
			plan.Diagnostics.WantNone(t)
			if diagnostics := s.Replacement(plan).Diagnostics; len(diagnostics) > 0 {
				t.Errorf("%s: %s", name, diagnostics)
			}
		}
	}
}

func TestDuplicateNames(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t)
	s.Plan(s.Absent("gogrid_server"), providertest.Web1()).Diagnostics.WantNone(t)
	s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"ram": "2GB"})).Diagnostics.
		WantError(t, "name", `Two servers have the name "web1"`, "count or for_each")
	s.Plan(s.Absent("gogrid_sandbox"), acctest.Attributes{"name": "web1", "image": "12834"}).Diagnostics.WantNone(t)
}

// TestDuplicateAddresses checks that the plan rejects an address that two
// objects have in their configuration.
func TestDuplicateAddresses(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t)
	fixed := acctest.Attributes{"public_ip": "127.20.0.9", "private_ip": "10.110.0.9"}
	s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(fixed)).Diagnostics.WantNone(t)
	for attribute, address := range fixed {
		s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"name": attribute, attribute: address})).Diagnostics.
			WantError(t, attribute, fmt.Sprint(address, " is asked for twice"))
	}
	s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"address": "10.110.0.9"}).Diagnostics.WantNone(t)
	s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"address": "10.110.0.9"}).Diagnostics.WantError(t, "address", "10.110.0.9 is asked for twice")
}

// TestKeptPrivateAddressesAreNotFree checks that the plan does not count the
// addresses of existing servers as free.
func TestKeptPrivateAddressesAreNotFree(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]acctest.Attributes{"unchanged": nil, "changed in place": {"ram": "2GB"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			config := providertest.Web1().With(acctest.Attributes{"private_ip": "10.110.0.8"})
			server := providertest.Create(t, grid.Session(t), "gogrid_server", config)
			s := grid.Session(t)
			server, diagnostics := s.Read(server)
			diagnostics.WantNone(t)
			s.Plan(server, config.With(change)).Diagnostics.WantNone(t)
			for i := range 4 {
				diagnostics := s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{"range": "10.110.0.8/30", "label": fmt.Sprint(i)}).Diagnostics
				if i < 3 {
					diagnostics.WantNone(t)
				} else {
					diagnostics.WantError(t, "range", "Not enough free private addresses", "3 are free")
				}
			}
		})
	}
}

// TestHeldByAServer plans an object whose address or name belongs to an existing
// server. A plan cannot know whether the same apply destroys that server, so the
// plan only warns. The create then fails and creates no server.
func TestHeldByAServer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		typeName  string
		config    acctest.Attributes
		attribute string
		patterns  []string
	}{
		"public address":  {"gogrid_server", providertest.Web1().With(acctest.Attributes{"public_ip": "127.20.0.4"}), "public_ip", []string{"127.20.0.4 is taken", `server "theirs" \(id \d+\)`}},
		"private address": {"gogrid_server", providertest.Web1().With(acctest.Attributes{"private_ip": "10.110.0.4"}), "private_ip", []string{"10.110.0.4 is taken", `server "theirs"`}},
		"claim":           {"gogrid_private_ip", acctest.Attributes{"address": "10.110.0.4"}, "address", []string{"10.110.0.4 is taken", `server "theirs"`}},
		"range":           {"gogrid_private_ip", acctest.Attributes{"range": "10.110.0.4/32"}, "range", []string{"free private addresses", "0 are free now"}},
		"name":            {"gogrid_server", providertest.Web1().With(acctest.Attributes{"name": "other"}), "name", []string{`already has server "other"`, `terraform import gogrid_server.NAME \d+`, "deployment"}},
	} {
		for _, refreshed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/refreshed %t", name, refreshed), func(t *testing.T) {
				t.Parallel()
				grid := providertest.CrowdedGrid(t)
				mine := providertest.Create(t, grid.Session(t), "gogrid_server", providertest.Web1().With(acctest.Attributes{"name": "mine"}))
				providertest.Create(t, grid.Session(t), "gogrid_server", providertest.Web1().With(acctest.Attributes{"name": "other"}))
				s := grid.Session(t)
				if refreshed {
					_, diagnostics := s.Read(mine)
					diagnostics.WantNone(t)
				}
				plan := s.Plan(s.Absent(tc.typeName), tc.config)
				plan.Diagnostics.WantOK(t)
				plan.Diagnostics.WantWarning(t, tc.attribute, tc.patterns...)
				before := len(grid.Inspect().Servers)
				_, diagnostics := grid.Session(t).Apply(t.Context(), plan)
				if made := len(grid.Inspect().Servers) - before; len(diagnostics.Errors()) != 1 || made > 0 {
					t.Errorf("the create made %d servers, want none and one error:\n%s", made, diagnostics)
				}
			})
		}
	}
}

// TestUnknownValuesArePlannedLater checks that the plan accepts unknown values.
func TestUnknownValuesArePlannedLater(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t)
	for _, name := range []string{"name", "image", "ram", "type", "public_ip", "private_ip", "datacenter", "description"} {
		config := providertest.Web1().With(acctest.Attributes{"name": "w-" + name})
		s.Plan(s.Absent("gogrid_server"), config.With(acctest.Attributes{name: acctest.Unknown{}})).Diagnostics.WantNone(t)
	}
	for _, name := range []string{"address", "range", "datacenter", "label"} {
		s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{name: acctest.Unknown{}}).Diagnostics.WantNone(t)
	}
	s.Plan(s.Absent("gogrid_mygsi_image"), acctest.Attributes{"friendly_name": acctest.Unknown{}, "sandbox_id": acctest.Unknown{}}).Diagnostics.WantNone(t)
}
