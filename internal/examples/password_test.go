// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examples

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// vault stands for HashiCorp Vault's program: it keeps what it is told.
const vault = "#!/bin/sh\nprintf '%s\\n' \"$*\" > \"$VAULT_DIR/arguments\"\ncat > \"$VAULT_DIR/password\"\n"

// TestAccServerPasswordExample applies the example of the ephemeral password:
// the vault gets the password that the grid has, and nothing else ever does.
func TestAccServerPasswordExample(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the example is for a POSIX shell")
	}
	grid := acctest.NewGrid(t)
	b := newBench(t, grid)
	dir := t.TempDir()
	b.must(os.WriteFile(filepath.Join(dir, "vault"), []byte(vault), 0o700))
	path := b.Env[len(b.Env)-1]
	b.Env[len(b.Env)-1] = strings.Replace(path, "PATH=", "PATH="+dir+string(filepath.ListSeparator), 1)
	b.Env = append(b.Env, "VAULT_DIR="+dir)

	b.load(filepath.Join(examplesDir(t), "ephemeral-resources", "gogrid_server_password"))
	output := b.apply()
	b.wantEmptyPlan()

	password := passwordOf(t, grid, "web")
	if kept := read(t, filepath.Join(dir, "password")); kept != password.Password {
		t.Errorf("the vault has %q, the grid %q", kept, password.Password)
	}
	arguments := read(t, filepath.Join(dir, "arguments"))
	if want := "kv put secret/web username=" + password.Username + " password=-\n"; arguments != want {
		t.Errorf("the vault was called with %q, want %q", arguments, want)
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

// passwordOf asks the grid for the password of a server.
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
	t.Fatalf("the grid has no password of %s", server)
	return client.Password{}
}
