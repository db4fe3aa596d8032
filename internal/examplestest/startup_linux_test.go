// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// startupImage builds an image with a rendered startup script and creates a
// server from it. The server is ready when the loaded release answers requests.
const startupImage = requirement + `
provider "gogrid" {
  datacenter = "US-West-1"
}

variable "ssh_port" { type = number }
variable "http_port" { type = number }
variable "account" { type = string }
variable "storage_password" { type = string }

data "gogrid_dhcp_config" "private" {
  subnet      = "10.110.0.0/24"
  dhcp_server = "none"
  hosts       = { web-1 = { address = "10.110.0.11" } }
}

data "gogrid_startup_script" "web" {
  os      = "linux"
  channel = "web"
  private_network {
    mode     = "host_map"
    host_map = data.gogrid_dhcp_config.private.host_map
    routes   = [{ destination = "10.0.0.0/8", gateway = "10.110.0.1" }]
  }
  cloud_storage {
    host          = "${var.account}.cloud.storage.gogrid.com"
    share         = var.account
    username      = var.account
    password_file = "/etc/gogrid/storage.password"
  }
}

resource "gogrid_mygsi_image" "web" {
  friendly_name = "startup"
  build {
    image        = "centos6.2_64_base"
    max_duration = "2h"
  }
  prepare {
    connection {
      port = var.ssh_port
    }
    files = concat(data.gogrid_startup_script.web.files, [
      { destination = "/etc/gogrid/storage.password", content = var.storage_password, mode = "0600" },
    ])
    commands     = [data.gogrid_startup_script.web.schedule_command]
    prep_command = "gogrid-prep"
  }
}

resource "gogrid_server" "web" {
  name  = "web-1"
  image = gogrid_mygsi_image.web.id
  ram   = "512MB"
  ready {
    tcp_port = var.http_port
  }
}
`

// TestAccStartupScriptOnAGuest builds an image with the files of the data
// source. A server of the image must load the release of its channel from Cloud
// Storage and serve it. After the server is pinned to another release, a
// restart must load that release.
func TestAccStartupScriptOnAGuest(t *testing.T) {
	t.Parallel()
	// The startup script limits its commands by the clock of the grid. At the grid
	// speed of other tests, the script's limit of one minute would be six
	// milliseconds of real time.
	grid := acctest.NewGuestGrid(t, func(o *simulator.Options) { o.Speed = 250 })
	b := newExampleRun(t, grid)
	port := freePort(t)
	share := newReleases(b, port)
	share.put("v1", "one\n")
	share.put("v2", "two\n")
	share.setPointer("channels/web.json", "v1")
	login := grid.StorageLogin(t)
	b.Env = append(b.Env, "TF_VAR_ssh_port="+strconv.Itoa(grid.SSHPort), "TF_VAR_http_port="+strconv.Itoa(port),
		"TF_VAR_account="+login.Username, "TF_VAR_storage_password="+login.Password)
	b.must(b.Write("main.tf", startupImage))
	b.ok("init", "-input=false", "-no-color")
	b.apply()
	b.wantEmptyPlan()
	share.wantStatus("web-1", "v1", "ok ok ok ok")

	reader := readAll(b, fmt.Sprintf("http://%s:%d/", grid.Server(t, "web-1").PublicIP, port), share.page("v1"), share.page("v2"))
	b.ssh("web-1", "sh /usr/local/lib/gogrid/startup.sh")
	share.wantStatus("web-1", "v1", "skipped skipped ok ok")
	share.setPointer("servers/web-1.json", "v2")
	grid.Outside(t, "grid.server.power", "server", grid.ServerID(t, "web-1"), "power", "restart")
	share.wantStatus("web-1", "v2", "ok ok ok ok")
	reader.awaitNewPage()
	if got := b.ssh("web-1", "cat /srv/started"); got != "v2 a b\n" {
		t.Errorf("the script received %q", got)
	}
	if log := b.ssh("web-1", "cat /var/log/gogrid-startup.log /var/log/boot.log"); strings.Contains(log, login.Password) {
		t.Error("the log holds the password")
	}
}

// freePort returns a port for the servers' services that no other test gets.
// The port must be unique because all grids use the same server addresses.
func freePort(t *testing.T) int {
	t.Helper()
	var config net.ListenConfig
	held, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() })
	return held.Addr().(*net.TCPAddr).Port
}

// status is the status that a server reports about its release.
type status struct {
	Release, Result, Problem string
	Steps                    []struct{ Result string }
}

func (s status) steps() string {
	var results []string
	for _, step := range s.Steps {
		results = append(results, step.Result)
	}
	return strings.Join(results, " ")
}

// wantStatus waits until a server reports the status of a release.
func (r *releases) wantStatus(server, release, steps string) {
	r.t.Helper()
	var found status
	waitFor(r.t, "the status of "+server+" with "+release+" and the steps "+steps, func() bool {
		text, err := r.store.Read(r.t.Context(), "status/"+server+".json", 1<<20)
		if err != nil {
			return false // not written yet
		}
		found = status{}
		if err := json.Unmarshal(text, &found); err != nil {
			r.t.Fatalf("parse the status: %v in %s", err, text)
		}
		return found.Release == release && found.steps() == steps
	})
	if found.Result != "ok" || found.Problem != "" {
		r.t.Errorf("the status is %+v", found)
	}
}
