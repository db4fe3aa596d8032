// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// renamed returns a configuration whose resources all have the given name.
func renamed(server *storagetest.Server, deployment, name string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    gogrid = { source = "gogrid/gogrid" }
  }
}

provider "gogrid" {
  deployment = %[1]q
  cloud_storage {
    protocol = "sftp"
    host     = %[3]q
    port     = %[4]d
    username = %[5]q
    password = %[6]q
    host_key = %[7]q
  }
}

resource "gogrid_storage_object" "%[2]s" {
  path    = "releases/app.txt"
  content = "one"
}

resource "gogrid_storage_channel" "%[2]s" {
  name    = "web"
  release = "v1"
  archive = gogrid_storage_object.%[2]s.path
  sha256  = gogrid_storage_object.%[2]s.sha256
}

resource "gogrid_private_ip" "%[2]s" {
  address = "10.110.0.5"
  label   = "db"
}

resource "gogrid_private_ip" "chosen_%[2]s" {
  label = "chosen"
  range = "10.110.0.8/29"
}
`, deployment, name, server.Host, server.Port, storagetest.Username, storagetest.Password, server.HostKey)
}

// TestAccRenamedResources renames resources without moved blocks, with different
// parallelism, and then renames the deployment. Files and leases must stay.
func TestAccRenamedResources(t *testing.T) {
	t.Parallel()
	server := storagetest.Start(t)
	tr := providertest.NewTrail(t, acctest.NewGrid(t), renamed(server, "shop", "a"))
	tr.Run(0, "init", "-no-color")
	tr.Run(0, "apply", "-no-color", "-input=false", "-auto-approve")
	const fixed = "leases/private-ip/10.110.0.5.json"
	wantAll := func(owner string) {
		t.Helper()
		files := providertest.ShareFiles(t, server)
		if files["releases/app.txt"] != "one" || files[providertest.WebChannel] == "" || !strings.Contains(files[fixed], fmt.Sprintf(`"owner":%q`, owner)) || len(files) != 4 {
			t.Errorf("the share holds %q, want the file, the channel and two leases of %s", files, owner)
		}
	}
	wantAll("shop")
	for i, name := range []string{"b", "c", "d"} {
		tr.Write("main.tf", renamed(server, "shop", name))
		command := []string{"apply", "-no-color", "-input=false", "-auto-approve", fmt.Sprintf("-parallelism=%d", []int{1, 2, 10}[i])}
		tr.Run(0, command...)
		if output := tr.Texts["output of "+strings.Join(command, " ")]; !strings.Contains(output, "both destroyed and kept") || !strings.Contains(output, "moved block") {
			t.Errorf("the plan that renames the resources to %s does not warn", name)
		}
		wantAll("shop")
		tr.Run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode")
	}
	tr.Write("main.tf", renamed(server, "store", "d"))
	tr.Run(2, "plan", "-no-color", "-input=false", "-detailed-exitcode")
	tr.Run(0, "apply", "-no-color", "-input=false", "-auto-approve")
	wantAll("store")
	tr.Run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode")
	tr.Write("main.tf", renamed(server, "third", "d"))
	tr.Run(0, "destroy", "-no-color", "-input=false", "-auto-approve")
	if files := providertest.ShareFiles(t, server); len(files) > 0 {
		t.Errorf("%q are left after the destroy", files)
	}
}
