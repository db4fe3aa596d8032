// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package resilience

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// soakConfig is a configuration of the soak test.
type soakConfig struct {
	parts       soakParts
	servers     int
	ram         string
	baseImage   string
	description string
	// firstAddress is the last byte of the first server's private address. If it
	// is 0, the provider chooses the address.
	firstAddress int
	recipe       int // number of the image's recipe
	release      int // number of the deployed release
	// Names of the resources in the configuration.
	serverLabel, addressLabel, imageLabel, objectLabel string
}

func firstConfig(random *rand.Rand, parts soakParts) soakConfig {
	config := soakConfig{
		parts: parts, servers: 2 + random.IntN(2), ram: "512MB", baseImage: "centos6.2_64_base", description: "shop front",
		serverLabel: "web", addressLabel: "web", imageLabel: "web", objectLabel: "app",
	}
	if !parts.build {
		config.servers += random.IntN(3)
	}
	switch {
	case parts.deploy:
		config.firstAddress = 20 // the image knows the addresses
	case parts.addresses && random.IntN(2) == 0:
		config.firstAddress = 20
	}
	return config
}

// soakChange is one way to change a configuration.
type soakChange struct {
	name string
	make func(random *rand.Rand, c *soakConfig)
}

// changes returns the possible changes of a configuration with these parts.
func (p soakParts) changes() []soakChange {
	all := []soakChange{
		{"ram", func(_ *rand.Rand, c *soakConfig) { c.ram = other(c.ram, "512MB", "1GB") }},
		{"image", func(_ *rand.Rand, c *soakConfig) {
			c.baseImage = other(c.baseImage, "centos6.2_64_base", "centos5.6_64_base")
		}},
		{"count up", func(_ *rand.Rand, c *soakConfig) { c.servers++ }},
		{"count down", func(_ *rand.Rand, c *soakConfig) { c.servers-- }},
		{"description", func(_ *rand.Rand, c *soakConfig) { c.description = other(c.description, "shop front", "") }},
		{"rename of the servers", func(_ *rand.Rand, c *soakConfig) { c.serverLabel = other(c.serverLabel, "web", "front") }},
	}
	if p.addresses && !p.deploy {
		all = append(all, soakChange{"address", func(random *rand.Rand, c *soakConfig) {
			c.firstAddress = []int{0, 20, 21, 40}[random.IntN(4)]
		}})
	}
	if p.addresses {
		all = append(all, soakChange{"rename of the addresses", func(_ *rand.Rand, c *soakConfig) {
			c.addressLabel = other(c.addressLabel, "web", "front")
		}})
	}
	if p.build {
		all = append(
			all,
			soakChange{"recipe", func(_ *rand.Rand, c *soakConfig) { c.recipe++ }},
			soakChange{"recipe", func(_ *rand.Rand, c *soakConfig) { c.recipe++ }}, // twice as likely
			soakChange{"rename of the image", func(_ *rand.Rand, c *soakConfig) { c.imageLabel = other(c.imageLabel, "web", "front") }},
		)
	}
	if p.deploy {
		all = append(
			all,
			soakChange{"release", func(_ *rand.Rand, c *soakConfig) { c.release++ }},
			soakChange{"release", func(_ *rand.Rand, c *soakConfig) { c.release++ }},
			soakChange{"rename of the archive", func(_ *rand.Rand, c *soakConfig) { c.objectLabel = other(c.objectLabel, "app", "archive") }},
		)
	}
	return all
}

// other returns one if current is two, and two if current is one.
func other(current, one, two string) string {
	if current == one {
		return two
	}
	return one
}

// names returns the sorted names of the planned servers.
func (c soakConfig) names() []string { return webNames(c.servers) }

// address returns the planned private address of a server, or "" if the
// provider chooses it.
func (c soakConfig) address(number int) string {
	if !c.parts.addresses || c.firstAddress == 0 {
		return ""
	}
	return fmt.Sprintf("10.110.0.%d", c.firstAddress+number)
}

const soakProvider = `deployment  = "shop"
  datacenter  = "US-West-1"
  max_retries = 2
  cloud_storage {
    protocol = "sftp"
    host     = var.cloud_storage_host
    port     = var.cloud_storage_port
    host_key = var.cloud_storage_host_key
  }`

