// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/heldport"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// samba is Samba's own server on a loopback port, with a database of accounts of
// its own. Nothing of the machine's Samba is used.
func samba(t testing.TB) *share {
	t.Helper()
	return sambaIn(t, "")
}

// sambaIn is samba with its folder in a place that is not that for temporary
// files.
func sambaIn(t testing.TB, place string) *share {
	t.Helper()
	program, err := exec.LookPath("smbd")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/smbd"); err != nil {
			t.Skip("Samba's server is not installed (Debian package samba)")
		}
	}
	if os.Getuid() != 0 {
		t.Skip("the account that Samba maps logins to can be added to its database by root only")
	}
	dir, err := os.MkdirTemp(place, "smbd") //nolint:usetesting // paths of sockets must be short
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, folder := range []string{"share", "other", "private", "lock", "state", "cache", "pid", "ncalrpc"} {
		check(t, os.MkdirAll(filepath.Join(dir, folder), 0o755))
	}
	check(t, os.Chmod(filepath.Join(dir, "share"), 0o777))
	check(t, os.WriteFile(filepath.Join(dir, "users"), []byte("root = "+storagetest.Username+"\n"), 0o644))
	port := heldport.New(t)
	config := filepath.Join(dir, "smb.conf")
	check(t, os.WriteFile(config, fmt.Appendf(nil, sambaConfig, dir, port, storagetest.Username), 0o644))
	add := exec.CommandContext(t.Context(), "smbpasswd", "-c", config, "-s", "-a", "root")
	add.Stdin = strings.NewReader(strings.Repeat(storagetest.Password+"\n", 2))
	if text, err := add.CombinedOutput(); err != nil {
		t.Skipf("Samba takes no account: %v\n%s", err, text)
	}
	// On its end it signals its process group, which must not be the test's.
	server := exec.CommandContext(t.Context(), program, "-F", "--no-process-group", "--debug-stdout", "-s", config, "-p", fmt.Sprint(port), "-l", dir)
	server.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	log, err := os.Create(filepath.Join(dir, "log"))
	check(t, err)
	server.Stdout, server.Stderr = log, log
	check(t, server.Start())
	t.Cleanup(func() {
		signal(tree(server.Process.Pid), syscall.SIGKILL)
		_ = server.Wait() // it was killed
		_ = log.Close()
	})
	awaitPort(t, port)
	return &share{
		config: storage.Config{Protocol: storage.SMB, Host: "127.0.0.1", Port: port, Share: storagetest.Username, Username: storagetest.Username, Password: storagetest.Password},
		dir:    filepath.Join(dir, "share"),
		freeze: func(_ testing.TB, yes bool) { freeze(tree(server.Process.Pid), yes) },
		kill:   func(testing.TB) { signal(tree(server.Process.Pid), syscall.SIGKILL) },
		cut:    func(t testing.TB) { signal(clients(t, server.Process.Pid), syscall.SIGKILL) },
	}
}

// clients are the processes that serve connections; others keep house.
func clients(t testing.TB, server int) []int {
	t.Helper()
	var all []int
	for _, pid := range tree(server) {
		if title, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); strings.Contains(string(title), "client [") {
			all = append(all, pid)
		}
	}
	if len(all) == 0 {
		t.Skip("this Samba does not tell which of its processes serve connections")
	}
	return all
}

const sambaConfig = `[global]
private dir = %[1]s/private
lock directory = %[1]s/lock
state directory = %[1]s/state
cache directory = %[1]s/cache
pid directory = %[1]s/pid
ncalrpc dir = %[1]s/ncalrpc
username map = %[1]s/users
passdb backend = tdbsam:%[1]s/private/passdb.tdb
server role = standalone server
smb ports = %[2]d
interfaces = 127.0.0.1
bind interfaces only = yes
disable spoolss = yes
load printers = no
map to guest = never
log level = 0
[%[3]s]
path = %[1]s/share
read only = no
[readonly]
path = %[1]s/share
read only = yes
[forbidden]
path = %[1]s/other
valid users = nobody
`
