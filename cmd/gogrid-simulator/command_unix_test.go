// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"syscall"
	"testing"
)

// TestRunPassesASignalOnOnce signals the whole process group, as a shell, a
// timeout or a CI runner does. The command would count a second interrupt if it
// received the signal directly and also from the simulator.
func TestRunPassesASignalOnOnce(t *testing.T) {
	t.Parallel()
	p := prepare(t, "count")
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // its own group and session, without a terminal
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.expect(t, "waiting")
	interruptOnceThenEnd(t, p, func(sig syscall.Signal) error { return syscall.Kill(-p.Process.Pid, sig) })
}

// TestRunPassesOnASignalOfItsOwn signals only the simulator.
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

// interruptOnceThenEnd sends an interrupt and then SIGTERM. The command must
// count one interrupt, reach the grid after it, and end at SIGTERM.
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
