// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
)

func TestGuestBootsAndAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1, func(s *guestos.Server) { s.Reachable = r.clock.Now().Add(3 * time.Minute) })
	if _, err := r.dial(s, "root", password); err == nil {
		t.Error("the server accepts logins before its boot is complete")
	}
	r.clock.advance(3 * time.Minute)
	must(t, r.WaitReady(t.Context()))
	if text := r.ok(s, "hostname; cat /etc/redhat-release; whoami"); text != "web1\nCentOS 6.2 (64-bit)\nroot\n" {
		t.Errorf("the server prints %q", text)
	}
	if _, code := r.run(s, "exit 7"); code != 7 {
		t.Errorf("exit 7 returned code %d", code)
	}
	if _, err := r.dial(s, "root", "wrong"); err == nil {
		t.Error("a wrong password logs in")
	}
	s.Up = false
	r.follow(s)
	if _, err := r.dial(s, "root", password); err == nil {
		t.Error("the server accepts logins while it is switched off")
	}
	s.Up, s.Boots = true, 2
	r.follow(s)
	r.ok(s, "true")
	info := r.Inspect()[0]
	if !info.Up || !info.Reachable || info.Boots != 2 || info.Private.Enabled || strings.Contains(fmt.Sprint(info), password) {
		t.Errorf("Inspect lists the guest as %+v", info)
	}
	r.Remove(1)
	must(t, r.WaitReady(t.Context()))
	if _, err := os.Stat(filepath.Join(r.dir, "server-1")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the disk of the removed server still exists: %v", err)
	}
}

// A server that is created from an image has the files and settings of the
// sandbox, except for those that the prep step removes.
func TestImageOfAPreparedDisk(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sandbox := r.server(1)
	r.ok(sandbox, `set -e
useradd deploy; echo stays8 | passwd --stdin deploy
mkdir -p /srv/app; echo content > /srv/app/file; chmod 640 /srv/app/file
echo KEY > /etc/pki/tls/private/site.key
ip addr add 10.110.0.9/24 dev eth1; ip link set eth1 up; ip route add 10.0.0.0/8 via 10.110.0.1
printf '#!/bin/sh\necho started > /var/run.txt\n' > /etc/rc.d/rc.local; chmod 755 /etc/rc.d/rc.local
gogrid-prep`)
	r.Save(1, 500)
	must(t, r.WaitReady(t.Context()))
	r.ok(sandbox, "echo later > /srv/app/file")

	server := r.server(2, func(s *guestos.Server) { s.Image, s.Base, s.Password = 500, false, "other888" })
	if _, err := r.dial(server, "root", password); err == nil {
		t.Error("root still has the sandbox's password")
	}
	deploy, err := r.dial(server, "deploy", "stays8")
	if err != nil {
		t.Fatalf("another account cannot log in: %v", err)
	}
	_ = deploy.Close()
	server.Password = password // the password that run uses
	client, err := r.dial(server, "root", "other888")
	must(t, err)
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	must(t, err)
	text, err := session.CombinedOutput("cat /srv/app/file; stat -c %a /srv/app/file; ls /etc/pki/tls/private; hostname; ip addr show | grep eth1; ip route")
	must(t, err)
	want := "content\n640\nweb2\n3: eth1: <BROADCAST,MULTICAST> mode static\ndefault via 127.30.0.1 dev eth0\n10.0.0.0/8 via 10.110.0.1 dev eth1\n"
	if string(text) != want {
		t.Errorf("the server shows:\n%swant:\n%s", text, want)
	}
	awaitFile(t, client, "/var/run.txt", "started\n")
	if a, b := hostKey(t, r, sandbox), hostKey(t, r, server); a == b {
		t.Error("the sandbox and the server have the same host key")
	}
}

func hostKey(t *testing.T, r *rig, s guestos.Server) (found string) {
	t.Helper()
	_, _ = ssh.Dial("tcp", fmt.Sprintf("%s:%d", s.PublicIP, r.port), &ssh.ClientConfig{
		User: "root", HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			found = ssh.FingerprintSHA256(key)
			return nil
		},
	})
	return found
}

