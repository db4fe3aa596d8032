// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package providertest

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// ImageType is the resource type of an image.
const ImageType = "gogrid_mygsi_image"

// BuiltImage returns the configuration of an image with a build block.
func BuiltImage() acctest.Attributes {
	return acctest.Attributes{"friendly_name": "golden", "build": acctest.Attributes{"image": "centos6.2_64_base"}}
}

// PreparedImage returns BuiltImage with a prepare block.
func PreparedImage(prepare acctest.Attributes) acctest.Attributes {
	return BuiltImage().With(acctest.Attributes{"prepare": prepare})
}

// ConnectedImage returns a PreparedImage whose prepare block holds only a
// connection block.
func ConnectedImage(connection acctest.Attributes) acctest.Attributes {
	return PreparedImage(acctest.Attributes{"connection": connection})
}

// PlanImage plans, in a new process, the creation of an image.
func PlanImage(t *testing.T, grid *acctest.Grid, config acctest.Attributes) *acctest.Plan {
	t.Helper()
	s := grid.Session(t)
	return s.Plan(s.Absent(ImageType), config)
}

// ExistingImage returns the state that an apply of the configuration would
// leave. No apply runs: another client saves the image on the grid.
func ExistingImage(t *testing.T, grid *acctest.Grid, config acctest.Attributes) acctest.Object {
	t.Helper()
	if len(grid.Images()) == 0 {
		grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
		grid.OutsideDone(t, "grid.image.save", "server", grid.ServerID(t, "golden"), "friendlyName", "golden")
	}
	s := grid.Session(t)
	plan := s.Plan(s.Absent(ImageType), config)
	plan.Diagnostics.WantOK(t)
	object, diagnostics := s.Read(s.Assume(plan, acctest.Attributes{"id": fmt.Sprint(grid.Images()[0].ID)}))
	diagnostics.WantNone(t)
	return object
}

// FilesBlock returns a prepare block with the given files.
func FilesBlock(all ...acctest.Attributes) acctest.Attributes {
	list := []any{}
	for _, file := range all {
		list = append(list, file)
	}
	return acctest.Attributes{"files": list}
}

// FullImage returns the configuration of an image that sets every attribute of
// the prepare block, and the paths of the two files in that block.
func FullImage(t *testing.T) (config acctest.Attributes, motd, setup string) {
	t.Helper()
	motd, setup = WriteFile(t, "motd", "hello\n"), WriteFile(t, "setup.sh", "#!/bin/sh\ntrue\n")
	return PreparedImage(acctest.Attributes{
		"connection": acctest.Attributes{
			"username": "root", "port": 2222, "timeout": "5m", "password_wo": "hunter2", "password_wo_version": 1,
			"bastion": acctest.Attributes{"host": "gate", "private_key_wo": PrivateKey(t, ""), "private_key_wo_version": 1},
		},
		"files": []any{
			acctest.Attributes{"source": motd, "destination": "/etc/motd"},
			acctest.Attributes{"content": "x=1\n", "destination": "/etc/app.conf", "mode": "0600"},
		},
		"commands":     []any{"yum -y install httpd"},
		"scripts":      []any{setup},
		"environment":  acctest.Attributes{"STAGE": "image"},
		"prep_command": "gogrid-prep",
	}).With(acctest.Attributes{"verify": acctest.Attributes{"commands": []any{"test -f /etc/motd"}, "ram": "1GB"}}), motd, setup
}

// WithPrepare returns a configuration with changed members in its prepare block
// and its connection block.
func WithPrepare(config acctest.Attributes, prepare, connection acctest.Attributes) acctest.Attributes {
	block := config["prepare"].(acctest.Attributes)
	if connection != nil {
		block = block.With(acctest.Attributes{"connection": block["connection"].(acctest.Attributes).With(connection)})
	}
	return config.With(acctest.Attributes{"prepare": block.With(prepare)})
}

// HexDigest matches a hexadecimal SHA-256 checksum.
var HexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)
