// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// TestAccServerPasswordExample applies the example of the ephemeral password.
// The password must be in the file and nowhere else.
func TestAccServerPasswordExample(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the example is for a POSIX shell")
	}
	grid := acctest.NewGrid(t)
	b := newExampleRun(t, grid)
	b.load(filepath.Join(examplesDir(t), "ephemeral-resources", "gogrid_server_password"))
	output := b.apply()
	b.wantEmptyPlan()

	password := passwordOf(t, grid, "web")
	kept := filepath.Join(b.Dir, "web.login")
	if got, want := read(t, kept), password.Username+"\n"+password.Password+"\n"; got != want {
		t.Errorf("the file has %q, want %q", got, want)
	}
	if info, err := os.Stat(kept); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("other users can read the file: %v, %v", info, err)
	}
	for where, text := range map[string]string{"output": output, "state": read(t, filepath.Join(b.Dir, "terraform.tfstate"))} {
		if strings.Contains(text, password.Password) {
			t.Errorf("the password is in the %s", where)
		}
	}
	b.ok("destroy", "-auto-approve", "-input=false", "-no-color")
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// passwordOf returns the password of a server from the grid's list.
func passwordOf(t *testing.T, grid *acctest.Grid, server string) client.Password {
	t.Helper()
	c, err := client.New(grid.Key.APIKey, grid.Key.SharedSecret, client.WithEndpoint(grid.Endpoint))
	if err != nil {
		t.Fatal(err)
	}
	passwords, err := c.Passwords.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, password := range passwords {
		if password.Server != nil && password.Server.Name == server {
			return password
		}
	}
	t.Fatalf("the grid lists no password for %s", server)
	return client.Password{}
}
