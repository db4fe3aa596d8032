// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// TestProviderBlockErrors checks that each mistake in the provider block is
// reported on its attribute.
func TestProviderBlockErrors(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	noPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(noPEM, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		config    acctest.Attributes
		attribute string
		patterns  []string
	}{
		"wrong secret":        {acctest.Attributes{"shared_secret": "wrong"}, "shared_secret", []string{"sign in to GoGrid", "GOGRID_SHARED_SECRET", "clock"}},
		"wrong key":           {acctest.Attributes{"api_key": "wrong"}, "shared_secret", []string{"sign in", "GOGRID_API_KEY"}},
		"empty key":           {acctest.Attributes{"api_key": ""}, "api_key", []string{"Empty api_key", "must not be empty"}},
		"empty secret":        {acctest.Attributes{"shared_secret": ""}, "shared_secret", []string{"Empty shared_secret"}},
		"plain http":          {acctest.Attributes{"endpoint": "http://api.gogrid.com/api"}, "endpoint", []string{"plain http", "https"}},
		"no URL":              {acctest.Attributes{"endpoint": "api.gogrid.com"}, "endpoint", []string{"not a URL"}},
		"secret in the URL":   {acctest.Attributes{"endpoint": "https://a:canary@api.gogrid.com/"}, "endpoint", []string{"no user, query or fragment"}},
		"no such CA file":     {acctest.Attributes{"ca_certificate_file": "/nowhere/ca.pem"}, "ca_certificate_file", []string{"certificate authorities", "no such file"}},
		"no CA in the file":   {acctest.Attributes{"ca_certificate_file": noPEM}, "ca_certificate_file", []string{"holds no certificate in PEM form"}},
		"deployment":          {acctest.Attributes{"deployment": "the shop"}, "deployment", []string{"1 to 60 letters"}},
		"request timeout":     {acctest.Attributes{"request_timeout": "soon"}, "request_timeout", []string{"not a duration"}},
		"poll interval":       {acctest.Attributes{"poll_interval": "-1s"}, "poll_interval", []string{"greater than zero"}},
		"requests per second": {acctest.Attributes{"max_requests_per_second": 0}, "max_requests_per_second", []string{"at least 0.01"}},
		"retries":             {acctest.Attributes{"max_retries": 21}, "max_retries", []string{"between 0 and 20"}},
		"datacenter":          {acctest.Attributes{"datacenter": "Mars-1"}, "datacenter", []string{"Allowed values: US-West-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diagnostics := grid.Configure(t, tc.config)
			diagnostics.WantError(t, tc.attribute, tc.patterns...)
		})
	}
}

// TestEmptyVariablesAreUnset checks that an environment variable that is empty or blank
// counts as unset.
func TestEmptyVariablesAreUnset(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	for _, value := range []string{"", " ", "\n"} {
		noKey, noSecret := grid.Key, grid.Key
		noKey.APIKey, noSecret.SharedSecret = value, value
		_, diagnostics := grid.As(noKey).Configure(t)
		diagnostics.WantError(t, "api_key", "Missing api_key", "GOGRID_API_KEY")
		_, diagnostics = grid.As(noSecret).Configure(t)
		diagnostics.WantError(t, "shared_secret", "Missing shared_secret")
		_, diagnostics = grid.WithEnv("GOGRID_CA_CERTIFICATE_FILE", value).WithEnv("GOGRID_SPEED", value).Configure(t)
		diagnostics.WantNone(t)
	}
}

// TestCredentialsWithWhiteSpace checks that white space around the credentials, such as
// the newline that file() keeps, is removed with a warning.
func TestCredentialsWithWhiteSpace(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	for attribute, value := range map[string]string{"api_key": grid.Key.APIKey, "shared_secret": grid.Key.SharedSecret, "endpoint": grid.Endpoint} {
		s, diagnostics := grid.Configure(t, acctest.Attributes{attribute: " " + value + "\r\n"})
		diagnostics.WantWarning(t, attribute, "White space around "+attribute, "trimspace")
		diagnostics.WantOK(t)
		if strings.Contains(diagnostics.String(), grid.Key.SharedSecret) {
			t.Errorf("the warning shows the secret: %s", diagnostics)
		}
		s.Plan(s.Absent("gogrid_server"), providertest.Web1()).Diagnostics.WantOK(t)
	}
	key := grid.Key
	key.SharedSecret += "\n"
	_, diagnostics := grid.As(key).Configure(t)
	diagnostics.WantWarning(t, "shared_secret", "White space around GOGRID_SHARED_SECRET")
}

