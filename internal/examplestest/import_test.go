// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// TestAccImports imports the objects of a resource's example into an empty
// state, in each way that the example shows. The next apply must not create,
// destroy or change anything on the grid, and the plan after it must be empty.
func TestAccImports(t *testing.T) {
	t.Parallel()
	root := filepath.Join(examplesDir(t), "resources")
	// Number of updates after an import. An update writes attributes into the
	// state that only the configuration contains.
	updates := map[string]int{
		"gogrid_server":          0,
		"gogrid_sandbox":         0,
		"gogrid_mygsi_image":     1, // sandbox_id
		"gogrid_private_ip":      3, // label
		"gogrid_storage_object":  2, // source, content
		"gogrid_storage_channel": 1, // retain of the object
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		want, known := updates[entry.Name()]
		if !known {
			t.Errorf("the test has no number of updates for %s", entry.Name())
			continue
		}
		t.Run(entry.Name(), func(t *testing.T) {
			t.Parallel()
			testImports(t, filepath.Join(root, entry.Name()), changes{change: want})
		})
	}
}

func testImports(t *testing.T, dir string, want changes) {
	t.Helper()
	grid := acctest.NewGrid(t, acctest.WithCloudStorage)
	maker := newExampleRun(t, grid)
	maker.Env = append(maker.Env, grid.StorageEnv(t)...)
	maker.load(dir)
	maker.apply()
	made := maker.values()
	for name, bring := range map[string]func(*testing.T, *exampleRun, string, map[string]map[string]any){
		"import.sh":              importByCommand,
		"import-by-string-id.tf": importByBlock,
		"import-by-identity.tf":  importByIdentity,
	} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			b := newExampleRun(t, grid)
			b.Env = append(b.Env, grid.StorageEnv(t)...)
			b.load(dir)
			before := grid.Changes()
			bring(t, b, string(text), made)
			if planned := plannedChanges(t, b.apply()); planned != want {
				t.Errorf("after the import the plan is %+v, want %+v", planned, want)
			}
			b.wantEmptyPlan()
			if calls := grid.Changes() - before; calls != 0 {
				t.Errorf("the import and the applies made %d calls that change the grid", calls)
			}
		})
	}
}

// importOthers imports all resources except the one that the example imports.
func importOthers(b *exampleRun, but string, made map[string]map[string]any) {
	b.t.Helper()
	for address, values := range made {
		if address != but {
			b.ok("import", "-input=false", "-no-color", address, values["id"].(string))
		}
	}
}

var importCommand = regexp.MustCompile(`(?m)^terraform import (\S+) (\S+)$`)

// importByCommand runs the import script of an example, with the printed id
// replaced by the id of the existing object.
func importByCommand(t *testing.T, b *exampleRun, text string, made map[string]map[string]any) {
	t.Helper()
	found := importCommand.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no import command in\n%s", text)
	}
	address, shown := found[1], found[2]
	importOthers(b, address, made)
	script := strings.ReplaceAll(text, shown, actual(t, made[address], shown))
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no POSIX shell is installed")
	}
	b.shell(t.Context(), shell, script)
}

// shell runs a script in the workspace.
func (b *exampleRun) shell(ctx context.Context, shell, script string) {
	b.t.Helper()
	cmd := exec.CommandContext(ctx, shell, "-e", "-c", script)
	cmd.Dir, cmd.Env = b.Dir, b.Environ()
	if output, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("%s: %v\n%s", script, err, output)
	}
}

var (
	importTarget = regexp.MustCompile(`(?m)^  to = (\S+)$`)
	importID     = regexp.MustCompile(`(?m)^  id = "(.*)"$`)
	identityPair = regexp.MustCompile(`(?m)^    (\w+) = "(.*)"$`)
)

// importByBlock adds an import block with an id. The next apply imports the
// object.
func importByBlock(t *testing.T, b *exampleRun, text string, made map[string]map[string]any) {
	t.Helper()
	address := target(t, text)
	found := importID.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no id in\n%s", text)
	}
	importOthers(b, address, made)
	b.must(b.Write("import.tf", strings.ReplaceAll(text, found[1], actual(t, made[address], found[1]))))
}

// importByIdentity adds an import block with an identity. It skips the test if
// the engine does not support identities.
func importByIdentity(t *testing.T, b *exampleRun, text string, made map[string]map[string]any) {
	t.Helper()
	address := target(t, text)
	text = identityPair.ReplaceAllStringFunc(text, func(line string) string {
		pair := identityPair.FindStringSubmatch(line)
		value, ok := made[address][pair[1]].(string)
		if !ok {
			t.Errorf("%s has no attribute %s for its identity", address, pair[1])
		}
		return strings.ReplaceAll(line, pair[2], value)
	})
	if has := version.Must(version.NewVersion(b.Engine.Version)).Core(); has.LessThan(version.Must(version.NewVersion("1.12.0"))) {
		t.Skipf("%s %s does not support identities; version 1.12 does", b.Engine.Name(), b.Engine.Version)
	}
	importOthers(b, address, made)
	b.must(b.Write("import.tf", text))
}

func target(t *testing.T, text string) string {
	t.Helper()
	found := importTarget.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no import target in\n%s", text)
	}
	return found[1]
}

// actual returns the id or address of the existing object that replaces the
// printed value shown.
func actual(t *testing.T, values map[string]any, shown string) string {
	t.Helper()
	if values == nil {
		t.Fatal("the example imports an object that its configuration does not declare")
	}
	if address, ok := values["address"].(string); ok && strings.Contains(shown, ".") {
		return address
	}
	return values["id"].(string)
}

// changes counts the planned changes of an apply.
type changes struct{ add, change, remove int }

var planLine = regexp.MustCompile(`Plan:.* (\d+) to add, (\d+) to change, (\d+) to destroy`)

// plannedChanges reads the planned changes from the output of an apply.
func plannedChanges(t *testing.T, output string) changes {
	t.Helper()
	if strings.Contains(output, "No changes.") {
		return changes{}
	}
	var planned changes
	found := planLine.FindStringSubmatch(output)
	if found == nil {
		t.Fatalf("no plan in\n%s", output)
	}
	if _, err := fmt.Sscan(strings.Join(found[1:], " "), &planned.add, &planned.change, &planned.remove); err != nil {
		t.Fatal(err)
	}
	return planned
}
