// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"context"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"
)

// heldPort is a loopback port that nobody else is given while the test runs.
// Nobody answers there, but a server that the test starts may: sockets that may
// share an address may have the same one as long as one of them listens at most.
func heldPort(t testing.TB) int {
	t.Helper()
	syscall.ForkLock.RLock()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(socket)
	}
	syscall.ForkLock.RUnlock()
	check(t, err)
	t.Cleanup(func() { _ = syscall.Close(socket) })
	check(t, syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1))
	check(t, syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	address, err := syscall.Getsockname(socket)
	check(t, err)
	return address.(*syscall.SockaddrInet4).Port
}

// awaitPort waits until somebody answers there.
func awaitPort(t testing.TB, port int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), ample)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("the server does not answer: %v", err)
		}
	}
}