// TestProviderBlockAllSet sets every attribute of the provider block at once.
func TestProviderBlockAllSet(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	s := grid.Session(t, acctest.Attributes{
		"api_key": grid.Key.APIKey, "shared_secret": grid.Key.SharedSecret, "endpoint": grid.Endpoint + "/", "datacenter": "2",
		"deployment": "shop", "max_requests_per_second": 1000.0, "request_timeout": "10s", "max_retries": 1, "poll_interval": "250ms",
	})
	object := providertest.Create(t, s, "gogrid_server", providertest.Web1())
	if object.Get("public_ip") != "127.21.0.2" {
		t.Errorf("the server has address %v, want 127.21.0.2 in the default datacenter", object.Get("public_ip"))
	}
}

// TestReadOnlyKey checks that the plan rejects each kind of change with a
// read-only key, and that plans without changes pass.
func TestReadOnlyKey(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "12834", "isSandbox", "true", "ip", "127.20.0.9")
	imageConfig := acctest.Attributes{"friendly_name": "golden", "sandbox_id": grid.ServerID(t, "golden")}
	server := providertest.Create(t, grid.Session(t), "gogrid_server", providertest.Web1())
	image := providertest.Create(t, grid.Session(t), "gogrid_mygsi_image", imageConfig)
	for _, role := range []simulator.Key{acctest.ReadOnlyKey()} {
		reader := grid.As(role)
		for name, plan := range map[string]func(s *acctest.Session) *acctest.Plan{
			"create server": func(s *acctest.Session) *acctest.Plan {
				return s.Plan(s.Absent("gogrid_server"), providertest.Web1().With(acctest.Attributes{"name": "web2"}))
			},
			"change server": func(s *acctest.Session) *acctest.Plan {
				return s.Plan(server, providertest.Web1().With(acctest.Attributes{"ram": "2GB"}))
			},
			"replace server": func(s *acctest.Session) *acctest.Plan {
				return s.Plan(server, providertest.Web1().With(acctest.Attributes{"name": "web2"}))
			},
			"delete server": func(s *acctest.Session) *acctest.Plan { return s.Plan(server, nil) },
			"save image": func(s *acctest.Session) *acctest.Plan {
				return s.Plan(s.Absent("gogrid_mygsi_image"), imageConfig.With(acctest.Attributes{"friendly_name": "other"}))
			},
			"change image": func(s *acctest.Session) *acctest.Plan {
				return s.Plan(image, imageConfig.With(acctest.Attributes{"is_public": true}))
			},
			"delete image": func(s *acctest.Session) *acctest.Plan { return s.Plan(image, nil) },
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				plan(reader.Session(t)).Diagnostics.WantError(t, "-", "API key may not "+name, "reading only", "System User or Super User")
			})
		}
		t.Run("read", func(t *testing.T) {
			t.Parallel()
			providertest.WantNoOp(t, reader, server, providertest.Web1())
			providertest.WantNoOp(t, reader, image, imageConfig)
		})
	}
}

// TestUnknownProviderBlock plans with a key that is not known until the apply. The
// plans pass; data sources and ephemeral resources fail.
func TestUnknownProviderBlock(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config := providertest.Web1()
	server := providertest.Create(t, grid.Session(t), "gogrid_server", config)
	address := providertest.Create(t, grid.Session(t), "gogrid_private_ip", acctest.Attributes{})
	s := grid.Session(t, acctest.Attributes{"api_key": acctest.Unknown{}, "datacenter": acctest.Unknown{}})
	for _, object := range []acctest.Object{server, address} {
		read, diagnostics := s.Read(object)
		diagnostics.WantWarning(t, "-", "Not refreshed", "api_key, datacenter is not known yet")
		if read.Get("id") != object.Get("id") {
			t.Errorf("the state of %s changed: id %v", object.TypeName, read.Get("id"))
		}
	}
	for name, plan := range map[string]*acctest.Plan{
		"create":         s.Plan(s.Absent("gogrid_server"), config.With(acctest.Attributes{"image": "no such image"})),
		"no-op":          s.Plan(server, config),
		"update":         s.Plan(server, config.With(acctest.Attributes{"ram": "2GB"})),
		"delete":         s.Plan(server, nil),
		"create image":   s.Plan(s.Absent("gogrid_mygsi_image"), acctest.Attributes{"friendly_name": "x", "sandbox_id": "1"}),
		"create address": s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{}),
		"no-op address":  s.Plan(address, acctest.Attributes{}),
	} {
		if len(plan.Diagnostics) > 0 {
			t.Errorf("%s: %s", name, plan.Diagnostics)
		}
	}
	for _, source := range []string{"gogrid_image", "gogrid_images", "gogrid_ips"} {
		config := acctest.Attributes{}
		if source == "gogrid_image" {
			config["id"] = "12834"
		}
		_, diagnostics := s.ReadData(source, config)
		diagnostics.WantError(t, "-", "yet", "api_key", "-target")
	}
	_, diagnostics := s.OpenEphemeral("gogrid_server_password", acctest.Attributes{"server_id": "700001"})
	diagnostics.WantError(t, "-", "yet", "api_key", "-target")
}

