// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examples

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// startupImage bakes a rendered script into an image and makes a server of it.
// The release to load is in the image too, since nothing else can put it onto
// the Cloud Storage of a simulated grid yet.
const startupImage = requirement + `
provider "gogrid" {
  datacenter = "US-West-1"
}

variable "ssh_port" { type = number }
variable "account" { type = string }

data "gogrid_dhcp_config" "private" {
  subnet = "10.110.0.0/24"
  hosts  = { web-1 = { address = "10.110.0.11" } }
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
      { destination = "/root/web.json", content = file("web.json"), mode = "0644" },
      { destination = "/root/v1.zip", source = "v1.zip", mode = "0644" },
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
    tcp_port = var.ssh_port
  }
}
`

// TestAccStartupScriptOnAGuest: what the data source gives is what an image
// takes, and the script runs on servers of the simulated grid.
func TestAccStartupScriptOnAGuest(t *testing.T) {
	t.Parallel()
	// The script bounds what it runs by the clock of the grid. At the pace of other
	// tests its minute would be six milliseconds.
	grid := acctest.NewGuestGrid(t, func(o *simulator.Options) { o.Speed = 250 })
	b := newBench(t, grid)
	b.Env = append(b.Env, "TF_VAR_ssh_port="+strconv.Itoa(grid.SSHPort), "TF_VAR_account=500001")
	archive := zipped(t, map[string]string{
		"bootstrap.json": "{\n\"version\": 1,\n\"release\": \"v1\",\n\"os\": \"linux\",\n\"steps\": [\n" +
			"{\"install\":{\"from\":\"app\",\"to\":\"/srv/site/app\"},\"on_error\":\"stop\",\"when\":\"on_change\"},\n" +
			"{\"run\":{\"script\":\"scripts/start.sh\",\"args\":[\"a b\"],\"timeout_seconds\":86400},\"on_error\":\"stop\",\"when\":\"every_boot\"}\n" +
			"],\n\"files\": [\n]\n}\n",
		"app/index.html":   "one\n",
		"scripts/start.sh": "echo \"$1\" >/srv/started\n",
	})
	sum := sha256.Sum256(archive)
	b.must(b.Write("v1.zip", string(archive)))
	b.must(b.Write("web.json", startup.Pointer{Release: "v1", Archive: "releases/v1.zip", SHA256: hex.EncodeToString(sum[:])}.Encode()))
	b.must(b.Write("main.tf", startupImage))
	b.ok("init", "-input=false", "-no-color")
	b.apply()
	b.wantEmptyPlan()
	if log := b.ssh("web-1", "cat /var/log/boot.log"); !strings.Contains(log, "there is no password of Cloud Storage in /etc/gogrid/storage.password") {
		t.Errorf("the script did not run at boot:\n%s", log)
	}

	b.ssh("web-1", "mkdir -p /etc/gogrid /mnt/c; echo '"+grid.Passwords(t)[""]+"' >/etc/gogrid/storage.password; "+
		"printf 'username=500001\npassword=%s\n' \"$(cat /etc/gogrid/storage.password)\" >/root/credentials; "+
		"mount -t cifs //500001.cloud.storage.gogrid.com/500001 /mnt/c -o credentials=/root/credentials && mkdir -p /mnt/c/channels /mnt/c/releases /mnt/c/network /mnt/c/status && "+
		"cp /root/web.json /mnt/c/channels/web.json && cp /root/v1.zip /mnt/c/releases/ && cp /var/lib/gogrid/hosts.json /mnt/c/network/hosts.json")
	for _, want := range []string{"ok ok", "skipped ok"} {
		b.ssh("web-1", "sh /usr/local/lib/gogrid/startup.sh")
		var status struct {
			Release, Result, Problem string
			Steps                    []struct{ Result string }
		}
		b.must(json.Unmarshal([]byte(b.ssh("web-1", "cat /mnt/c/status/web-1.json")), &status))
		var steps []string
		for _, step := range status.Steps {
			steps = append(steps, step.Result)
		}
		if status.Release != "v1" || status.Result != "ok" || strings.Join(steps, " ") != want {
			t.Errorf("the status is %+v, want the steps %s", status, want)
		}
		if got := b.ssh("web-1", "cat /srv/started /srv/site/app/index.html"); got != "a b\none\n" {
			t.Errorf("the server has %q", got)
		}
	}
	if log := b.ssh("web-1", "cat /var/log/gogrid-startup.log"); strings.Contains(log, grid.Passwords(t)[""]) {
		t.Error("the log holds the password")
	}
}

func zipped(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for name, content := range files {
		entry, err := w.Create(name)
		if err == nil {
			_, err = entry.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}
