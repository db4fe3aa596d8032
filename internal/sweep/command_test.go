// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package sweep_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
	"github.com/gogrid/terraform-provider-gogrid/internal/sweep"
)

// run executes the command on a grid with additional environment variables, and
// returns its output and exit code.
func run(t *testing.T, grid *acctest.Grid, stdin string, variables []string, args ...string) (string, int) {
	t.Helper()
	getenv := func(name string) string {
		for _, entry := range append(grid.Env(), variables...) {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return ""
	}
	var output bytes.Buffer
	command := sweep.Command{
		Version: "test", Getenv: getenv, Clock: clockwork.NewRealClock(), Stdin: strings.NewReader(stdin), Stdout: &output, Stderr: &output,
	}
	code := command.Run(t.Context(), args)
	return output.String(), code
}

// want runs the command, and checks its exit code and that its output contains
// every text.
func want(t *testing.T, grid *acctest.Grid, stdin string, code int, texts []string, args ...string) {
	t.Helper()
	output, got := run(t, grid, stdin, nil, args...)
	if got != code {
		t.Errorf("%v ended with %d, want %d:\n%s", args, got, code, output)
	}
	for _, text := range texts {
		if !strings.Contains(output, text) {
			t.Errorf("%v does not print %q:\n%s", args, text, output)
		}
	}
}

// populated returns a grid with two servers of the deployment "shop".
func populated(t *testing.T) *acctest.Grid {
	t.Helper()
	grid := acctest.NewGrid(t)
	for n, name := range []string{"web-0", "web-1"} {
		grid.OutsideDone(t, "grid.server.add", "name", name, "image", "12834", "server.ram", "1GB", "ip", grid.Address(t, true, "US-West-1", n), "description", "[deployment/shop]")
	}
	return grid
}

// stateOf returns a state with a managed instance for each resource type and
// its attributes, and with two objects that the command must skip.
func stateOf(instances map[string]string) string {
	resources := []string{
		`{"mode":"data","type":"gogrid_server","instances":[{"attributes":{"id":"700002"}}]}`,
		`{"mode":"managed","type":"local_file","instances":[{"attributes":{"id":7,"name":["x"]}}]}`,
	}
	for kind, attributes := range instances {
		resources = append(resources, fmt.Sprintf(`{"mode":"managed","type":%q,"instances":[{"schema_version":0,"attributes":%s}]}`, kind, attributes))
	}
	return fmt.Sprintf(`{"version":4,"serial":3,"resources":[%s]}`, strings.Join(resources, ","))
}

func TestSweep(t *testing.T) {
	t.Parallel()
	grid := populated(t)
	state := stateOf(map[string]string{"gogrid_server": fmt.Sprintf(`{"id":%q,"name":"web-0","public_ip":"","private_ip":null}`, grid.ServerID(t, "web-0"))})
	file := filepath.Join(t.TempDir(), "terraform.tfstate")
	if err := os.WriteFile(file, []byte(state), 0o600); err != nil {
		t.Fatal(err)
	}
	lost := grid.ServerID(t, "web-1")
	listed := []string{`Leftovers of deployment "shop" (1):`, `server "web-1" (id ` + lost + ")", "terraform import gogrid_server.NAME " + lost}
	want(t, grid, state, sweep.ExitLeftovers, append(listed, "Nothing was removed", "--yes"), "--deployment", "shop", "--state", "-")
	want(t, grid, "", sweep.ExitLeftovers, listed, "--deployment=shop", "--state="+file)
	if changes := grid.Changes(); changes != 2 { // populated made two changes
		t.Errorf("a listing made %d changes", changes-2)
	}
	want(t, grid, state, sweep.ExitClean, []string{`Removed: server "web-1"`}, "--deployment", "shop", "--state", "-", "--yes")
	want(t, grid, state, sweep.ExitClean, []string{"has no leftovers"}, "--deployment", "shop", "--state", "-")
	if servers := grid.Inspect().Servers; len(servers) != 1 || servers[0].Name != "web-0" {
		t.Errorf("left on the grid: %+v", servers)
	}
	want(t, grid, "", sweep.ExitClean, []string{"has no leftovers"}, "--deployment", "blog", "--no-state", "--yes")
	want(t, grid, "", sweep.ExitClean, []string{`Removed: server "web-0"`}, "--deployment", "shop", "--no-state", "--yes")
	if servers := grid.Inspect().Servers; len(servers) != 0 {
		t.Errorf("left on the grid: %+v", servers)
	}
}

// TestRefusals checks that the command removes nothing unless its arguments are valid
// and the state belongs to the deployment.
func TestRefusals(t *testing.T) {
	t.Parallel()
	grid := populated(t)
	grid.OutsideDone(t, "grid.server.add", "name", "blog", "image", "12834", "server.ram", "1GB", "ip", grid.Address(t, true, "US-West-1", 2), "description", "[deployment/blog]")
	foreign := stateOf(map[string]string{"gogrid_server": fmt.Sprintf(`{"id":%q}`, grid.ServerID(t, "blog"))})
	for name, tc := range map[string]struct {
		args  []string
		stdin string
		code  int
		text  string
	}{
		"no deployment":        {[]string{"--no-state"}, "", sweep.ExitUsage, "--deployment is required"},
		"a deployment's form":  {[]string{"--deployment", "a/b", "--no-state"}, "", sweep.ExitUsage, "must be 1 to 60"},
		"no state":             {[]string{"--deployment", "shop"}, "", sweep.ExitUsage, "terraform state pull | "},
		"both":                 {[]string{"--deployment", "shop", "--state", "-", "--no-state"}, "", sweep.ExitUsage, "exclude each other"},
		"an argument":          {[]string{"--deployment", "shop", "--no-state", "all"}, "", sweep.ExitUsage, `unexpected argument "all"`},
		"an unknown flag":      {[]string{"--force"}, "", sweep.ExitUsage, "not defined: -force"},
		"a timeout":            {[]string{"--deployment", "shop", "--no-state", "--timeout", "0s"}, "", sweep.ExitUsage, "--timeout must be"},
		"a protocol":           {[]string{"--deployment", "shop", "--no-state", "--storage-protocol", "ftp"}, "", sweep.ExitUsage, "must be smb or sftp"},
		"an empty state":       {[]string{"--deployment", "shop", "--state", "-", "--yes"}, "\n", sweep.ExitError, "it is empty"},
		"no JSON":              {[]string{"--deployment", "shop", "--state", "-", "--yes"}, "Error: no state", sweep.ExitError, "it is not a Terraform state"},
		"an old state":         {[]string{"--deployment", "shop", "--state", "-", "--yes"}, `{"version":3}`, sweep.ExitError, "format version 3"},
		"another state":        {[]string{"--deployment", "shop", "--state", "-", "--yes"}, foreign, sweep.ExitError, "the state of another deployment"},
		"no such file":         {[]string{"--deployment", "shop", "--state", "/no/such/file", "--yes"}, "", sweep.ExitError, "read the state"},
		"no storage":           {[]string{"--deployment", "shop", "--no-state", "--yes", "--storage-host", "127.0.0.1", "--storage-username", "x"}, "", sweep.ExitError, "Cloud Storage"},
		"help is no complaint": {[]string{"--help"}, "", sweep.ExitClean, "Usage: terraform-provider-gogrid sweep"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, grid, tc.stdin, tc.code, []string{tc.text}, tc.args...)
		})
	}
	t.Cleanup(func() {
		if servers := grid.Inspect().Servers; len(servers) != 3 {
			t.Errorf("left on the grid: %+v", servers)
		}
	})
}

