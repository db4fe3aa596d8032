// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storagetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/testport"
)

// Samba is Samba's own server on a loopback port, with its own database of accounts.
// It ignores the case of names. Its share has the name of the account.
type Samba struct {
	// Dir is the folder that the share serves.
	Dir  string
	Host string
	Port int
	// PID is the process id of the server.
	PID int
}

// StartSamba starts a server that stops at the end of the test. It skips the test if
// Samba is not installed. The server's folder is created in place; an empty place
// means the folder for temporary files. The configuration of the machine's own Samba
// is not used.
func StartSamba(t testing.TB, place string) *Samba {
	t.Helper()
	program, err := exec.LookPath("smbd")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/smbd"); err != nil {
			t.Skip("Samba's server is not installed (Debian package samba)")
		}
	}
	if os.Getuid() != 0 {
		t.Skip("only root can add the account that Samba maps logins to")
	}
	dir, err := os.MkdirTemp(place, "smbd") //nolint:usetesting // paths of sockets must be short
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, folder := range []string{"share", "other", "private", "lock", "state", "cache", "pid", "ncalrpc"} {
		must(t, os.MkdirAll(filepath.Join(dir, folder), 0o750))
	}
	must(t, os.Chmod(filepath.Join(dir, "share"), 0o777)) //nolint:gosec // the folder of a test
	must(t, os.WriteFile(filepath.Join(dir, "users"), []byte("root = "+Username+"\n"), 0o600))
	port := testport.New(t)
	config := filepath.Join(dir, "smb.conf")
	must(t, os.WriteFile(config, fmt.Appendf(nil, sambaConfig, dir, port, Username), 0o600))
	add := exec.CommandContext(t.Context(), "smbpasswd", "-c", config, "-s", "-a", "root") //nolint:gosec // paths of the test
	add.Stdin = strings.NewReader(strings.Repeat(Password+"\n", 2))
	if text, err := add.CombinedOutput(); err != nil {
		t.Skipf("cannot add an account to Samba: %v\n%s", err, text)
	}
	// At its end smbd signals its process group, which must not be the test's.
	server := exec.CommandContext(t.Context(), program, "-F", "--no-process-group", "--debug-stdout", "-s", config, "-p", fmt.Sprint(port), "-l", dir) //nolint:gosec // paths of the test
	server.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	log, err := os.Create(filepath.Join(dir, "log"))
	must(t, err)
	server.Stdout, server.Stderr = log, log
	must(t, server.Start())
	t.Cleanup(func() {
		Signal(Tree(server.Process.Pid), syscall.SIGKILL)
		_ = server.Wait() // the server was killed
		_ = log.Close()
	})
	AwaitPort(t, port)
	return &Samba{Dir: filepath.Join(dir, "share"), Host: "127.0.0.1", Port: port, PID: server.Process.Pid}
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
