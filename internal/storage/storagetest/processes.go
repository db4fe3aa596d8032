// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storagetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Tree returns the ids of a process and all of its descendants. The process itself is
// first.
func Tree(pid int) []int {
	all := []int{pid}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, word := range strings.Fields(string(children)) {
		if child, err := strconv.Atoi(word); err == nil {
			all = append(all, Tree(child)...)
		}
	}
	return all
}

// Signal sends a signal to processes. It ignores processes that have ended.
func Signal(pids []int, what syscall.Signal) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, what) // the process may have ended
	}
}

// portLimit bounds the wait for a server's port. No machine is so slow.
const portLimit = 2 * time.Minute

// AwaitPort waits until a server accepts connections on a loopback port.
func AwaitPort(t testing.TB, port int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), portLimit)
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
