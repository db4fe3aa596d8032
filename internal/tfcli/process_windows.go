// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"os"
	"os/exec"
	"syscall"
)

// detach puts a command into its own process group, so that keys of the
// terminal do not interrupt the command.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// interrupt kills the process, because Windows cannot signal a single process.
func interrupt(process *os.Process) error { return process.Kill() }

func terminate(process *os.Process) error { return process.Kill() }

func killGroup(int) {}
