// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// samba starts a share on Samba's own server.
func samba(t testing.TB) *share {
	t.Helper()
	return sambaIn(t, "")
}

// sambaIn is like samba, but creates the server's folder in place.
func sambaIn(t testing.TB, place string) *share {
	t.Helper()
	server := storagetest.StartSamba(t, place)
	return &share{
		config: storage.Config{
			Protocol: storage.SMB, Host: server.Host, Port: server.Port, Share: storagetest.Username,
			Username: storagetest.Username, Password: storagetest.Password,
		},
		dir:    server.Dir,
		freeze: func(_ testing.TB, yes bool) { freeze(storagetest.Tree(server.PID), yes) },
		kill:   func(testing.TB) { storagetest.Signal(storagetest.Tree(server.PID), syscall.SIGKILL) },
		cut:    func(t testing.TB) { storagetest.Signal(clients(t, server.PID), syscall.SIGKILL) },
	}
}

// clients returns the server processes that serve connections.
func clients(t testing.TB, server int) []int {
	t.Helper()
	var all []int
	for _, pid := range storagetest.Tree(server) {
		if title, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); strings.Contains(string(title), "client [") {
			all = append(all, pid)
		}
	}
	if len(all) == 0 {
		t.Skip("this Samba does not show which of its processes serve connections")
	}
	return all
}
