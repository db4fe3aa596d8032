// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// secretConfig passes a password to a provisioner's environment, which
// Terraform does not write to a plan or state.
const secretConfig = `
terraform {
  required_providers {
    gogrid = { source = "gogrid/gogrid" }
  }
}

provider "gogrid" {
  deployment = "shop"
}

resource "gogrid_sandbox" "golden" {
  name  = "golden"
  image = "centos6.2_64_base"
}

resource "gogrid_mygsi_image" "golden" {
  friendly_name = "golden"
  sandbox_id    = gogrid_sandbox.golden.id
}

resource "gogrid_server" "web" {
  name             = "web1"
  image            = gogrid_mygsi_image.golden.id
  ram              = "1GB"
  description      = var.description
  restart_triggers = { description = var.description }
}

variable "description" { type = string }

ephemeral "gogrid_server_password" "web" {
  server_id = gogrid_server.web.id
}

resource "terraform_data" "vault" {
  provisioner "local-exec" {
    command     = "test -n \"$PASSWORD\""
    environment = { PASSWORD = ephemeral.gogrid_server_password.web.password }
  }
}
`

// TestAccSecrets runs plans, applies and a destroy with trace logs and injected
// faults. Then it searches all output, plans, states and logs for secrets.
func TestAccSecrets(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGrid(t)
	tr := providertest.NewTrail(t, grid, secretConfig)
	workspace := tr.Workspace

	tr.Run(0, "init", "-no-color")
	truncateNext(t, grid, "support.password.list", "grid.job.list", "grid.server.add", "grid.image.save", "grid.ip.list")
	tr.Run(0, "plan", "-no-color", "-input=false", "-out=first.plan", "-var=description=first")
	tr.Run(0, "apply", "-no-color", "-input=false", "first.plan")
	tr.Keep("first.plan")
	truncateNext(t, grid, "support.password.list", "grid.server.edit", "grid.server.power", "grid.server.list")
	tr.Run(0, "apply", "-no-color", "-input=false", "-auto-approve", "-var=description=second")
	tr.Run(0, "show", "-no-color", "-json")
	tr.Keep("terraform.tfstate")
	passwords := grid.Passwords(t)
	if len(passwords) != 3 {
		t.Fatalf("the grid has %d passwords, want three: of two servers and of Cloud Storage", len(passwords))
	}

	wrongKey := acctest.SuperKey()
	wrongKey.SharedSecret = "canary-mistyped-secret"
	env := workspace.Env
	workspace.Env = append(grid.As(wrongKey).Env(), "TF_LOG=TRACE", "TF_LOG_PATH="+tr.Log)
	tr.Run(1, "plan", "-no-color", "-input=false", "-var=description=second")
	workspace.Env = env
	tr.Run(0, "destroy", "-no-color", "-input=false", "-auto-approve", "-var=description=second")

	secrets := map[string]string{"the mistyped secret": wrongKey.SharedSecret}
	for name, password := range passwords {
		secrets["the password of "+name] = password
	}
	tr.Search(secrets)
	if log := tr.Texts["the log"]; !strings.Contains(log, "grid.server.add") || !strings.Contains(log, "support.password.list") {
		t.Error("the log does not contain the API calls, so the search proves nothing")
	}
}

// truncateNext truncates the next answer of each method, so that errors and logs
// quote the answer.
func truncateNext(t *testing.T, grid *acctest.Grid, methods ...string) {
	t.Helper()
	for _, method := range methods {
		fault := simulator.Fault{Method: method, Kind: simulator.FaultTruncate, When: simulator.FaultAfter}
		if err := grid.AddFaults(fault); err != nil {
			t.Fatal(err)
		}
	}
}

// buildConfig builds two images. The login to the sandbox of "locked" fails. The
// build of "open" keeps its sandbox if its command fails.
const buildConfig = `
terraform {
  required_providers {
    gogrid = { source = "gogrid/gogrid" }
  }
}

variable "port" { type = number }

variable "command" { type = string }

variable "locked" { type = number }

variable "key" {
  type      = string
  ephemeral = true
}

variable "passphrase" {
  type      = string
  ephemeral = true
}

resource "gogrid_mygsi_image" "open" {
  friendly_name = "open"
  build {
    image                   = "centos6.2_64_base"
    keep_sandbox_on_failure = true
  }
  prepare {
    connection {
      port = var.port
    }
    secret_files_wo = {
      "/etc/site/canary-path" = "canary-secret-file"
    }
    commands = ["test \"$(cat /etc/site/canary-path | tr a-z A-Z)\" = CANARY-SECRET-FILE", "cat /etc/site/ca*-path", var.command]
  }
}

resource "gogrid_mygsi_image" "locked" {
  count         = var.locked
  friendly_name = "locked"
  build {
    image = "centos6.2_64_base"
  }
  prepare {
    connection {
      port                      = var.port
      password_wo               = "canary-unused-password"
      private_key_wo            = var.key
      private_key_passphrase_wo = var.passphrase
      timeout                   = "20s"
    }
    commands = ["true"]
  }
}
`

// TestAccBuildSecrets searches all output, states and logs of failed and
// successful builds for secrets.
func TestAccBuildSecrets(t *testing.T) {
	t.Parallel()
	const passphrase = "canary-pass-phrase"
	key := providertest.PrivateKey(t, passphrase)
	grid := acctest.NewGuestGrid(t)
	tr := providertest.NewTrail(t, grid, buildConfig)
	tr.Workspace.Env = append(tr.Workspace.Env, "TF_VAR_key="+key, "TF_VAR_passphrase="+passphrase, fmt.Sprint("TF_VAR_port=", grid.SSHPort))
	apply := func(code int, variables ...string) {
		tr.Run(code, append([]string{"apply", "-no-color", "-input=false", "-auto-approve"}, variables...)...)
		tr.Keep("terraform.tfstate")
	}
	tr.Run(0, "init", "-no-color")
	apply(1, "-var=command=echo this is canary-output; false", "-var=locked=1")
	passwords := grid.Passwords(t)
	apply(0, "-var=command=true", "-var=locked=0")

	secrets := map[string]string{"the passphrase": passphrase, "the unused password": "canary-unused-password", "the secret file": "canary-secret-file"}
	for i, line := range strings.Split(strings.TrimSpace(key), "\n") {
		if i > 0 && !strings.HasPrefix(line, "-----") {
			secrets[fmt.Sprint("line ", i, " of the private key")] = line
		}
	}
	for name, password := range passwords {
		secrets["the password of "+name] = password
	}
	if len(passwords) != 2 {
		t.Errorf("the grid has %d passwords, want two: of the kept sandbox and of Cloud Storage", len(passwords))
	}
	tr.Search(secrets)
	if log := tr.Texts["the log"]; !strings.Contains(log, "canary-output") || !strings.Contains(log, "rejected the login") {
		t.Error("the log does not contain the builds, so the search proves nothing")
	}
}