var soakResources = template.Must(template.New("soak").Parse(`
variable "cloud_storage_host" {}
variable "cloud_storage_port" {}
variable "cloud_storage_host_key" {}
{{if .Addresses}}
resource "gogrid_private_ip" "{{.AddressLabel}}" {
  count = {{.Servers}}
  label = "web-${count.index}"
  {{if .FirstAddress}}address = "10.110.0.${count.index + {{.FirstAddress}}}"{{end}}
}
{{end}}
{{- if .Build}}
resource "gogrid_mygsi_image" "{{.ImageLabel}}" {
  friendly_name = "shop image"

  build {
    image = "{{.BaseImage}}"
  }
  prepare {
    connection {
      port = {{.SSH}}
    }
    files = concat([{ content = join("", [for i in range(1000) : format("%050d", i)]), destination = "/srv/weight" }], local.files)
    {{if .Deploy}}
    secret_files_wo = {
      "/etc/gogrid/storage.password" = ephemeral.gogrid_storage_credentials.this.password
    }
    secret_files_wo_version = 1
    {{end}}
    commands     = concat(["test ! -e /srv/twice", "echo once > /srv/twice", "echo {{.Recipe}} > /srv/recipe", "sleep {{.Sleep}}"], local.commands)
    prep_command = "gogrid-prep"
  }
  verify {
    commands = ["grep {{.Recipe}} /srv/recipe", "sleep {{.Sleep}}"]
  }
  lifecycle {
    create_before_destroy = true
  }
}
{{if not .Deploy}}
locals {
  files    = []
  commands = []
}
{{end}}
{{- end}}
{{- if .Deploy}}
locals {
  files = concat(data.gogrid_startup_script.web.files, [{
    destination = "/etc/systemd/system/site.service"
    content     = "[Service]\nExecStart=/usr/sbin/httpd -f -p {{.Site}} -h /srv/site\n"
  }])
  commands = [data.gogrid_startup_script.web.schedule_command]
}

ephemeral "gogrid_storage_credentials" "this" {}

data "gogrid_dhcp_config" "private" {
  subnet = "10.110.0.0/24"
  hosts  = { for i in range(8) : "web-${i}" => { address = "10.110.0.${i + {{.FirstAddress}}}" } }
}

data "gogrid_startup_script" "web" {
  os      = "linux"
  channel = "web"

  private_network {
    mode     = "host_map"
    host_map = data.gogrid_dhcp_config.private.host_map
    routes   = [{ destination = "10.100.0.0/24", gateway = "10.110.0.1" }]
  }
  cloud_storage {
    host          = "500001.cloud.storage.gogrid.com"
    share         = "500001"
    username      = "500001"
    password_file = "/etc/gogrid/storage.password"
  }
}

data "gogrid_bootstrap_archive" "app" {
  os         = "linux"
  source_dir = "app"

  manifest {
    steps = [
      { install = { from = "site", to = "/srv/site" } },
      { service = { name = "site", action = "restart" }, when = "every_boot" },
    ]
  }
}

resource "gogrid_storage_object" "{{.ObjectLabel}}" {
  path    = "releases/${data.gogrid_bootstrap_archive.app.release}.zip"
  archive = data.gogrid_bootstrap_archive.app
  retain  = true
}

resource "gogrid_storage_channel" "web" {
  name    = "web"
  release = data.gogrid_bootstrap_archive.app.release
  archive = gogrid_storage_object.{{.ObjectLabel}}.path
  sha256  = gogrid_storage_object.{{.ObjectLabel}}.sha256
}
{{end}}
resource "gogrid_server" "{{.ServerLabel}}" {
  count = {{.Servers}}
  name  = "web-${count.index}"
  ram   = "{{.RAM}}"
  image = {{if .Build}}gogrid_mygsi_image.{{.ImageLabel}}.id{{else}}"{{.BaseImage}}"{{end}}
  {{if .Description}}description = "{{.Description}}"{{end}}
  {{if .Addresses}}private_ip = gogrid_private_ip.{{.AddressLabel}}[count.index].address{{end}}
  {{if .Deploy}}
  deploy {
    channel = gogrid_storage_channel.web.name
    release = gogrid_storage_channel.web.release

    health {
      http = "http://{public_ip}:{{.Site}}/"
      body = "</html>"
    }
  }
  {{end}}
}

data "gogrid_leftovers" "this" {
  accounted_for = [
    gogrid_server.{{.ServerLabel}},
    {{if .Addresses}}gogrid_private_ip.{{.AddressLabel}},{{end}}
    {{if .Build}}gogrid_mygsi_image.{{.ImageLabel}},{{end}}
  ]
}

check "leftovers" {
  assert {
    condition     = length(data.gogrid_leftovers.this.objects) == 0
    error_message = data.gogrid_leftovers.this.summary
  }
}
`))

// text returns the configuration as HCL.
func (c soakConfig) text(ports soakPorts) string {
	sleep := 60
	if c.parts.deploy {
		sleep = 10 // tests do not advance the clock of this grid
	}
	var text strings.Builder
	if err := soakResources.Execute(&text, map[string]any{
		"Addresses": c.parts.addresses, "Build": c.parts.build, "Deploy": c.parts.deploy, "SSH": ports.ssh, "Site": ports.site, "Sleep": sleep,
		"Servers": c.servers, "RAM": c.ram, "BaseImage": c.baseImage, "Description": c.description, "FirstAddress": c.firstAddress, "Recipe": c.recipe,
		"ServerLabel": c.serverLabel, "AddressLabel": c.addressLabel, "ImageLabel": c.imageLabel, "ObjectLabel": c.objectLabel,
	}); err != nil {
		panic(err) // the template is constant
	}
	lines := slices.DeleteFunc(strings.Split(text.String(), "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
	return configuration(soakProvider, strings.Join(lines, "\n"))
}

// writeApp writes the app of the configured release.
func (c soakConfig) writeApp(workspace *tfcli.Workspace) error {
	if err := os.MkdirAll(filepath.Join(workspace.Dir, "app", "site"), 0o755); err != nil {
		return err
	}
	return workspace.Write("app/site/index.html", site(fmt.Sprint("release ", c.release)))
}
