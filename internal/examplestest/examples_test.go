// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// builds compiles the provider for all tests.
var builds = tfcli.NewBuilds("")

func TestMain(m *testing.M) {
	m.Run()
	if err := builds.Close(); err != nil {
		panic(err)
	}
}

// examplesDir returns the directory of all examples.
func examplesDir(t *testing.T) string {
	t.Helper()
	root, err := tfcli.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "examples")
}

// exampleRun is a workspace with an example, and its grid.
type exampleRun struct {
	*tfcli.Workspace
	t    *testing.T
	grid *acctest.Grid
}

// newExampleRun creates a workspace on a grid. It skips the test if there is no
// engine. Scripts find the engine under the name terraform on the PATH, even if
// the engine is OpenTofu.
func newExampleRun(t *testing.T, grid *acctest.Grid) *exampleRun {
	t.Helper()
	found := requireEngine(t)
	programs, err := builds.Programs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	workspace, err := tfcli.NewWorkspace(found, dir, tfcli.Program(programs, ""))
	if err != nil {
		t.Fatal(err)
	}
	workspace.Env = append(grid.Env(), "PATH="+onPath(t, found.Path))
	return &exampleRun{Workspace: workspace, t: t, grid: grid}
}

func requireEngine(t *testing.T) *tfcli.Engine {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs Terraform: set TF_ACC=1, as \"make test\" does")
	}
	found, err := tfcli.Find(t.Context())
	if err != nil {
		t.Skipf("no engine to run examples with: %v", err)
	}
	return found
}

// onPath returns a PATH on which the program has the name terraform.
func onPath(t *testing.T, program string) string {
	t.Helper()
	dir := t.TempDir()
	program, err := filepath.Abs(program)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(dir, "terraform"+filepath.Ext(program))); err != nil {
		t.Skipf("cannot link the engine: %v", err)
	}
	return dir + string(filepath.ListSeparator) + os.Getenv("PATH")
}

// requirement is a block that some examples omit for brevity.
const requirement = `terraform {
  required_providers {
    gogrid = {
      source = "gogrid/gogrid"
    }
  }
}
`

// load copies an example without its import files, and initializes it.
func (b *exampleRun) load(dir string) {
	b.t.Helper()
	b.must(tfcli.CopyConfiguration(b.Dir, dir))
	complete := false
	files, err := filepath.Glob(filepath.Join(b.Dir, "*.tf"))
	b.must(err)
	for _, path := range files {
		if strings.HasPrefix(filepath.Base(path), "import-") {
			b.must(os.Remove(path))
			continue
		}
		text, err := os.ReadFile(path)
		b.must(err)
		complete = complete || strings.Contains(string(text), "required_providers")
	}
	if !complete {
		b.must(b.Write("versions.tf", requirement))
	}
	b.ok("init", "-input=false", "-no-color")
}

func (b *exampleRun) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// code runs the engine and checks the exit code. It returns the output.
func (b *exampleRun) code(want int, args ...string) string {
	b.t.Helper()
	output, code, err := b.Run(b.t.Context(), args...)
	if err != nil || code != want {
		b.t.Fatalf("terraform %s: code %d (%v), want %d\n%s", strings.Join(args, " "), code, err, want, output)
	}
	return output
}

func (b *exampleRun) ok(args ...string) string {
	b.t.Helper()
	return b.code(0, args...)
}

func (b *exampleRun) apply() string {
	b.t.Helper()
	return b.ok("apply", "-auto-approve", "-input=false", "-no-color")
}

// wantEmptyPlan checks that the next plan is empty.
func (b *exampleRun) wantEmptyPlan() {
	b.t.Helper()
	b.ok("plan", "-detailed-exitcode", "-input=false", "-no-color")
}

// values returns the attributes of all resources in the state, by address.
func (b *exampleRun) values() map[string]map[string]any {
	b.t.Helper()
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address, Mode string
					Values        map[string]any
				}
			} `json:"root_module"`
		}
	}
	text, err := b.Command(b.t.Context(), "show", "-json").Output()
	b.must(err)
	b.must(json.Unmarshal(text, &state))
	all := map[string]map[string]any{}
	for _, resource := range state.Values.RootModule.Resources {
		if resource.Mode == "managed" {
			all[resource.Address] = resource.Values
		}
	}
	return all
}

// plannedChanges returns the actions of a plan, by address.
func (b *exampleRun) plannedChanges() map[string]string {
	b.t.Helper()
	b.ok("plan", "-out=later.tfplan", "-input=false", "-no-color")
	var plan struct {
		Changes []struct {
			Address string
			Change  struct{ Actions []string }
		} `json:"resource_changes"`
	}
	text, err := b.Command(b.t.Context(), "show", "-json", "later.tfplan").Output()
	b.must(err)
	b.must(json.Unmarshal(text, &plan))
	changes := map[string]string{}
	for _, change := range plan.Changes {
		if actions := strings.Join(change.Change.Actions, " "); actions != "no-op" {
			changes[change.Address] = actions
		}
	}
	return changes
}
