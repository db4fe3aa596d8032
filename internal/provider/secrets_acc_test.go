// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// secretStory uses a password where a configuration may use one: in a
// provisioner's environment, which is in no plan and no state.
const secretStory = `
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

// trail is all that the commands of a workspace leave behind.
type trail struct {
	t          *testing.T
	workspace  *tfcli.Workspace
	grid       *acctest.Grid
	signatures func() []string
	log        string
	texts      map[string]string // what it is -> its text
}

// newTrail makes a workspace whose commands write the most detailed log there
// is.
func newTrail(t *testing.T, grid *acctest.Grid, configuration string) *trail {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs Terraform: set TF_ACC=1, as \"make test\" does")
	}
	found, err := tfcli.Find(t.Context())
	if err != nil {
		t.Skipf("no engine to run: %v", err)
	}
	root, err := tfcli.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := tfcli.Build(t.Context(), root, dir, ""); err != nil {
		t.Fatal(err)
	}
	workspace, err := tfcli.NewWorkspace(found, dir, tfcli.Program(dir, ""))
	if err != nil {
		t.Fatal(err)
	}
	tr := &trail{t: t, workspace: workspace, grid: grid, signatures: grid.Signatures(), log: filepath.Join(dir, "trace.log"), texts: map[string]string{}}
	workspace.Env = append(grid.Env(), "TF_LOG=TRACE", "TF_LOG_PATH="+tr.log)
	if err := workspace.Write("main.tf", configuration); err != nil {
		t.Fatal(err)
	}
	return tr
}

// run runs a command and keeps what it prints.
func (tr *trail) run(code int, args ...string) {
	tr.t.Helper()
	output, got, err := tr.workspace.Run(tr.t.Context(), args...)
	if err != nil {
		tr.t.Fatal(err)
	}
	if got != code {
		tr.t.Fatalf("%v ended with code %d, want %d:\n%s", args, got, code, output)
	}
	tr.texts["output of "+strings.Join(args, " ")] += output
}

// keep reads a file of the workspace; of a plan file, what is packed in it.
func (tr *trail) keep(name string) {
	tr.t.Helper()
	path := filepath.Join(tr.workspace.Dir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.texts[name] = string(text)
	packed, err := zip.OpenReader(path)
	if err != nil {
		return // no plan file
	}
	defer packed.Close() //nolint:errcheck // it was only read
	for _, entry := range packed.File {
		file, err := entry.Open()
		if err != nil {
			tr.t.Fatal(err)
		}
		text, err := io.ReadAll(file)
		_ = file.Close() // it is in memory
		if err != nil {
			tr.t.Fatal(err)
		}
		tr.texts[name+"/"+entry.Name] = string(text)
	}
}

// search looks for secrets in everything, for those of the API as well.
func (tr *trail) search(secrets map[string]string) {
	tr.t.Helper()
	secrets["the shared secret"], secrets["the API key"] = tr.grid.Key.SharedSecret, tr.grid.Key.APIKey
	if len(tr.signatures()) == 0 {
		tr.t.Error("no signature was seen, so searching for them proves nothing")
	}
	for _, signature := range tr.signatures() {
		secrets["the signature "+signature] = signature
	}
	log, err := os.ReadFile(tr.log)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.texts["the log"] = string(log)
	for where, text := range tr.texts {
		for what, secret := range secrets {
			if at := strings.Index(text, secret); at >= 0 {
				line := text[strings.LastIndex(text[:at], "\n")+1 : at]
				tr.t.Errorf("%s holds %s, after %q", where, what, line[max(0, len(line)-300):])
			}
		}
	}
}

// TestAccSecrets tells a whole story with the log at its most detailed, some
// of it going wrong, and searches all that is left for secrets.
func TestAccSecrets(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGrid(t)
	tr := newTrail(t, grid, secretStory)
	workspace := tr.workspace

	tr.run(0, "init", "-no-color")
	spoil(t, grid, "support.password.list", "grid.job.list", "grid.server.add", "grid.image.save", "grid.ip.list")
	tr.run(0, "plan", "-no-color", "-input=false", "-out=first.plan", "-var=description=first")
	tr.run(0, "apply", "-no-color", "-input=false", "first.plan")
	tr.keep("first.plan")
	spoil(t, grid, "support.password.list", "grid.server.edit", "grid.server.power", "grid.server.list")
	tr.run(0, "apply", "-no-color", "-input=false", "-auto-approve", "-var=description=second")
	tr.run(0, "show", "-no-color", "-json")
	tr.keep("terraform.tfstate")
	passwords := grid.Passwords(t)
	if len(passwords) != 3 {
		t.Fatalf("the grid has %d passwords, want those of two servers and of the Cloud Storage", len(passwords))
	}

	wrong := acctest.SuperKey()
	wrong.SharedSecret = "canary-mistyped-secret"
	right := workspace.Env
	workspace.Env = append(grid.As(wrong).Env(), "TF_LOG=TRACE", "TF_LOG_PATH="+tr.log)
	tr.run(1, "plan", "-no-color", "-input=false", "-var=description=second")
	workspace.Env = right
	tr.run(0, "destroy", "-no-color", "-input=false", "-auto-approve", "-var=description=second")

	secrets := map[string]string{"the mistyped secret": wrong.SharedSecret}
	for name, password := range passwords {
		secrets["the password of "+name] = password
	}
	tr.search(secrets)
	if log := tr.texts["the log"]; !strings.Contains(log, "grid.server.add") || !strings.Contains(log, "support.password.list") {
		t.Error("the log does not tell of the calls, so searching it proves nothing")
	}
}

// spoil makes the next answer of each method one that is quoted in errors and
// logs.
func spoil(t *testing.T, grid *acctest.Grid, methods ...string) {
	t.Helper()
	for _, method := range methods {
		fault := simulator.Fault{Method: method, Kind: simulator.FaultTruncate, When: simulator.FaultAfter}
		if err := grid.AddFaults(fault); err != nil {
			t.Fatal(err)
		}
	}
}

// buildStory builds two images, one of which nobody can log in to. The other's
// sandbox is kept while its command fails.
const buildStory = `
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
    }
    commands = ["true"]
  }
}
`

// TestAccBuildSecrets searches all that builds leave, as TestAccSecrets does.
func TestAccBuildSecrets(t *testing.T) {
	t.Parallel()
	const passphrase = "canary-pass-phrase"
	key := privateKey(t, passphrase)
	grid := acctest.NewGuestGrid(t)
	tr := newTrail(t, grid, buildStory)
	tr.workspace.Env = append(tr.workspace.Env, "TF_VAR_key="+key, "TF_VAR_passphrase="+passphrase, fmt.Sprint("TF_VAR_port=", grid.SSHPort))
	apply := func(code int, variables ...string) {
		tr.run(code, append([]string{"apply", "-no-color", "-input=false", "-auto-approve"}, variables...)...)
		tr.keep("terraform.tfstate")
	}
	tr.run(0, "init", "-no-color")
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
		t.Errorf("the grid has %d passwords, want those of the kept sandbox and of the Cloud Storage", len(passwords))
	}
	tr.search(secrets)
	if log := tr.texts["the log"]; !strings.Contains(log, "canary-output") || !strings.Contains(log, "rejected the login") {
		t.Error("the log does not tell of the builds, so searching it proves nothing")
	}
}
