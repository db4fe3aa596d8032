// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import "github.com/hashicorp/terraform-plugin-framework/diag"

// Patterns for commands that restart a server.
var (
	rebootCommand = commandPattern(`(?:reboot|(?:tel)?init\s+6|systemctl\s+(?:-\S+\s+)*(?:reboot|kexec))(?:\s|[;&|)]|$)`)
	shutdownR     = commandPattern(`shutdown(?:\.exe)?\s(?:[^;&|]*\s)?[-/](?:r|g|-reboot)(?:\s|[;&|)]|$)`)
	restartCmdlet = commandPattern(`Restart-Computer(?:\s|[;&|)}]|$)`)
)

// Restarts reports whether a command or script contains a known command that restarts
// the server. It is false for a restart step.
func (s Step) Restarts() bool {
	for _, statement := range statements(s.text()) {
		if rebootCommand.MatchString(statement.bare) || shutdownR.MatchString(statement.bare) || restartCmdlet.MatchString(statement.bare) {
			return true
		}
	}
	return false
}

// RestartWarnings returns one warning that names all commands and scripts that restart
// the server.
func RestartWarnings(steps []Step) diag.Diagnostics {
	var found places
	for _, step := range steps {
		if step.Restarts() {
			found.add(step.At, step.Name)
		}
	}
	return found.warning("A command restarts the server", "Found in: ",
		"A restart ends the login, so the build fails at this command or at the next one. "+RestartAdvice)
}

// RestartAdvice explains how to restart a server in the middle of a recipe.
const RestartAdvice = "Use steps in place of commands and scripts, and write { restart = true } in place of the command that restarts the server. " +
	"The provider then restarts the server, logs in again and runs the next step."
