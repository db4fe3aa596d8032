// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// environmentFile is what a shell reads to work on a kept grid.
const environmentFile = "env.sh"

// keep leaves the grid running and tells how to use and how to end it.
func (d *demo) keep() error {
	var env strings.Builder
	for _, entry := range append(d.workspace.Env, "TF_CLI_CONFIG_FILE="+d.workspace.CLIConfig(), "CHECKPOINT_DISABLE=1") {
		name, value, _ := strings.Cut(entry, "=")
		fmt.Fprintf(&env, "export %s=%s\n", name, quote(value))
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(d.workspace.Dir), environmentFile), []byte(env.String()), 0o600); err != nil {
		return err
	}
	program := d.Engine.Command()
	fmt.Fprintf(d.out, "\n%s\n\n", d.paint(bold, "The grid goes on. To use it:"))
	fmt.Fprintf(d.out, "   cd %s && . ../%s\n", quote(d.workspace.Dir), environmentFile)
	fmt.Fprintf(d.out, "   %s plan        # change a file of it first\n", program)
	fmt.Fprintf(d.out, "   curl %s/bill   # also /state, /counters, /clock\n", d.simulator.Admin)
	fmt.Fprintf(d.out, "\n%s\n\n", d.paint(bold, "To end it:"))
	fmt.Fprintf(d.out, "   kill %d && rm -rf %s\n\n", d.simulator.PID, quote(d.dir))
	return nil
}

// quote makes a word for a shell.
func quote(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:=,"
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
