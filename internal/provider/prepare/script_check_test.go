// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare_test

import (
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestScriptsThatLinuxMisreads checks that the plan rejects scripts and
// commands that a Linux server would misread, and that the error names the fix.
// The plan warns about scripts without an interpreter line. For a server with
// WinRM it accepts all of them.
func TestScriptsThatLinuxMisreads(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	script := func(text string) acctest.Attributes {
		return acctest.Attributes{"scripts": []any{providertest.WriteFile(t, "setup.sh", text)}}
	}
	upload := func(text string) acctest.Attributes {
		return providertest.FilesBlock(acctest.Attributes{"content": text, "destination": "/etc/init.d/app"})
	}
	const crlf, mark = `bad interpreter: /bin/sh\^M.*dos2unix`, "byte order mark"
	for name, tc := range map[string]struct {
		prepare     acctest.Attributes
		at          string
		fails       bool
		pattern     string
		windowsRuns bool
	}{
		"Windows line ends":         {script("#!/bin/sh\r\ntrue\r\n"), "prepare.scripts[0]", true, crlf, true},
		"one Windows line end":      {script("#!/bin/sh\ntrue\r\ntrue\n"), "prepare.scripts[0]", true, crlf, true},
		"byte order mark":           {script("\ufeff#!/bin/sh\ntrue\n"), "prepare.scripts[0]", true, mark, true},
		"UTF-16":                    {script("\xff\xfe#\x00!\x00"), "prepare.scripts[0]", true, "UTF-16", true},
		"no interpreter line":       {script("true\n"), "prepare.scripts[0]", false, "such as #!/bin/sh or #!/bin/bash", true},
		"empty script":              {script("\n"), "prepare.scripts[0]", false, "holds no command", true},
		"command with line ends":    {acctest.Attributes{"commands": []any{"true", "true\r\ntrue\r\n"}}, "prepare.commands[1]", true, crlf, true},
		"prep command":              {acctest.Attributes{"prep_command": "gogrid-prep\r\n"}, "prepare.prep_command", true, crlf, true},
		"uploaded script":           {upload("#!/bin/sh\r\ntrue\r\n"), "prepare.files[0]", false, crlf, true},
		"uploaded text":             {upload("hello\r\n"), "", false, "", false},
		"a correct script":          {script("#!/bin/sh\ntrue\n"), "", false, "", false},
		"a script for another tool": {script("#!/usr/bin/perl\nprint 1;\n"), "", false, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diagnostics := providertest.PlanImage(t, grid, providertest.PreparedImage(tc.prepare)).Diagnostics
			switch {
			case tc.fails:
				diagnostics.WantError(t, tc.at, tc.pattern)
			case tc.at != "":
				diagnostics.WantWarning(t, tc.at, tc.pattern)
				diagnostics.WantOK(t)
			default:
				diagnostics.WantNone(t)
			}
			if tc.windowsRuns {
				windows := tc.prepare.With(acctest.Attributes{"connection": acctest.Attributes{"type": "winrm"}})
				if _, files := tc.prepare["files"]; !files {
					providertest.PlanImage(t, grid, providertest.PreparedImage(windows)).Diagnostics.WantOK(t)
				}
			}
		})
	}
}

// TestPasswordFromFile checks that the newline that file() keeps at the end of a
// password is removed with a warning.
func TestPasswordFromFile(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config := providertest.ConnectedImage(acctest.Attributes{"password_wo": "hunter2\r\n", "password_wo_version": 1})
	diagnostics := providertest.PlanImage(t, grid, config).Diagnostics
	diagnostics.WantWarning(t, "prepare.connection.password_wo", "newline at its end", "trimspace")
	if diagnostics.String() == "" || len(diagnostics.Errors()) > 0 {
		t.Errorf("the diagnostics are %s, want a warning only", diagnostics)
	}
}
