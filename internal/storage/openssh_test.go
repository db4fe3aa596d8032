// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
	"github.com/gogrid/terraform-provider-gogrid/internal/testport"
)

// openSSH starts OpenSSH's own server on a loopback port, with a key for the user who
// runs the test.
func openSSH(t testing.TB) *share {
	t.Helper()
	program, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		t.Skip("OpenSSH's server is not installed (Debian package openssh-server)")
	}
	current, err := user.Current()
	if err != nil {
		t.Skipf("the user who runs this test is unknown: %v", err)
	}
	dir, port := t.TempDir(), testport.New(t)
	check(t, os.Mkdir(filepath.Join(dir, "share"), 0o755))
	for _, name := range []string{"host", "user"} {
		if text, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	config := fmt.Sprintf(`Port %[1]d
ListenAddress 127.0.0.1
HostKey %[2]s/host
AuthorizedKeysFile %[2]s/user.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
PidFile none
Subsystem sftp internal-sftp
`, port, dir)
	check(t, os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600))
	if os.Getuid() == 0 {
		check(t, os.MkdirAll("/run/sshd", 0o755)) // sshd needs this folder for privilege separation
	}
	server := exec.CommandContext(t.Context(), program, "-D", "-e", "-f", filepath.Join(dir, "config"))
	server.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	check(t, server.Start())
	t.Cleanup(func() {
		storagetest.Signal(storagetest.Tree(server.Process.Pid), syscall.SIGKILL)
		_ = server.Wait() // the server was killed
	})
	storagetest.AwaitPort(t, port)
	key, err := os.ReadFile(filepath.Join(dir, "user"))
	check(t, err)
	hostKey, err := os.ReadFile(filepath.Join(dir, "host.pub"))
	check(t, err)
	return &share{
		config: storage.Config{
			Protocol: storage.SFTP, Host: "127.0.0.1", Port: port, Share: filepath.Join(dir, "share"),
			Username: current.Username, PrivateKey: string(key), HostKey: string(hostKey),
		},
		dir:    filepath.Join(dir, "share"),
		freeze: func(_ testing.TB, yes bool) { freeze(storagetest.Tree(server.Process.Pid), yes) },
		kill:   func(testing.TB) { storagetest.Signal(storagetest.Tree(server.Process.Pid), syscall.SIGKILL) },
		cut:    func(testing.TB) { storagetest.Signal(storagetest.Tree(server.Process.Pid)[1:], syscall.SIGKILL) },
	}
}
