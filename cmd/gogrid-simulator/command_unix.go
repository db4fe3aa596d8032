// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// forwarded returns the signals that this process forwards to the command.
func forwarded() []os.Signal {
	return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}
}

// separate ensures that the command gets each signal once. The function that it
// returns reports whether a signal must be forwarded to the command. A second
// interrupt makes Terraform exit without waiting for its resources.
//
// In the foreground of a terminal, keys such as Ctrl-C signal the whole process
// group, which includes the command, and job control works for both processes.
// Otherwise the command gets its own process group, so that it receives only
// signals that this process forwards.
func separate(command *exec.Cmd) (pass func(os.Signal) bool) {
	if inForeground() {
		return func(sig os.Signal) bool { return sig != os.Interrupt && sig != syscall.SIGQUIT }
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return func(os.Signal) bool { return true }
}

// inForeground reports whether this process is in the foreground of a terminal,
// so that keys such as Ctrl-C signal it.
func inForeground() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer func() { _ = terminal.Close() }()
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