// TestUnknownProviderBlockInApply applies changes while the key is still unknown.
// Each apply fails with a diagnostic and changes nothing on the grid.
func TestUnknownProviderBlockInApply(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	configured := grid.Session(t)
	sandbox := providertest.Create(t, configured, "gogrid_sandbox", acctest.Attributes{"name": "golden", "image": "12834"})
	configs := map[string]acctest.Attributes{
		"gogrid_server":      providertest.Web1(),
		"gogrid_sandbox":     {"name": "golden2", "image": "12834"},
		"gogrid_mygsi_image": {"friendly_name": "golden", "sandbox_id": sandbox.Get("id")},
	}
	for typeName, config := range configs {
		t.Run(typeName, func(t *testing.T) { //nolint:paralleltest // the subtests count the changes of a shared grid
			object := providertest.Create(t, configured, typeName, config)
			before := grid.Changes()
			s := grid.Session(t, acctest.Attributes{"api_key": acctest.Unknown{}})
			_, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent(typeName), config))
			diagnostics.WantError(t, "-", "Cannot .* yet", "api_key")
			_, diagnostics = s.Apply(t.Context(), s.Plan(object, config.With(acctest.Attributes{"description": "new"})))
			diagnostics.WantError(t, "-", "Cannot update .* yet", "api_key")
			_, diagnostics = s.Apply(t.Context(), s.Plan(object, nil))
			diagnostics.WantError(t, "-", "Cannot delete .* yet", "api_key")
			if grid.Changes() > before {
				t.Errorf("the apply changed the grid: %v", grid.Counters())
			}
		})
	}
	s := grid.Session(t, acctest.Attributes{"api_key": acctest.Unknown{}})
	_, diagnostics := s.Apply(t.Context(), s.Plan(s.Absent("gogrid_private_ip"), acctest.Attributes{}))
	diagnostics.WantError(t, "-", "Cannot claim an address yet", "api_key")
}

// TestAccProvider_keyFromResource takes the API key from a resource of the same
// configuration.
func TestAccProvider_keyFromResource(t *testing.T) {
	grid := acctest.NewGrid(t)
	config := func(key string) string {
		return `
			resource "terraform_data" "key" { input = "` + key + `" }
			provider "gogrid" { api_key = terraform_data.key.output }
			` + providertest.ServerBlock(`name = "web1"`+"\n"+`image = "centos6.2_64_base"`+"\n"+`ram = "1GB"`)
	}
	other := grid.Keys()[2]
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: grid.Providers(),
		CheckDestroy:             providertest.NothingLeft(grid),
		Steps: []resource.TestStep{
			{Config: config(grid.Key.APIKey), Check: resource.TestCheckResourceAttr("gogrid_server.web", "state", "On")},
			// The apply fails: the shared secret belongs to a different key.
			{Config: config(other.APIKey), ExpectError: regexp.MustCompile(`Could not sign in to GoGrid`)},
			{Config: config(grid.Key.APIKey)},
		},
	})
}

// TestAccProvider_errors checks with the real Terraform that errors point at the
// line of their attribute.
func TestAccProvider_errors(t *testing.T) {
	grid := acctest.NewGrid(t)
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: grid.Providers(),
		Steps: []resource.TestStep{
			{
				Config:      `provider "gogrid" { shared_secret = "wrong" }` + "\n" + `data "gogrid_ips" "all" {}`,
				ExpectError: regexp.MustCompile(`(?s)Could not sign in to GoGrid.*provider "gogrid" \{ shared_secret = "wrong" \}`),
			},
			{
				Config:      providertest.ServerBlock("name = \"web1\"\nimage = \"centos6.2_32_base\"\nram = \"4GB\""),
				ExpectError: regexp.MustCompile(`(?s)4GB of RAM is too much for image centos6.2_32_base.*ram = "4GB"`),
			},
			{
				Config:      providertest.ServerBlock("name = \"a-name-that-is-too-long\"\nimage = \"12834\"\nram = \"1GB\""),
				ExpectError: regexp.MustCompile(`(?s)name = "a-name-that-is-too-long".*at\s+most\s+20`),
			},
			{
				Config: `resource "gogrid_server" "web" {
					count = 30
					name  = "web${count.index}"
					image = "centos6.2_64_base"
					ram   = "1GB"
				}`,
				PlanOnly:    true,
				ExpectError: regexp.MustCompile(`Not enough free public addresses`),
			},
		},
	})
	if changes := grid.Changes(); changes > 0 {
		t.Errorf("the failed plans changed the grid: %v", grid.Counters())
	}
}
