// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// imageServers returns the names of the servers that the example creates from
// its image.
func imageServers() []string { return []string{"web-01", "web-02", "web-03"} }

// TestAccImagePipelineExample applies the example on servers that boot. Every
// server must have the files of the image, and the next plan must be empty.
// After one byte of the image's files has changed, the plan must replace only
// the image and its servers.
func TestAccImagePipelineExample(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGuestGrid(t)
	b := newExampleRun(t, grid)
	b.Env = append(b.Env, "TF_VAR_ssh_port="+strconv.Itoa(grid.SSHPort))
	b.load(filepath.Join(examplesDir(t), "image-pipeline"))
	if output := b.apply(); strings.Contains(output, "Warning") {
		t.Errorf("apply warns:\n%s", output)
	}
	b.wantEmptyPlan()
	b.wantOnGrid(imageServers()...)

	conf := read(t, filepath.Join(b.Dir, "files", "site.conf"))
	for _, name := range imageServers() {
		if got := b.ssh(name, "cat", "/var/www/html/release.txt"); got != "release r1\n" {
			t.Errorf("release.txt of %s holds %q", name, got)
		}
		if got := b.sftp(name, "/etc/site/site.conf"); got != conf {
			t.Errorf("site.conf of %s differs (-file +server):\n%s", name, cmp.Diff(conf, got))
		}
	}

	changed := []byte(conf)
	changed[0] ^= 1
	b.must(b.Write("files/site.conf", string(changed)))
	want := map[string]string{"gogrid_mygsi_image.web": "create delete", "data.gogrid_leftovers.this": "read"}
	for _, name := range imageServers() {
		want[`gogrid_server.web["`+name+`"]`] = "delete create"
	}
	if diff := cmp.Diff(want, b.plannedChanges()); diff != "" {
		t.Errorf("the plan for one changed byte (-want +got):\n%s", diff)
	}
	b.ok("destroy", "-auto-approve", "-input=false", "-no-color")
	b.wantOnGrid()
}

// TestAccWindowsImagePipelineExample plans the example for Windows. It does not
// apply the plan, because the simulated grid runs no Windows guests.
func TestAccWindowsImagePipelineExample(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGrid(t)
	b := newExampleRun(t, grid)
	b.Env = append(b.Env, "TF_VAR_operator_password=canary-password")
	b.load(filepath.Join(examplesDir(t), "image-pipeline-windows"))
	b.ok("validate", "-no-color")
	want := map[string]string{
		"gogrid_mygsi_image.first": "create", "gogrid_mygsi_image.web": "create",
		"gogrid_server.web[0]": "create", "gogrid_server.web[1]": "create", "data.gogrid_leftovers.this": "read",
	}
	if diff := cmp.Diff(want, b.plannedChanges()); diff != "" {
		t.Errorf("planned (-want +got):\n%s", diff)
	}
	if plan := b.ok("show", "-json", "later.tfplan"); strings.Contains(plan, "canary-password") {
		t.Error("the plan holds the password")
	}
}

// wantOnGrid checks that the grid has exactly the named servers.
func (b *exampleRun) wantOnGrid(names ...string) {
	b.t.Helper()
	var got []string
	for _, server := range b.grid.Inspect().Servers {
		got = append(got, server.Name)
	}
	slices.Sort(got)
	if !slices.Equal(got, names) {
		b.t.Errorf("servers on the grid: %v, want %v", got, names)
	}
}

// ssh runs a command on a server with the OpenSSH client.
func (b *exampleRun) ssh(server string, argv ...string) string {
	b.t.Helper()
	return b.login("ssh", server, append([]string{"-n"}, b.loginOptions("-p")...), argv)
}

// sftp downloads a file from a server with the OpenSSH client.
func (b *exampleRun) sftp(server, path string) string {
	b.t.Helper()
	into := filepath.Join(b.t.TempDir(), "got")
	b.login("sftp", server, append([]string{"-q"}, b.loginOptions("-P")...), nil, path, into)
	return read(b.t, into)
}

func (b *exampleRun) loginOptions(port string) []string {
	return []string{
		port, strconv.Itoa(b.grid.SSHPort), "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
		"-o", "LogLevel=ERROR", "-o", "PreferredAuthentications=password", "-o", "PubkeyAuthentication=no",
	}
}

// login runs an OpenSSH client. An askpass program gives the client the
// password from the grid's list. If get holds a path on the server and a local
// path, login downloads that file.
func (b *exampleRun) login(client, server string, options, argv []string, get ...string) string {
	b.t.Helper()
	program, err := exec.LookPath(client)
	if err != nil {
		b.t.Skipf("OpenSSH's %s is not installed", client)
	}
	host := b.grid.Server(b.t, server)
	ask := filepath.Join(b.t.TempDir(), "ask")
	b.must(os.WriteFile(ask, []byte("#!/bin/sh\necho \"$GUEST_PASSWORD\"\n"), 0o700))
	address := "root@" + host.PublicIP
	if len(get) == 2 {
		address += ":" + get[0]
		argv = get[1:]
	}
	command := exec.CommandContext(b.t.Context(), program, append(append(options, address), argv...)...)
	command.Env = append(os.Environ(), "SSH_ASKPASS="+ask, "SSH_ASKPASS_REQUIRE=force", "GUEST_PASSWORD="+b.grid.Passwords(b.t)[server])
	var problems strings.Builder
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		b.t.Fatalf("%s to %s: %v\n%s%s", client, server, err, output, problems.String())
	}
	return string(output)
}
