// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

const (
	storageHost = "22290.cloud.storage.gogrid.com"
	smbLogin    = "smbclient //" + storageHost + "/22290 -U 22290%" + storagePassword + " -c "
)

// connect returns the commands that give a server the private address
// 10.110.0.N and connect it to Cloud Storage.
func connect(n int) string {
	return fmt.Sprintf("ip link set eth1 up && ip addr add 10.110.0.%d/24 dev eth1 && ip route add 10.0.0.0/8 via 10.110.0.1", n)
}

func TestCloudStorage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, two := r.server(1), r.server(2)
	r.ok(one, connect(2))
	r.ok(two, connect(3))
	r.ok(one, "mkdir -p /mnt/c; printf 'username=22290\\npassword=storage8\\n' > /root/c; mount -t cifs //"+storageHost+"/22290 /mnt/c -o credentials=/root/c && echo shared > /mnt/c/file && mv /root/c /mnt/c/moved")
	if text := r.ok(two, smbLogin+"'get file /tmp/file' 2> /dev/null && cat /tmp/file"); text != "shared\n" {
		t.Errorf("the other server gets %q", text)
	}
	if text := r.ok(one, "ls /mnt/c; umount /mnt/c; ls /mnt/c"); text != "file\nmoved\n" {
		t.Errorf("ls prints %q", text)
	}
}

// A server reaches Cloud Storage only if the private adapter is up and has an
// address and a route.
func TestCloudStorageNeedsAddressAndRoute(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const up, address = "ip link set eth1 up; ", "ip addr add 10.110.0.2/24 dev eth1; "
	for i, test := range []struct{ done, why string }{
		{"", "the private adapter eth1 is down"},
		{address, "the private adapter eth1 is down"},
		{up, "has no address"},
		{up + address, "no route by eth1 leads to 10.100.0.10"},
		{up + address + "ip route add 10.100.0.0/24 via 10.110.0.1; ip link set eth1 down", "is down"},
		{up + address + "ip route add 10.99.0.0/24 via 10.110.0.1", "no route by eth1 leads to"},
		{up + address + "ip route add 10.0.0.0/8 via 10.110.0.7", "the gateway to Cloud Storage is 10.110.0.1"},
		{up + address + "ip route add 10.100.0.0/24 via 10.110.0.1; ip route add 10.100.0.10/32 via 10.110.0.7", "leads to 10.110.0.7"},
		{up + address + "ip route add 10.100.0.0/24 via 10.110.0.1; ip addr replace 10.111.0.2/24 dev eth1", "no route by eth1"},
		{up + "ip addr add 10.110.0.2/8 dev eth1; ip route add 10.0.0.0/8 via 10.110.0.1", "taken for an address of the private network"},
	} {
		s := r.server(int64(1 + i))
		r.run(s, test.done)
		text, code := r.run(s, smbLogin+"ls")
		if code != 1 || !strings.Contains(text, "NT_STATUS_HOST_UNREACHABLE") || !strings.Contains(text, test.why) {
			t.Errorf("%q: code %d, %q", test.done, code, text)
		}
		text, code = r.run(s, "mkdir -p /mnt/c; mount -t cifs //"+storageHost+"/22290 /mnt/c -o username=22290,password=storage8")
		if code != 32 || !strings.Contains(text, "No route to host") {
			t.Errorf("%q: mount returned code %d, %q", test.done, code, text)
		}
	}
}

// A route can be added only if the adapter is up and the gateway is on the
// network of the adapter.
func TestRoutesComeAfterTheAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	const add = "ip route replace 10.0.0.0/8 via 10.110.0.1 dev eth1"
	for _, step := range []struct{ before, why string }{
		{"true", "Network is down"},
		{"ip link set eth1 up", "Network is unreachable"},
		{"ip addr add 10.9.0.2/24 dev eth1", "Network is unreachable"},
	} {
		r.ok(s, step.before)
		if text, code := r.run(s, add); code != 2 || !strings.Contains(text, step.why) {
			t.Errorf("after %s: code %d, %q", step.before, code, text)
		}
	}
	r.ok(s, "ip addr replace 10.110.0.2/24 dev eth1 && "+add+" && "+add)
}

func TestCloudStorageRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	r.ok(s, connect(2))
	for command, want := range map[string]string{
		"smbclient //" + storageHost + "/22290 -U 22290%wrong -c ls":                                 "session setup failed: NT_STATUS_LOGON_FAILURE",
		"smbclient //" + storageHost + "/7 -U 22290%storage8 -c ls":                                  "tree connect failed: NT_STATUS_BAD_NETWORK_NAME",
		"smbclient //7.cloud.storage.gogrid.com/7 -U 7%storage8 -c ls":                               "do_connect: Connection to 7.cloud.storage.gogrid.com failed",
		"smbclient //" + storageHost + "/22290 -U 7%storage8 -c ls":                                  "NT_STATUS_LOGON_FAILURE",
		"mkdir -p /m; mount -t cifs //" + storageHost + "/22290 /m -o username=22290,password=wrong": "mount error(13): Permission denied",
	} {
		if text, code := r.run(s, command); code == 0 || !strings.Contains(text, want) {
			t.Errorf("%s: code %d, %q", command, code, text)
		}
	}
}

