// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// provisionersConfig is a configuration that copies files to a server and runs
// commands there with Terraform's provisioners.
const provisionersConfig = requirement + `
provider "gogrid" {
  datacenter = "US-West-1"
}

variable "ssh_port" { type = number }
variable "directory" { type = string }

resource "gogrid_server" "web" {
  name  = "web"
  image = "centos6.2_64_base"
  ram   = "512MB"

  ready {
    tcp_port = var.ssh_port
  }
}

ephemeral "gogrid_server_password" "web" {
  server_id = gogrid_server.web.id
}

resource "terraform_data" "web" {
  triggers_replace = gogrid_server.web.id

  connection {
    host     = gogrid_server.web.public_ip
    port     = var.ssh_port
    user     = ephemeral.gogrid_server_password.web.username
    password = ephemeral.gogrid_server_password.web.password
  }

  provisioner "file" {
    content     = "from a text\n"
    destination = "/root/content"
  }
  provisioner "file" {
    source      = "${var.directory}/one"
    destination = "/root/file"
  }
  provisioner "file" {
    source      = "${var.directory}/tree"
    destination = "/root"
  }
  provisioner "remote-exec" { # the folder must exist before the contents of another one go there
    inline = ["mkdir /root/contents"]
  }
  provisioner "file" {
    source      = "${var.directory}/tree/"
    destination = "/root/contents"
  }
  provisioner "remote-exec" {
    inline = ["set -e", "yum -y install nginx", "cat /root/content > /root/inline"]
  }
  provisioner "remote-exec" {
    script = "${var.directory}/setup.sh"
  }
}
`

// TestAccProvisioners uses the provisioners file and remote-exec on a server.
func TestAccProvisioners(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGuestGrid(t)
	b := newExampleRun(t, grid)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"one": "one\n", "tree/a": "a\n", "tree/deep/er/b": strings.Repeat("0123456789", 100_000),
		"setup.sh": "#!/bin/sh\nset -e\nnginx -v 2> /root/script\necho \"$0\" | grep -q /tmp/terraform_\n",
	} {
		b.must(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o750))
		b.must(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	b.Env = append(b.Env, "TF_VAR_ssh_port="+strconv.Itoa(grid.SSHPort), "TF_VAR_directory="+dir)
	b.must(b.Write("main.tf", provisionersConfig))
	b.ok("init", "-input=false", "-no-color")
	b.apply()
	b.wantEmptyPlan()
	want := "from a text\none\na\nfrom a text\nnginx version: nginx/1.0.15\n1000000 /root/tree/deep/er/b\n"
	if got := b.ssh("web", "cd /root; cat content file tree/a inline script; stat -c '%s %n' /root/tree/deep/er/b; md5sum < contents/deep/er/b | grep -q $(md5sum < tree/deep/er/b | cut -c1-32)"); got != want {
		t.Errorf("the server holds %q, want %q", got, want)
	}
}
