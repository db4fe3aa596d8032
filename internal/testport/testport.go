// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Package testport reserves ports for servers that tests start as processes. A
// port that is only known to be free may be in use when the server begins to
// listen.
package testport

import (
	"syscall"
	"testing"
)

// New returns a port of 127.0.0.1 that no other test gets while this test runs.
// New binds the port but does not listen, so a server that the test starts can
// listen there. With SO_REUSEADDR, several sockets may have the same address as
// long as at most one socket listens.
func New(t testing.TB) int {
	t.Helper()
	socket, err := open()
	if err != nil {
		t.Fatalf("reserve a port: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Close(socket) }) // the socket only reserves the port
	address, err := syscall.Getsockname(socket)
	if err != nil {
		t.Fatalf("reserve a port: %v", err)
	}
	return address.(*syscall.SockaddrInet4).Port
}

// open returns a socket that is bound to a free port and that child processes
// do not inherit.
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
		_ = syscall.Close(socket) // the first error is returned
	}
	return socket, err
}
