// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRunLeavesTheTerminalsKeysToTheTerminal types Ctrl-C. The terminal itself
// interrupts the simulator and the command, so the simulator must not forward the
// interrupt.
func TestRunLeavesTheTerminalsKeysToTheTerminal(t *testing.T) {
	t.Parallel()
	keyboard, terminal := openTerminal(t)
	p := prepare(t, "count")
	p.Stdin = terminal
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.expect(t, "waiting")
	interruptOnceThenEnd(t, p, func(syscall.Signal) error {
		_, err := keyboard.Write([]byte{3}) // Ctrl-C
		return err
	})
}

// openTerminal creates a pseudo terminal and returns both ends.
func openTerminal(t *testing.T) (keyboard, terminal *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("needs a pseudo terminal: %v", err)
	}
	t.Cleanup(func() { _ = keyboard.Close() })
	if err := unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	return keyboard, terminal
}
