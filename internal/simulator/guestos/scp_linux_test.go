// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
)

// exchange sends all input of a conversation to a command and returns its
// output and exit code.
func (r *rig) exchange(s guestos.Server, command, input string) (string, error) {
	r.t.Helper()
	client, err := r.dial(s, "root", password)
	must(r.t, err)
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	must(r.t, err)
	session.Stdin = strings.NewReader(input)
	var output bytes.Buffer
	session.Stdout = &output
	err = session.Run(command)
	return output.String(), err
}

// The guest's side of the protocol is compared byte by byte.
func TestSCPProtocol(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	r.ok(s, "mkdir -p /srv/d/sub; echo one > /srv/d/one; chmod 640 /srv/d/one; echo two > /srv/d/sub/two; touch -d @1254398400 /srv/d/one")
	for _, c := range []struct {
		command, input, want string
		fails                bool
		then, shows          string
	}{
		{command: "scp -vt /tmp", input: "C0755 3 f\nabc\x00", want: "\x00\x00\x00", then: "cat /tmp/f; stat -c %a /tmp/f", shows: "abc755\n"},
		{command: "scp -t -- /tmp/g", input: "C0600 3 f\nabc\x00", want: "\x00\x00\x00", then: "cat /tmp/g; stat -c %a /tmp/g", shows: "abc600\n"},
		{command: "scp -t rel", input: "C0644 1 f\nx\x00", want: "\x00\x00\x00", then: "cat /root/rel", shows: "x"},
		{command: "scp -t /tmp/g", input: "C0644 1 f\nx\x00", want: "\x00\x00\x00", then: "cat /tmp/g; stat -c %a /tmp/g", shows: "x600\n"},
		{command: "scp -pt /tmp/g", input: "T1254398400 0 1254398401 0\nC0644 1 f\ny\x00", want: "\x00\x00\x00\x00", then: "stat -c '%a %Y' /tmp/g", shows: "644 1254398400\n"},
		{command: "scp -rvt /tmp", input: "D0750 0 dir\nD0755 0 in\nC0644 1 f\nx\x00E\nC0644 1 g\ny\x00E\n", want: strings.Repeat("\x00", 9), then: "cat /tmp/dir/in/f /tmp/dir/g; stat -c %a /tmp/dir", shows: "xy750\n"},
		{command: "scp -rt /tmp/new", input: "D0755 0 dir\nC0644 1 f\nx\x00E\n", want: strings.Repeat("\x00", 5), then: "cat /tmp/new/f", shows: "x"},
		{command: "scp -t /tmp", input: "C0644 0 empty\n\x00C0644 1 h\nz\x00", want: strings.Repeat("\x00", 5), then: "cat /tmp/empty /tmp/h", shows: "z"},
		{command: "scp -t /tmp", input: "", want: "\x00"},
		{command: "scp -t /none/x", input: "C0644 3 f\n", want: "\x00\x01scp: /none/x: No such file or directory\n", fails: true},
		{command: "scp -t -d /none", input: "C0644 3 f\nabc\x00", want: "\x01scp: /none: No such file or directory\n", fails: true},
		{command: "scp -t -d /etc/passwd", input: "", want: "\x01scp: /etc/passwd: Not a directory\n", fails: true},
		{command: "scp -t /etc/passwd/x", input: "C0644 3 f\n", want: "\x00\x01scp: /etc/passwd/x: Not a directory\n", fails: true},
		{command: "scp -t /tmp", input: "D0755 0 f\n", want: "\x00\x01scp: protocol error: received directory without -r\n", fails: true},
		{command: "scp -t /tmp", input: "C0644 3 ../f\nabc\x00", want: "\x00\x01scp: error: unexpected filename: ../f\n", fails: true},
		{command: "scp -t /tmp", input: "C0644 3 ..\nabc\x00", want: "\x00\x01scp: error: unexpected filename: ..\n", fails: true},
		{command: "scp -t /tmp", input: "X\n", want: "\x00\x01scp: X\n", fails: true},
		{command: "scp -t /tmp", input: "\n", want: "\x00\x01scp: protocol error: unexpected <newline>\n", fails: true},
		{command: "scp -t /tmp", input: "C0644 x f\n", want: "\x00\x01scp: protocol error: size not present\n", fails: true},
		{command: "scp -t /tmp", input: "C06x4 1 f\n", want: "\x00\x01scp: protocol error: bad mode\n", fails: true},
		{command: "scp -t /tmp", input: "C0644 10 cut\nabc", want: "\x00\x00", fails: true},
		{command: "head -c 60000000 /dev/zero > /srv/fill; scp -t /tmp", input: "C0644 9000000 big\n" + strings.Repeat("x", 9000000) + "\x00", want: "\x00\x00\x01scp: /tmp/big: No space left on device\n", fails: true, then: "rm /tmp/big /srv/fill; echo gone", shows: "gone\n"},
		{command: "scp -rt /srv/d/one", input: "D0755 0 dir\n", want: "\x00\x01scp: /srv/d/one: Not a directory\n", fails: true},
		{command: "scp -f /srv/d/one", input: "\x00\x00\x00\x00", want: "C0640 4 one\none\n\x00"},
		{command: "scp -p -f /srv/d/one", input: "\x00\x00\x00\x00", want: "T1254398400 0 1254398400 0\nC0640 4 one\none\n\x00"},
		{command: "scp -rf /srv/d", input: strings.Repeat("\x00", 20), want: "D0755 0 d\nC0640 4 one\none\n\x00D0755 0 sub\nC0644 4 two\ntwo\n\x00E\nE\n"},
		{command: "scp -f /srv/d/*", input: strings.Repeat("\x00", 9), want: "C0640 4 one\none\n\x00\x01scp: /srv/d/sub: not a regular file\n", fails: true},
		{command: "scp -f /none", input: "\x00", want: "\x01scp: /none: No such file or directory\n", fails: true},
		{command: "scp -f /srv/d/one", input: "\x00\x01no\n", want: "C0640 4 one\n", fails: true},
		{command: "scp -f /srv/d/one", input: "", want: "", fails: true},
		{command: "scp -f '/srv/d/*'", input: "\x00", want: "\x01scp: /srv/d/*: No such file or directory\n", fails: true},
		{command: "scp /srv/d/one web2:/tmp", want: "", fails: true},
	} {
		got, err := r.exchange(s, c.command, c.input)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("%s with %.40q: %q (%v), want %q", c.command, c.input, got, err, c.want)
		}
		if c.then != "" {
			if text := r.ok(s, c.then); text != c.shows {
				t.Errorf("after %s with %.40q: %q, want %q", c.command, c.input, text, c.shows)
			}
		}
	}
}

