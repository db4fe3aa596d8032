// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// storageStory is a configuration that uploads an archive and a file, and points a
// channel at the archive.
const storageStory = `
terraform {
  required_providers {
    gogrid = { source = "gogrid/gogrid" }
  }
}

provider "gogrid" {
  cloud_storage {
    protocol = "sftp"
    host     = var.storage.host
    port     = var.storage.port
    username = var.storage.username
    password = var.storage.password
    host_key = var.storage.host_key
  }
}

variable "storage" {
  type      = object({ host = string, port = number, username = string, password = string, host_key = string })
  ephemeral = true
}

data "gogrid_bootstrap_archive" "app" {
  source_dir  = "app"
  exclude     = ["*.log"]
  output_path = "build/app.zip"
}

resource "gogrid_storage_object" "app" {
  path    = "releases/app-${substr(data.gogrid_bootstrap_archive.app.sha256, 0, 8)}.zip"
  archive = data.gogrid_bootstrap_archive.app
}

resource "gogrid_storage_channel" "web" {
  name    = "web"
  release = data.gogrid_bootstrap_archive.app.release
  archive = gogrid_storage_object.app.path
  sha256  = gogrid_storage_object.app.sha256
}

resource "gogrid_storage_object" "motd" {
  path   = "motd"
  source = "app/index.html"
  sha256 = filesha256("app/index.html")
}

data "gogrid_storage_objects" "all" {
  depends_on = [gogrid_storage_channel.web]
}

output "paths" { value = data.gogrid_storage_objects.all.paths }
`

// newStorageTrail returns a workspace whose provider uses the share of the server.
func newStorageTrail(t *testing.T, server *storagetest.Server) *providertest.Trail {
	t.Helper()
	tr := providertest.NewTrail(t, acctest.NewGrid(t), storageStory)
	variable, err := json.Marshal(map[string]any{
		"host": server.Host, "port": server.Port, "username": storagetest.Username, "password": storagetest.Password, "host_key": server.HostKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	tr.Workspace.Env = append(tr.Workspace.Env, "TF_VAR_storage="+string(variable))
	tr.Write("app/index.html", "release 1")
	tr.Write("app/noise.log", "left out")
	return tr
}

// TestAccStorageSavedPlan applies a saved plan on a fresh checkout without the
// archive. The apply must rebuild the planned archive and change the channel.
// If the sources differ, the apply must upload nothing. No file or output may
// contain the password.
func TestAccStorageSavedPlan(t *testing.T) {
	t.Parallel()
	server := storagetest.Start(t)
	tr := newStorageTrail(t, server)
	tr.Run(0, "init", "-no-color")
	tr.Run(0, "plan", "-no-color", "-input=false", "-out=first.plan")
	tr.Keep("first.plan")
	archive, err := os.ReadFile(filepath.Join(tr.Workspace.Dir, "build", "app.zip"))
	if err != nil {
		t.Fatal(err)
	}

	// The fresh checkout has the wrong sources.
	if err := os.RemoveAll(filepath.Join(tr.Workspace.Dir, "build")); err != nil {
		t.Fatal(err)
	}
	tr.Write("app/index.html", "release 2")
	tr.Run(1, "apply", "-no-color", "-input=false", "first.plan")
	if !strings.Contains(tr.Texts["output of apply -no-color -input=false first.plan"], "sources differ from the") {
		t.Error("the apply does not say that the sources differ")
	}
	if files := providertest.ShareFiles(t, server); len(files) > 0 || server.Received() > 0 {
		t.Errorf("%d bytes were uploaded from the wrong sources", server.Received())
	}

	// The fresh checkout has the right sources.
	tr.Write("app/index.html", "release 1")
	tr.Run(0, "plan", "-no-color", "-input=false", "-out=second.plan")
	if err := os.RemoveAll(filepath.Join(tr.Workspace.Dir, "build")); err != nil {
		t.Fatal(err)
	}
	tr.Run(0, "apply", "-no-color", "-input=false", "second.plan")
	if _, err := os.Stat(filepath.Join(tr.Workspace.Dir, "build")); err == nil {
		t.Error("the apply of a saved plan wrote the archive to disk; this test needs an apply without the file")
	}
	name := "releases/app-" + providertest.SHA256(string(archive))[:8] + ".zip"
	files := providertest.ShareFiles(t, server)
	if files[name] != string(archive) || files["motd"] != "release 1" || len(files) != 3 {
		t.Errorf("the share holds %d files, want 3; %s has %d bytes, want %d", len(files), name, len(files[name]), len(archive))
	}
	first, err := startup.DecodePointer(files[providertest.WebChannel])
	if err != nil || first.Archive != name || first.SHA256 != providertest.SHA256(string(archive)) || first.PreviousRelease != "" {
		t.Errorf("the channel holds %+v (error %v), want archive %s", first, err, name)
	}
	sent := server.Received()
	tr.Run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode")
	if server.Received() != sent {
		t.Error("a plan uploaded something")
	}

	tr.Write("app/index.html", "release 2")
	tr.Run(0, "apply", "-no-color", "-input=false", "-auto-approve")
	tr.Run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode")
	if files := providertest.ShareFiles(t, server); len(files) != 3 || files[name] != "" || files["motd"] != "release 2" {
		t.Errorf("after a change the share holds %d files, want 3 without %s", len(files), name)
	} else if second, err := startup.DecodePointer(files[providertest.WebChannel]); err != nil || second.SameRelease(first) || second.PreviousRelease != first.Release || second.PreviousSHA256 != first.SHA256 {
		t.Errorf("after a change the channel holds %+v (error %v), want a new release that records %+v as the previous release", second, err, first)
	}
	tr.Keep("terraform.tfstate")
	tr.Run(0, "destroy", "-no-color", "-input=false", "-auto-approve")
	if files := providertest.ShareFiles(t, server); len(files) > 0 {
		t.Errorf("%d files are left after the destroy", len(files))
	}
	tr.Search(map[string]string{"the password of Cloud Storage": storagetest.Password})
	if !strings.Contains(tr.Texts["the log"], "uploaded sftp://127.0.0.1:"+strconv.Itoa(server.Port)+"/"+name) {
		t.Error("the log does not mention the upload")
	}
}
