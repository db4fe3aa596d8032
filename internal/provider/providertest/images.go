// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

const imageType = "gogrid_mygsi_image"

// built is an image that is built in a sandbox of its own.
func built() acctest.Attributes {
	return acctest.Attributes{"friendly_name": "golden", "build": acctest.Attributes{"image": "centos6.2_64_base"}}
}

// preparedWith is built with a prepare block.
func preparedWith(prepare acctest.Attributes) acctest.Attributes {
	return built().With(acctest.Attributes{"prepare": prepare})
}

// connectedWith is built with a connection block.
func connectedWith(connection acctest.Attributes) acctest.Attributes {
	return preparedWith(acctest.Attributes{"connection": connection})
}

// newImage plans an image in a process of its own.
func newImage(t *testing.T, grid *acctest.Grid, config acctest.Attributes) *acctest.Plan {
	t.Helper()
	s := grid.Session(t)
	return s.Plan(s.Absent(imageType), config)
}

// madeImage is an image that the grid has and whose state is what an apply of
// the configuration would have left.
func madeImage(t *testing.T, grid *acctest.Grid, config acctest.Attributes) acctest.Object {
	t.Helper()
	if len(grid.Images()) == 0 {
		grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
		grid.OutsideDone(t, "grid.image.save", "server", grid.ServerID(t, "golden"), "friendlyName", "golden")
	}
	s := grid.Session(t)
	plan := s.Plan(s.Absent(imageType), config)
	plan.Diagnostics.WantOK(t)
	object, diagnostics := s.Read(s.Assume(plan, acctest.Attributes{"id": fmt.Sprint(grid.Images()[0].ID)}))
	diagnostics.WantNone(t)
	return object
}

func files(all ...acctest.Attributes) acctest.Attributes {
	list := []any{}
	for _, file := range all {
		list = append(list, file)
	}
	return acctest.Attributes{"files": list}
}

// everything is an image with one of everything, and the paths of its files.
func everything(t *testing.T) (config acctest.Attributes, motd, setup string) {
	t.Helper()
	motd, setup = writeFile(t, "motd", "hello\n"), writeFile(t, "setup.sh", "#!/bin/sh\ntrue\n")
	return preparedWith(acctest.Attributes{
		"connection": acctest.Attributes{
			"username": "root", "port": 2222, "timeout": "5m", "password_wo": "hunter2", "password_wo_version": 1,
			"bastion": acctest.Attributes{"host": "gate", "private_key_wo": privateKey(t, ""), "private_key_wo_version": 1},
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

// changed is a configuration with something else in its prepare block, or in
// its connection block.
func changed(config acctest.Attributes, prepare, connection acctest.Attributes) acctest.Attributes {
	block := config["prepare"].(acctest.Attributes)
	if connection != nil {
		block = block.With(acctest.Attributes{"connection": block["connection"].(acctest.Attributes).With(connection)})
	}
	return config.With(acctest.Attributes{"prepare": block.With(prepare)})
}

var hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)