// OpenSSH's scp works with a guest if -O selects the protocol that Terraform's
// provisioners use.
func TestOpenSSHCopies(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("scp"); err != nil {
		t.Skip("OpenSSH's scp is not installed (Debian package openssh-client)")
	}
	r := newRig(t)
	s := r.server(1)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "askpass"), []byte("#!/bin/sh\necho "+password+"\n"), 0o700))
	copies := func(args ...string) (string, error) {
		options := []string{"-O", "-P", fmt.Sprint(r.port), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-F", "/dev/null"}
		cmd := exec.CommandContext(t.Context(), "scp", append(options, args...)...)
		cmd.Env = append(os.Environ(), "SSH_ASKPASS="+filepath.Join(dir, "askpass"), "SSH_ASKPASS_REQUIRE=force", "DISPLAY=:0")
		text, err := cmd.CombinedOutput()
		return string(text), err
	}
	want := func(args ...string) {
		t.Helper()
		if text, err := copies(args...); err != nil {
			t.Errorf("scp %v: %v\n%s", args, err, text)
		}
	}
	at := "root@" + s.PublicIP.String() + ":"
	big := bytes.Repeat([]byte("0123456789"), 300_000)
	must(t, os.MkdirAll(filepath.Join(dir, "tree", "sub", "empty"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "tree", "big"), big, 0o640))
	must(t, os.WriteFile(filepath.Join(dir, "tree", "sub", "two words"), []byte("two\n"), 0o755))
	want("-r", "-p", filepath.Join(dir, "tree"), at+"/shop")
	if text := r.ok(s, "find /shop -type d; cat '/shop/sub/two words'; stat -c '%a %s' /shop/big"); text != "/shop\n/shop/sub\n/shop/sub/empty\ntwo\n640 3000000\n" {
		t.Errorf("the server holds %q", text)
	}
	want("-r", filepath.Join(dir, "tree"), at+"/shop")
	r.ok(s, "test -f /shop/tree/big")
	want("-r", at+"/shop/tree", filepath.Join(dir, "back"))
	got, err := os.ReadFile(filepath.Join(dir, "back", "big"))
	must(t, err)
	if !bytes.Equal(got, big) {
		t.Errorf("the downloaded file has %d bytes and differs from the uploaded file", len(got))
	}
	if text, err := copies(filepath.Join(dir, "tree", "big"), at+"/none/x"); err == nil || !strings.Contains(text, "/none/x: No such file or directory") {
		t.Errorf("a copy to a missing folder: %v, %q", err, text)
	}
	if text, err := copies(at+"/none", dir); err == nil || !strings.Contains(text, "/none: No such file or directory") {
		t.Errorf("a copy of a missing file: %v, %q", err, text)
	}
}

// A transfer ends when its connection is closed.
func TestSCPEndsWithItsClient(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	client, err := r.dial(s, "root", password)
	must(t, err)
	session, err := client.NewSession()
	must(t, err)
	input, err := session.StdinPipe()
	must(t, err)
	must(t, session.Start("scp -t /tmp; echo ended > /root/ended"))
	_, err = io.WriteString(input, "C0644 1000000 f\nabc")
	must(t, err)
	must(t, client.Close())
	s.Up = false
	r.follow(s) // waits for all running commands
}
