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

// isolated runs a shell script with its own loopback interface and folder of
// claims. The page's grid then gets the addresses that the page prints.
const isolated = `exec unshare --net --mount sh -c 'ip link set lo up && mount -t tmpfs none /run && mkdir -p -m 700 /run/user/$(id -u) && exec sh -ec "$SCRIPT"'`

// requireIsolation skips a test on a machine where a process cannot have its
// own network.
func requireIsolation(t *testing.T) {
	t.Helper()
	probe := exec.CommandContext(t.Context(), "unshare", "--net", "--mount", "sh", "-c", "ip link set lo up && mount -t tmpfs none /run")
	if output, err := probe.CombinedOutput(); err != nil {
		t.Skipf("the pages print fixed addresses, and there is no network namespace to have them in: %v %s", err, output)
	}
}

// TestAccExamplePages runs the commands of each example's page as printed, in a
// copy of the example.
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
			continue // its page describes a pipeline, which internal/examples runs
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
