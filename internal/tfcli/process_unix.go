// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package tfcli

import (
	"os"
	"os/exec"
	"syscall"
)

// detach puts a command into its own session, so that neither signals from keys
// of the terminal nor a hangup of the terminal reach the command.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

func interrupt(process *os.Process) error { return process.Signal(os.Interrupt) }

func terminate(process *os.Process) error { return process.Signal(syscall.SIGTERM) }

// killGroup kills all remaining processes of a process group, if there are any.
func killGroup(id int) { _ = syscall.Kill(-id, syscall.SIGKILL) }
