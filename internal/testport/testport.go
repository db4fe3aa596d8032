// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Package testport finds ports for servers that tests start as processes. A
// port that is only found to be free may be another's by the time that its
// server listens.
package testport

import (
	"syscall"
	"testing"
)

// New returns a port of 127.0.0.1 that nobody else is given while the test
// runs. Nobody answers there, but a server that the test starts may: sockets
// that may share an address may have the same one as long as one of them
// listens at most.
func New(t testing.TB) int {
	t.Helper()
	socket, err := open()
	if err != nil {
		t.Fatalf("hold a port: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Close(socket) }) // it holds the port only
	address, err := syscall.Getsockname(socket)
	if err != nil {
		t.Fatalf("hold a port: %v", err)
	}
	return address.(*syscall.SockaddrInet4).Port
}

// open makes a socket with a port that no process inherits.
func open() (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return 0, err
	}
	syscall.CloseOnExec(socket)
	if err = syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		err = syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err != nil {
		_ = syscall.Close(socket) // the error matters
	}
	return socket, err
}
