// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// killable is a grid with guests in its own process.
type killable struct {
	*exec.Cmd

	t     *testing.T
	args  []string
	ready string
	grid  *client.Client
}

func (k *killable) start() {
	k.t.Helper()
	self, err := os.Executable()
	if err != nil {
		k.t.Fatal(err)
	}
	k.Cmd = exec.CommandContext(k.t.Context(), self, k.args...)
	k.Env = append(os.Environ(), roleVariable+"=program:")
	var stderr strings.Builder
	k.Stderr = &stderr
	stdout, err := k.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := k.Start(); err != nil {
		k.t.Fatal(err)
	}
	if readBanner(k.t, stdout) == "" {
		k.t.Fatalf("the simulator did not start: %s", &stderr)
	}
	facts := readFacts(k.t, k.ready)
	if k.grid, err = client.New(facts.APIKey, facts.SharedSecret, client.WithEndpoint(facts.Endpoint)); err != nil {
		k.t.Fatal(err)
	}
}

// kill kills the process with SIGKILL.
func (k *killable) kill() {
	k.t.Helper()
	if err := k.Process.Kill(); err != nil {
		k.t.Fatal(err)
	}
	_ = k.Wait() // the error reports the kill
}

// A grid that is killed at any moment keeps every confirmed change of its
// guests (files, accounts, passwords, adapters) and every image whose save was
// accepted.
func TestKilledGridKeepsItsGuests(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	dir := t.TempDir()
	k := &killable{t: t, ready: filepath.Join(dir, "ready.json")}
	k.args = []string{
		"--guests", "--guest-shared-addresses", "--era=direct", "--speed=6000", "--guest-ssh-port=" + port, "--state=" + filepath.Join(dir, "grid.db"),
		"--listen=127.0.0.1:0", "--ready-file=" + k.ready, "--api-key=key", "--shared-secret=secret",
	}
	k.start()
	ip := addServer(t, k)
	password, id := passwordOf(t, k)
	address := net.JoinHostPort(ip, port)
	last := 0
	for round := range 4 {
		shell := login(t, address, "root", password)
		last = work(t, shell, last, 3+7*round)
		if _, err := k.grid.Images.Save(t.Context(), client.ImageSave{ServerID: id, FriendlyName: fmt.Sprint("image", round)}); err != nil {
			t.Fatal(err)
		}
		k.kill()
		_ = shell.Close()
		k.start()
		shell = login(t, address, "root", password)
		check(t, shell, address, last)
		_ = shell.Close()
		await(t, "the image", func(ctx context.Context) bool {
			images, err := k.grid.Images.List(ctx, client.ImageFilter{})
			for _, i := range images {
				if err == nil && i.FriendlyName == fmt.Sprint("image", round) && i.State.Name == "Available" {
					return true
				}
			}
			return false
		})
		found, _ := filepath.Glob(filepath.Join(dir, "grid.db.guests", "image-*", "disk", "root", "f1"))
		if len(found) != round+1 {
			t.Errorf("%d images have the disk, want %d", len(found), round+1)
		}
	}
	k.kill()
}

// passwordOf waits for the only server of a grid and returns its password.
func passwordOf(t *testing.T, k *killable) (password string, id int64) {
	t.Helper()
	await(t, "the server", func(ctx context.Context) bool {
		list, err := k.grid.Passwords.List(ctx, "")
		for _, entry := range list {
			if err == nil && entry.Server != nil {
				password, id = entry.Password, entry.Server.ID
			}
		}
		return password != ""
	})
	return password, id
}

func addServer(t *testing.T, k *killable) string {
	t.Helper()
	addresses, err := k.grid.IPs.List(t.Context(), client.IPFilter{State: "Unassigned", Type: "Public"})
	if err != nil || len(addresses) == 0 {
		t.Fatalf("no free address: %v", err)
	}
	images, err := k.grid.Images.List(t.Context(), client.ImageFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, image := range images {
		if strings.Contains(strings.ToLower(image.FriendlyName+image.Description), "centos") {
			_, err = k.grid.Servers.Add(t.Context(), client.ServerAdd{Name: "web", Image: fmt.Sprint(image.ID), RAM: "1GB", IP: addresses[0].Address})
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return addresses[0].Address
}

// login waits until the guest has booted, and logs in.
func login(t *testing.T, address, user, password string) (found *ssh.Client) {
	t.Helper()
	await(t, "the guest at "+address, func(context.Context) bool {
		var err error
		found, err = ssh.Dial("tcp", address, &ssh.ClientConfig{
			User: user, Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: time.Minute,
		})
		return err == nil
	})
	return found
}

// work starts a script that changes the guest continuously. After enough
// confirmed changes work returns the number of the last change; the script
// continues.
func work(t *testing.T, shell *ssh.Client, last, enough int) int {
	t.Helper()
	session, err := shell.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := session.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	err = session.Start(fmt.Sprintf(`ip link set eth1 up; i=%d; while :; do i=$((i+1))
echo $i > /root/f$i; useradd a$i; echo pw$i | passwd --stdin a$i; ip addr replace 10.0.$((i/200)).$((i%%200+1))/24 dev eth1; mkdir -p /d/$i; mv /d/$i /d/m$i; echo answered $i; done`, last))
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for n := 0; n < enough && lines.Scan(); n++ {
		if _, err := fmt.Sscanf(lines.Text(), "answered %d", &last); err != nil {
			t.Fatalf("unexpected output %q", lines.Text())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }() // keeps the script running until the kill
	return last
}

func check(t *testing.T, shell *ssh.Client, address string, last int) {
	t.Helper()
	session, err := shell.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	text, err := session.CombinedOutput(fmt.Sprintf(`for i in $(seq %d); do test "$(cat /root/f$i)" = $i && id a$i > /dev/null && test -d /d/m$i || echo $i is lost; done; ls /root/*.partial /.gogrid-copy 2> /dev/null
ip addr show | grep 10.0. > /dev/null || echo no address`, last))
	var exit *ssh.ExitError
	if err != nil && !errors.As(err, &exit) || len(text) > 0 {
		t.Errorf("after the kill: %v\n%s", err, text)
	}
	_ = login(t, address, fmt.Sprint("a", last), fmt.Sprint("pw", last)).Close()
}