func awaitFile(t *testing.T, client *ssh.Client, name, want string) {
	t.Helper()
	files, err := sftp.NewClient(client)
	must(t, err)
	defer func() { _ = files.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		var text []byte
		if file, err := files.Open(name); err == nil {
			text, _ = io.ReadAll(file)
			_ = file.Close()
		}
		if string(text) == want {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("%s holds %q, want %q", name, text, want)
		}
	}
}

func TestImageOfADiskThatWasNotPrepared(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sandbox := r.server(1)
	r.ok(sandbox, "ip addr add 10.110.0.9/24 dev eth1; ip link set eth1 up")
	r.Save(1, 500)
	server := r.server(2, func(s *guestos.Server) { s.Image, s.Base, s.Password = 500, false, "other888" })
	if _, err := r.dial(server, "root", "other888"); err == nil {
		t.Error("the listed password works, although the image was not prepared")
	}
	text := r.ok(server, "hostname; cat /var/log/boot.log")
	for _, want := range []string{"web1\n", "was not prepared", "address conflict: 10.110.0.9 is in use by web1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the output of the server lacks %q:\n%s", want, text)
		}
	}
}

func TestGuestSurvivesItsHost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	r.ok(s, "echo kept > /root/file; useradd deploy; gogrid-prep")
	r.Save(1, 500)
	must(t, r.WaitReady(t.Context()))
	must(t, r.Close())
	must(t, os.MkdirAll(filepath.Join(r.dir, "image-501.partial", "disk"), 0o700))
	r.open()
	r.Save(1, 500) // a restarted grid may repeat the job
	r.follow(s)
	if text := r.ok(s, "cat /root/file; id -u deploy"); text != "kept\n1000\n" {
		t.Errorf("the server holds %q", text)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "image-501.partial")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the incomplete image still exists: %v", err)
	}
}

func TestSignalEndsACommand(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	client, err := r.dial(s, "root", password)
	must(t, err)
	defer func() { _ = client.Close() }()
	for _, command := range []string{"sleep 100000", "cat", "while :; do :; done"} {
		session, err := client.NewSession()
		must(t, err)
		input, err := session.StdinPipe()
		must(t, err)
		must(t, session.Start(command))
		must(t, session.Signal(ssh.SIGTERM))
		var exit *ssh.ExitError
		if err := session.Wait(); !errors.As(err, &exit) || exit.Signal() != "TERM" {
			t.Errorf("%q ended with %v, want signal TERM", command, err)
		}
		_ = input.Close()
	}
}

func TestPowerFromWithin(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	const showBootID = "cat /proc/sys/kernel/random/boot_id"
	before := r.ok(s, showBootID)
	if again := r.ok(s, showBootID); len(before) != 37 || again != before {
		t.Errorf("the boot id is %q and then %q, want the same UUID", before, again)
	}
	r.ok(s, "sleep 100000 >/dev/null 2>&1 &")
	r.power(s, "reboot")
	must(t, r.WaitReady(t.Context()))
	if _, err := r.dial(s, "root", password); err == nil {
		t.Error("the server answers before its restart is over")
	}
	r.clock.advance(time.Minute)
	must(t, r.WaitReady(t.Context()))
	if after := r.ok(s, showBootID); after == before || len(after) != len(before) {
		t.Errorf("the boot id is %q after a restart and was %q before, want a new UUID", after, before)
	}
	r.power(s, "poweroff")
	if id := <-r.halted; id != 1 {
		t.Errorf("server %d was halted", id)
	}
	if _, err := r.dial(s, "root", password); err == nil {
		t.Error("the server answers after poweroff")
	}
}

// Concurrent useradd and userdel commands do not overwrite each other's changes.
func TestAccountsThatAreMadeAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	r.ok(s, "for i in $(seq 20); do useradd u$i & done; wait; userdel u3 & userdel u4 & wait")
	if text := r.ok(s, "for i in $(seq 20); do id u$i > /dev/null 2>&1 || echo -n $i,; done; grep -c : /etc/passwd"); text != "3,4,20\n" {
		t.Errorf("the missing accounts and the number of lines are %q, want \"3,4,20\\n\"", text)
	}
}
