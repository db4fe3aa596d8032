// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func writeText(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestValuesUnderWine checks how Wine's cmd reads values. Wine mishandles
// variables with a percent sign, so only the model of cmd tests such variables.
func TestValuesUnderWine(t *testing.T) {
	t.Parallel()
	wine, err := exec.LookPath("wine")
	if err != nil {
		t.Skip("Wine is not installed; only the model of cmd tests the values")
	}
	for _, value := range append(hardToQuote(), odd) {
		line, err := cmdSet("VALUE", value)
		if err != nil || value == "" || strings.Contains(value, "%") {
			continue
		}
		script := filepath.Join(t.TempDir(), "value.cmd")
		writeText(t, script, "@echo off\r\nsetlocal DisableDelayedExpansion\r\n"+line+"\r\nset VALUE\r\n")
		cmd := exec.CommandContext(t.Context(), wine, "cmd", "/d", "/c", filepath.Base(script))
		cmd.Dir = filepath.Dir(script)
		cmd.Env = append(os.Environ(), "WINEDEBUG=-all")
		output, err := cmd.Output()
		if got := strings.TrimSuffix(string(output), "\r\n"); err != nil || got != "VALUE="+value {
			t.Errorf("cmd shows %q (%v), want %q", got, err, "VALUE="+value)
		}
	}
}
