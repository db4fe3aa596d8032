// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"syscall"
	"testing"
)

// TestRunPassesASignalOnOnce sends to the whole process group, as a shell, a
// timeout or a CI runner does. The command would count a second interrupt if
// it got one by itself and one from the simulator.
func TestRunPassesASignalOnOnce(t *testing.T) {
	t.Parallel()
	p := prepare(t, "count")
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a group and a session of its own, without a terminal
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.expect(t, "waiting")
	interruptOnceThenEnd(t, p, func(sig syscall.Signal) error { return syscall.Kill(-p.Process.Pid, sig) })
}

// TestRunPassesOnASignalOfItsOwn sends to the simulator alone.
func TestRunPassesOnASignalOfItsOwn(t *testing.T) {
	t.Parallel()
	p := prepare(t, "count")
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.expect(t, "waiting")
	interruptOnceThenEnd(t, p, func(sig syscall.Signal) error { return syscall.Kill(p.Process.Pid, sig) })
}

// interruptOnceThenEnd expects one interrupt to be counted for one that was
// sent, with the grid still there to be asked, and SIGTERM to end the command.
func interruptOnceThenEnd(t *testing.T, p program, send func(syscall.Signal) error) {
	t.Helper()
	if err := send(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	p.expect(t, "interrupted, grid answers")
	if err := syscall.Kill(p.Process.Pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := p.end(t); code != 41 {
		t.Errorf("exit code = %d, want 41: 40 and one interrupt; standard error:\n%s", code, p.stderr)
	}
}
