// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInstallerForWindows checks the text of the installer. If PowerShell is
// installed, its parser checks the installer too.
func TestInstallerForWindows(t *testing.T) {
	t.Parallel()
	script := windowsInstaller + windowsDeploy
	t.Run("brackets", func(t *testing.T) {
		t.Parallel()
		if err := balanced(script); err != nil {
			t.Error(err)
		}
	})
	t.Run("secrets", func(t *testing.T) {
		t.Parallel()
		for _, word := range []string{"net use", "certutil", "-Password ", "ConvertTo-SecureString"} {
			if strings.Contains(script, word) {
				t.Errorf("the installer contains %q, which shows a password on a command line", word)
			}
		}
	})
	t.Run("parser", func(t *testing.T) {
		t.Parallel()
		pwsh, err := exec.LookPath("pwsh")
		if err != nil {
			t.Skip("PowerShell is not installed")
		}
		file := filepath.Join(t.TempDir(), "install.ps1")
		writeText(t, file, windowsLines(script))
		command := fmt.Sprintf("$problems = $null; [void][Management.Automation.Language.Parser]::ParseFile('%s', [ref]$null, [ref]$problems); $problems; exit $problems.Count", file)
		if output, err := exec.CommandContext(t.Context(), pwsh, "-NoProfile", "-Command", command).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, output)
		}
	})
}

// balanced returns an error if the brackets or quotes of a PowerShell script do
// not match. It does not support multi-line strings.
func balanced(script string) error {
	closing := map[byte]byte{'(': ')', '{': '}', '[': ']'}
	var open []byte
	var quote byte
	comment := false
	for i := 0; i < len(script); i++ {
		c := script[i]
		before := script[max(0, i-40) : i+1]
		switch {
		case c == '\n':
			if quote != 0 {
				return fmt.Errorf("%q is not closed at %q", quote, before)
			}
			comment = false
		case comment:
		case quote == '"' && c == '`':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '#':
			comment = true
		case c == '\'' || c == '"':
			quote = c
		case closing[c] != 0:
			open = append(open, closing[c])
		case c == ')' || c == '}' || c == ']':
			if len(open) == 0 || open[len(open)-1] != c {
				return fmt.Errorf("unmatched %q at %q", c, before)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("%d brackets are not closed", len(open))
	}
	return nil
}
