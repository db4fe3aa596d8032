// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// OpenSSH's clients work with a guest, and cannot reach files outside its disk.
func TestOpenSSHClients(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"ssh", "sftp", "ssh-keygen"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("OpenSSH's %s is not installed (Debian package openssh-client)", program)
		}
	}
	r := newRig(t)
	s := r.server(1)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "askpass"), []byte("#!/bin/sh\necho "+password+"\n"), 0o700))
	options := []string{"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-F", "/dev/null"}
	client := func(program string, input string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), program, append(options, args...)...)
		cmd.Env = append(os.Environ(), "SSH_ASKPASS="+filepath.Join(dir, "askpass"), "SSH_ASKPASS_REQUIRE=force", "DISPLAY=:0")
		cmd.Stdin = strings.NewReader(input)
		text, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s %v: %v\n%s", program, args, err, text)
		}
		return string(text)
	}
	port, at := fmt.Sprint(r.port), "root@"+s.PublicIP.String()
	if text := client("ssh", "from the input\n", "-p", port, at, "cat; hostname"); text != "from the input\nweb1\n" {
		t.Errorf("ssh prints %q", text)
	}
	if text := client("ssh", "echo a script; hostname\n", "-p", port, at); text != "a script\nweb1\n" {
		t.Errorf("a script on standard input prints %q", text)
	}
	if text := client("ssh", "cd /etc\npwd\nx=1\necho $x\nexit\n", "-tt", "-p", port, at); !strings.Contains(text, "/etc\r\n") || !strings.Contains(text, "\n1\r\n") {
		t.Errorf("a shell on a terminal prints %q", text)
	}
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, bytes.Repeat([]byte("0123456789"), 200_000), 0o640))
	client("sftp", fmt.Sprintf("put -p %s /srv/\nput %s\nls -l\nget file %s.back\nrename file renamed\nmkdir d\nln -s renamed link\nchmod 600 renamed\nrm link\nrmdir d\n", file, file, file),
		"-o", "BatchMode=no", "-b", "-", "-P", port, at)
	got, err := os.ReadFile(file + ".back")
	must(t, err)
	if len(got) != 2_000_000 {
		t.Errorf("sftp downloaded %d bytes, want 2000000", len(got))
	}
	if text := r.ok(s, "ls; stat -c '%a %s' /root/renamed"); text != "renamed\n600 2000000\n" {
		t.Errorf("the server holds %q", text)
	}
	for _, trick := range []string{"get /etc/../../../../../../etc/hostname x", "get /proc/self/environ x", "put " + file + " ../../../../../../../../tmp/escaped-from-a-guest", "ln -s /etc/hostname l\nget l x"} {
		cmd := exec.CommandContext(t.Context(), "sftp", append(options, "-o", "BatchMode=no", "-b", "-", "-P", port, at)...)
		cmd.Env = append(os.Environ(), "SSH_ASKPASS="+filepath.Join(dir, "askpass"), "SSH_ASKPASS_REQUIRE=force", "DISPLAY=:0")
		cmd.Stdin, cmd.Dir = strings.NewReader(trick+"\n"), dir
		_, _ = cmd.CombinedOutput()
		if text, err := os.ReadFile(filepath.Join(dir, "x")); err == nil {
			t.Errorf("%q downloaded %q", trick, text)
		}
		if _, err := os.Stat("/tmp/escaped-from-a-guest"); err == nil {
			t.Errorf("%q wrote a file on the host", trick)
		}
	}
}