// TestSweepOfCloudStorage checks that a lease in the state and a lease of another
// owner are not removed.
func TestSweepOfCloudStorage(t *testing.T) {
	t.Parallel()
	grid, share := acctest.NewGrid(t), storagetest.Start(t)
	folder := filepath.Join(share.Dir, "leases", "private-ip")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for address, owner := range map[string]string{"10.110.0.5": "shop", "10.110.0.6": "shop", "10.110.0.7": "blog"} {
		text := fmt.Sprintf(`{"address":%q,"owner":%q,"label":"web","since":"2026-11-28T10:00:00Z"}`, address, owner)
		if err := os.WriteFile(filepath.Join(folder, address+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{
		"--deployment", "shop", "--state", "-", "--yes", "--storage-protocol", "sftp", "--storage-host", share.Host, "--storage-port", strconv.Itoa(share.Port),
		"--storage-host-key", share.HostKey, "--storage-username", storagetest.Username,
	}
	state := stateOf(map[string]string{"gogrid_private_ip": `{"id":"1","address":"10.110.0.5"}`})
	output, code := run(t, grid, state, []string{"GOGRID_STORAGE_PASSWORD=" + storagetest.Password}, args...)
	if code != sweep.ExitClean || !strings.Contains(output, `Removed: lease of 10.110.0.6 for "web"`) || strings.Contains(output, storagetest.Password) {
		t.Errorf("ended with %d:\n%s", code, output)
	}
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("%v remain, want two leases: %v", left, err)
	}
}

func TestSweepReadsTheCAFile(t *testing.T) {
	t.Parallel()
	secure, file := populated(t).OverTLS(t)
	for name, test := range map[string]struct {
		variables []string
		args      []string
		code      int
		text      string
	}{
		"flag":         {nil, []string{"--ca-file", file}, 3, "web-1"},
		"variable":     {[]string{"GOGRID_CA_CERTIFICATE_FILE=" + file}, nil, 3, "web-1"},
		"neither":      {nil, nil, 1, "GOGRID_CA_CERTIFICATE_FILE"},
		"no such file": {[]string{"GOGRID_CA_CERTIFICATE_FILE=/nowhere/ca.pem"}, nil, 1, "/nowhere/ca.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, code := run(t, secure, "", test.variables, append([]string{"--deployment=shop", "--no-state"}, test.args...)...)
			if code != test.code || !strings.Contains(output, test.text) {
				t.Errorf("the exit code is %d, want %d and %q in the output:\n%s", code, test.code, test.text, output)
			}
		})
	}
}
