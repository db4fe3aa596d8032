// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package docstest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// isolated runs a shell script with a loopback interface and a folder of running
// grids of its own, so that the addresses that a page prints are those of the
// page's grid.
const isolated = `exec unshare --net --mount sh -c 'ip link set lo up && mount -t tmpfs none /run && mkdir -p -m 700 /run/user/$(id -u) && exec sh -ec "$SCRIPT"'`

// requireIsolation skips a test where a process cannot have a network of its own.
func requireIsolation(t *testing.T) {
	t.Helper()
	probe := exec.CommandContext(t.Context(), "unshare", "--net", "--mount", "sh", "-c", "ip link set lo up && mount -t tmpfs none /run")
	if output, err := probe.CombinedOutput(); err != nil {
		t.Skipf("the pages print fixed addresses, and there is no network namespace to have them in: %v %s", err, output)
	}
}

// TestAccExamplePages follows the page of each example with its commands as
// printed, in a copy of the example.
func TestAccExamplePages(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	requireIsolation(t)
	pages, err := filepath.Glob(filepath.Join(r.root, "examples", "*", "README.md"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("the examples have no pages: %v", err)
	}
	for _, page := range pages {
		name := filepath.Base(filepath.Dir(page))
		if name == "ci" {
			continue // its page explains a pipeline; the tests of the examples run the pipeline
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			command, steps, err := walkthrough(string(text))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Dir(page))); err != nil {
				t.Fatal(err)
			}
			alone := &reader{r.root, append(r.env[:len(r.env):len(r.env)],
				"SCRIPT="+command, "STEPS="+steps, "GOGRID_SIMULATOR_SPEED=100")}
			output, err := alone.run(t.Context(), dir, isolated)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(output, "Apply complete!") && !strings.Contains(output, "Plan: ") {
				t.Errorf("nothing was applied or planned:\n%s", output)
			}
		})
	}
}
