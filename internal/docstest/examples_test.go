// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package docstest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// TestAccExamplePages runs the commands of each example's page as printed, in a
// copy of the example.
func TestAccExamplePages(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	if !r.alone {
		t.Skip("the pages print fixed addresses, so each command needs its own network namespace, which this host does not allow")
	}
	pages, err := filepath.Glob(filepath.Join(r.root, "examples", "*", "README.md"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("the examples have no pages: %v", err)
	}
	for _, page := range pages {
		name := filepath.Base(filepath.Dir(page))
		if name == "ci" {
			continue // its page describes a pipeline that internal/examplestest runs
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
			if err := tfcli.CopyConfiguration(dir, filepath.Dir(page)); err != nil {
				t.Fatal(err)
			}
			walker := *r
			walker.env = append(r.env[:len(r.env):len(r.env)], "STEPS="+steps, "GOGRID_SIMULATOR_SPEED=100")
			output, err := walker.run(t.Context(), dir, command)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(output, "Apply complete!") && !strings.Contains(output, "Plan: ") {
				t.Errorf("nothing was applied or planned:\n%s", output)
			}
		})
	}
}