// A server that can reach Cloud Storage forwards connections to it, like a
// bastion host.
func TestCloudStorageThroughAGuest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	client, err := r.dial(s, "root", password)
	must(t, err)
	defer func() { _ = client.Close() }()
	if _, err := client.Dial("tcp", storageHost+":22"); err == nil || !strings.Contains(err.Error(), "No route to host") {
		t.Errorf("without the private network: %v", err)
	}
	r.ok(s, connect(2))
	conn, err := client.Dial("tcp", storageHost+":22")
	must(t, err)
	_, _, _, err = ssh.NewClientConn(conn, "", &ssh.ClientConfig{
		User: "22290", Auth: []ssh.AuthMethod{ssh.Password(storagePassword)},
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			if got := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))); got != r.storage.HostKey() {
				t.Errorf("the host key is %s, want %s", got, r.storage.HostKey())
			}
			return nil
		},
	})
	must(t, err)
	for _, address := range []string{storageHost + ":445", "7.cloud.storage.gogrid.com:22"} {
		if _, err := client.Dial("tcp", address); err == nil {
			t.Errorf("%s was reached", address)
		}
	}
}

// smbTest is a command for smbclient, with the exit code and the output of
// Samba's smbclient.
type smbTest struct {
	command string
	code    int
	want    string
}

// smbTests holds output recorded from Samba 4.17.
var smbTests = []smbTest{
	{"get nope a", 1, `NT_STATUS_OBJECT_NAME_NOT_FOUND opening remote file \nope`},
	{"get nodir/x a", 1, `NT_STATUS_OBJECT_PATH_NOT_FOUND opening remote file \nodir\x`},
	{"get dir a", 1, `NT_STATUS_FILE_IS_A_DIRECTORY opening remote file \dir`},
	{"put nofile x", 1, "nofile does not exist"},
	{"put here nodir/x", 1, `NT_STATUS_OBJECT_PATH_NOT_FOUND opening remote file \nodir\x`},
	{"put here dir", 1, `NT_STATUS_FILE_IS_A_DIRECTORY opening remote file \dir`},
	{"mkdir dir", 0, `NT_STATUS_OBJECT_NAME_COLLISION making remote directory \dir`},
	{"mkdir a/b/c", 0, `NT_STATUS_OBJECT_PATH_NOT_FOUND making remote directory \a\b\c`},
	{"rmdir nope", 0, `NT_STATUS_OBJECT_NAME_NOT_FOUND removing remote directory file \nope`},
	{"rmdir dir", 0, `NT_STATUS_DIRECTORY_NOT_EMPTY removing remote directory file \dir`},
	{"ls nope", 1, `NT_STATUS_NO_SUCH_FILE listing \nope`},
	{"ls nope/*", 1, `NT_STATUS_OBJECT_NAME_NOT_FOUND listing \nope\*`},
	{"ls dir", 0, "  dir                                 D        0  "},
	{`ls dir\g`, 0, "  g                                   N        2  "},
	{"ls dir/*", 0, "  g   "},
	{"cd dir; ls", 0, "  g   "},
	{"cd nope", 1, `cd \nope\: NT_STATUS_OBJECT_NAME_NOT_FOUND`},
	{"del nope", 1, `NT_STATUS_NO_SUCH_FILE listing \nope`},
	{"del nope/x", 1, `NT_STATUS_OBJECT_NAME_NOT_FOUND listing \nope\x`},
	{"del dir", 1, `NT_STATUS_NO_SUCH_FILE listing \dir`},
	{"rename f dir/g", 1, `NT_STATUS_OBJECT_NAME_COLLISION renaming files \f -> \dir\g`},
	{"rename nope y", 1, `NT_STATUS_OBJECT_NAME_NOT_FOUND renaming files \nope -> \y`},
	{"frob", 0, "frob: command not found"},
	{"ls nope; ls dir", 0, `NT_STATUS_NO_SUCH_FILE listing \nope`},
	{"ls dir; get nope", 1, `NT_STATUS_OBJECT_NAME_NOT_FOUND opening remote file \nope`},
	{"put", 1, "put <filename>"},
}

func TestSmbclientSaysWhatSambasDoes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	r.ok(s, connect(2)+"; cd /root; echo x > here; echo x > f; "+smbLogin+"'mkdir dir; put here f; put here dir/g' 2> /dev/null")
	for _, test := range smbTests {
		text, code := r.run(s, "cd /root; "+smbLogin+"'"+test.command+"' 2> /dev/null")
		if code != test.code || !strings.Contains(text, test.want) {
			t.Errorf("%s: code %d, %q, want %d and %q", test.command, code, text, test.code, test.want)
		}
	}
	const last = `'put here "a b"; rename "a b" c; rename c f -f; get f; del f; rmdir dir; del dir/*; rmdir dir; ls' 2> /dev/null`
	if text := r.ok(s, "cd /root; rm f; "+smbLogin+last+"; cat f"); text != "NT_STATUS_DIRECTORY_NOT_EMPTY removing remote directory file \\dir\nx\n" {
		t.Errorf("the final commands print %q", text)
	}
}

// A reader finds either the complete uploaded file or the complete old file.
func TestPutIsWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, two := r.server(1), r.server(2)
	r.ok(one, connect(2)+"; seq 20000 > a; seq 30000 > b; "+smbLogin+"'put a file' 2> /dev/null")
	r.ok(two, connect(3))
	client, err := r.dial(one, "root", password)
	must(t, err)
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	must(t, err)
	session.Stdout, session.Stderr = io.Discard, io.Discard
	must(t, session.Start("for i in 1 2 3 4 5 6 7 8; do "+smbLogin+"'put b file; put a file'; done"))
	over := make(chan error, 1)
	go func() { over <- session.Wait() }()
	for {
		text := r.ok(two, smbLogin+"'get file /tmp/file' > /dev/null 2>&1; wc -l < /tmp/file")
		if lines := strings.TrimSpace(text); lines != "20000" && lines != "30000" {
			t.Errorf("a reader sees %s lines", lines)
		}
		select {
		case err := <-over:
			must(t, err)
			return
		default:
		}
	}
}
