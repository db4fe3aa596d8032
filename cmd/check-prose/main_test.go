// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunPrintsFindings(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "page.md")
	content := strings.Join([]string{"# Title", "", "It waits in", "vain."}, "\n")
	if err := os.WriteFile(page, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run([]string{page}, &out); err == nil || !strings.Contains(err.Error(), "faults found: 1") {
		t.Errorf("run() = %v, want one fault", err)
	}
	if !strings.HasPrefix(out.String(), page+":3: ") || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("printed %q, want one line about line 3 of the page", out.String())
	}
}

func TestRunWithoutFindings(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run([]string{t.TempDir()}, &out); err != nil || out.Len() > 0 {
		t.Errorf("run() = %v and printed %q, want neither", err, out.String())
	}
}

func TestRunReportsUnneededExceptions(t *testing.T) {
	t.Chdir(t.TempDir())
	var out bytes.Buffer
	if err := run(nil, &out); err == nil || !strings.Contains(out.String(), "allowed.txt") {
		t.Errorf("run() = %v and printed %q, want the exceptions that an empty folder does not need", err, out.String())
	}
}
