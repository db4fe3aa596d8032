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

// forwarded are the signals that are passed on to the command.
func forwarded() []os.Signal {
	return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}
}

// separate sees to it that the command gets each signal once, and tells which
// ones have to be passed on to it. That matters: Terraform takes a second
// interrupt for the order to drop everything.
//
// In the foreground of a terminal the keys reach the whole process group, the
// command included, and job control works on both. Anywhere else the command
// gets a group of its own, so that a signal sent to ours comes to it only by us.
func separate(command *exec.Cmd) (pass func(os.Signal) bool) {
	if inForeground() {
		return func(sig os.Signal) bool { return sig != os.Interrupt && sig != syscall.SIGQUIT }
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return func(os.Signal) bool { return true }
}

// inForeground tells whether a terminal's keys send their signals to this process.
func inForeground() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer func() { _ = terminal.Close() }()
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
