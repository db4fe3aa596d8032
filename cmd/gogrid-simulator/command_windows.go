// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"os/exec"
)

// forwarded returns the signals that this process ignores while the command
// runs.
func forwarded() []os.Signal { return []os.Signal{os.Interrupt} }

// separate forwards no signals: a console sends Ctrl-C to all its processes.
func separate(*exec.Cmd) (pass func(os.Signal) bool) {
	return func(os.Signal) bool { return false }
}
