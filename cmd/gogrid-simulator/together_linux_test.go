// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// lone is a grid with guests and a single server.
type lone struct {
	*killable

	address, password string
}

// startLone starts a grid with the given flags and adds a server at the first
// free address.
func startLone(t *testing.T, flags ...string) lone {
	t.Helper()
	dir := t.TempDir()
	k := &killable{t: t, ready: filepath.Join(dir, "ready.json")}
	k.args = append([]string{"--guests", "--speed=6000", "--listen=127.0.0.1:0", "--ready-file=" + k.ready}, flags...)
	k.start()
	t.Cleanup(k.kill)
	port := readFacts(t, k.ready).Guests.SSHPort
	l := lone{killable: k, address: net.JoinHostPort(addServer(t, k), strconv.Itoa(port))}
	l.password, _ = passwordOf(t, k)
	return l
}

// hostKey logs in and returns the fingerprint of the key that the server
// presents.
func (l lone) hostKey(t *testing.T) (shown string) {
	t.Helper()
	await(t, "the guest at "+l.address, func(context.Context) bool {
		client, err := ssh.Dial("tcp", l.address, &ssh.ClientConfig{
			User: "root", Auth: []ssh.AuthMethod{ssh.Password(l.password)},
			HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
				shown = ssh.FingerprintSHA256(key)
				return nil
			},
		})
		if err != nil {
			return false
		}
		_ = client.Close()
		return true
	})
	return shown
}

// TestGridsWithGuestsNeverMeet starts three grids as users do: without flags
// for addresses, ports or seeds. No two grids may have the same host key, guest
// address or password.
func TestGridsWithGuestsNeverMeet(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "grid.db")
	grids := []lone{startLone(t), startLone(t, "--state="+state), startLone(t, "--admin")}
	keys, addresses, passwords := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, l := range grids {
		keys[l.hostKey(t)], addresses[l.address], passwords[l.password] = true, true, true
	}
	if len(keys) != len(grids) || len(addresses) != len(grids) || len(passwords) != len(grids) {
		t.Errorf("%d host keys, %d addresses and %d passwords for %d grids", len(keys), len(addresses), len(passwords), len(grids))
	}
	for _, l := range grids {
		host, port, _ := strings.Cut(l.address, ":")
		if text := printed(t, nil, "--ready-file", l.ready); !strings.Contains(text, "-p "+port+" root@"+host) || !strings.Contains(text, l.password) {
			t.Errorf("the list lacks the login %s of root@%s port %s:\n%s", l.password, host, port, text)
		}
	}
	for i, l := range grids {
		shell := login(t, l.address, "root", l.password)
		runs(t, shell, fmt.Sprintf("echo grid %d > /root/grid", i))
		_ = shell.Close()
	}
	for i, l := range grids {
		shell := login(t, l.address, "root", l.password)
		if got := runs(t, shell, "cat /root/grid"); got != fmt.Sprintf("grid %d\n", i) {
			t.Errorf("the file on the server of grid %d holds %q", i, got)
		}
		_ = shell.Close()
	}
	for socket, count := range listening(t) {
		if count > 1 {
			t.Errorf("%d sockets listen at %s", count, socket)
		}
	}
}

func runs(t *testing.T, shell *ssh.Client, command string) string {
	t.Helper()
	session, err := shell.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	text, err := session.CombinedOutput(command)
	if err != nil {
		t.Fatalf("%q: %v\n%s", command, err, text)
	}
	return string(text)
}

// listening counts the listening sockets by address and port, in the kernel's
// notation.
func listening(t *testing.T) map[string]int {
	t.Helper()
	const listens = "0A"
	table, err := os.Open("/proc/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = table.Close() }()
	sockets := map[string]int{}
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		if column := strings.Fields(lines.Text()); len(column) > 3 && column[3] == listens {
			sockets[column[1]]++
		}
	}
	return sockets
}
