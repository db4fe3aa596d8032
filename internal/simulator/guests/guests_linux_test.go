// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guests_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guests"
)

// clock is the grid's, driven by hand.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	wake chan struct{}
}

func newClock() *clock {
	return &clock{now: time.Date(2009, 10, 1, 12, 0, 0, 0, time.UTC), wake: make(chan struct{})}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	close(c.wake)
	c.wake = make(chan struct{})
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	until := c.Now().Add(d)
	for {
		c.mu.Lock()
		over, wake := !c.now.Before(until), c.wake
		c.mu.Unlock()
		if over {
			return ctx.Err()
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

const (
	password  = "pw8secret"
	baseImage = 12834
)

// rig is a host of guests with a port of its own: what listens on it at one
// loopback address keeps others from it.
type rig struct {
	*guests.Host
	t      testing.TB
	clock  *clock
	dir    string
	port   int
	halted chan int64
	log    *bytes.Buffer
}

func newRig(t testing.TB) *rig {
	t.Helper()
	var config net.ListenConfig
	held, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = held.Close() })
	r := &rig{t: t, clock: newClock(), dir: t.TempDir(), port: held.Addr().(*net.TCPAddr).Port, halted: make(chan int64, 10), log: &bytes.Buffer{}}
	r.open()
	return r
}

func (r *rig) open() {
	r.t.Helper()
	host, err := guests.Open(context.WithoutCancel(r.t.Context()), guests.Options{
		Dir: r.dir, SSHPort: r.port, Clock: r.clock, DiskLimit: 64 << 20, Log: slog.New(slog.NewTextHandler(r.log, nil)),
		Halted: func(server int64) { r.halted <- server },
	})
	must(r.t, err)
	r.Host = host
	r.t.Cleanup(func() { _ = host.Close() })
}

// server is one of a base image, up and answering.
func (r *rig) server(id int64, change ...func(*guests.Server)) guests.Server {
	r.t.Helper()
	s := guests.Server{
		ID: id, Account: 22290, Name: fmt.Sprint("web", id), Image: baseImage, Base: true, OS: "CentOS 6.2 (64-bit)", Family: guests.Linux,
		PublicIP: netip.AddrFrom4([4]byte{127, 30, byte(id >> 8), byte(id)}), Gateway: netip.MustParseAddr("127.30.0.1"),
		Password: password, StoragePassword: "storage8", Up: true, Boots: 1, Reachable: r.clock.Now(),
	}
	for _, set := range change {
		set(&s)
	}
	r.follow(s)
	return s
}

func (r *rig) follow(s guests.Server) {
	r.t.Helper()
	r.Follow(s)
	must(r.t, r.Settle(r.t.Context()))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) dial(s guests.Server, user, with string) (*ssh.Client, error) {
	return ssh.Dial("tcp", fmt.Sprintf("%s:%d", s.PublicIP, r.port), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.Password(with)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: 10 * time.Second,
	})
}

// run runs a command and returns its output and exit code.
func (r *rig) run(s guests.Server, command string) (string, int) {
	r.t.Helper()
	client, err := r.dial(s, "root", password)
	must(r.t, err)
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	must(r.t, err)
	text, err := session.CombinedOutput(command)
	var exit *ssh.ExitError
	if errors.As(err, &exit) {
		return string(text), exit.ExitStatus()
	}
	must(r.t, err)
	return string(text), 0
}

func (r *rig) ok(s guests.Server, command string) string {
	r.t.Helper()
	text, code := r.run(s, command)
	if code != 0 {
		r.t.Errorf("%q ended with code %d: %s", command, code, text)
	}
	return text
}

func TestGuestBootsAndAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1, func(s *guests.Server) { s.Reachable = r.clock.Now().Add(3 * time.Minute) })
	if _, err := r.dial(s, "root", password); err == nil {
		t.Error("the server answers before its boot is over")
	}
	r.clock.advance(3 * time.Minute)
	must(t, r.Settle(t.Context()))
	if text := r.ok(s, "hostname; cat /etc/redhat-release; whoami"); text != "web1\nCentOS 6.2 (64-bit)\nroot\n" {
		t.Errorf("it says %q", text)
	}
	if _, code := r.run(s, "exit 7"); code != 7 {
		t.Errorf("exit 7 ended with code %d", code)
	}
	if _, err := r.dial(s, "root", "wrong"); err == nil {
		t.Error("a wrong password logs in")
	}
	s.Up = false
	r.follow(s)
	if _, err := r.dial(s, "root", password); err == nil {
		t.Error("the server answers while it is off")
	}
	s.Up, s.Boots = true, 2
	r.follow(s)
	r.ok(s, "true")
	info := r.Inspect()[0]
	if !info.Up || !info.Reachable || info.Boots != 2 || info.Private.Enabled || strings.Contains(fmt.Sprint(info), password) {
		t.Errorf("it shows as %+v", info)
	}
	r.Remove(1)
	must(t, r.Settle(t.Context()))
	if _, err := os.Stat(filepath.Join(r.dir, "server-1")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its disk is still there: %v", err)
	}
}

// What a sandbox was given is on a server of its image, but for what the prep
// step takes away.
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
	must(t, r.Settle(t.Context()))
	r.ok(sandbox, "echo later > /srv/app/file")

	server := r.server(2, func(s *guests.Server) { s.Image, s.Base, s.Password = 500, false, "other888" })
	if _, err := r.dial(server, "root", password); err == nil {
		t.Error("root still has the sandbox's password")
	}
	deploy, err := r.dial(server, "deploy", "stays8")
	if err != nil {
		t.Fatalf("another account cannot log in: %v", err)
	}
	_ = deploy.Close()
	server.Password = password // what run logs in with
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
		t.Error("both have one host key")
	}
}

func hostKey(t *testing.T, r *rig, s guests.Server) (found string) {
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
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	var text []byte
	for range 1000 {
		if file, err := files.Open(name); err == nil {
			text, _ = io.ReadAll(file)
			_ = file.Close()
		}
		if string(text) == want {
			return
		}
		<-ticker.C
	}
	t.Errorf("%s holds %q, want %q", name, text, want)
}

func TestImageOfADiskThatWasNotPrepared(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sandbox := r.server(1)
	r.ok(sandbox, "ip addr add 10.110.0.9/24 dev eth1; ip link set eth1 up")
	r.Save(1, 500)
	server := r.server(2, func(s *guests.Server) { s.Image, s.Base, s.Password = 500, false, "other888" })
	if _, err := r.dial(server, "root", "other888"); err == nil {
		t.Error("the listed password works, although the image was not prepared")
	}
	text := r.ok(server, "hostname; cat /var/log/boot.log")
	for _, want := range []string{"web1\n", "was not prepared", "address conflict: 10.110.0.9 is in use by web1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the server does not say %q:\n%s", want, text)
		}
	}
}

func TestGuestSurvivesItsHost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	r.ok(s, "echo kept > /root/file; useradd deploy; gogrid-prep")
	r.Save(1, 500)
	must(t, r.Settle(t.Context()))
	must(t, r.Close())
	must(t, os.MkdirAll(filepath.Join(r.dir, "image-501.partial", "disk"), 0o700))
	r.open()
	r.Save(1, 500) // as a grid does that does not know whether it was done
	r.follow(s)
	if text := r.ok(s, "cat /root/file; id -u deploy"); text != "kept\n1000\n" {
		t.Errorf("it holds %q", text)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "image-501.partial")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was half made is still there: %v", err)
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
	r.ok(s, "reboot")
	must(t, r.Settle(t.Context()))
	r.clock.advance(time.Minute)
	must(t, r.Settle(t.Context()))
	r.ok(s, "true")
	_, _ = r.run(s, "poweroff")
	if id := <-r.halted; id != 1 {
		t.Errorf("server %d was halted", id)
	}
	if _, err := r.dial(s, "root", password); err == nil {
		t.Error("it answers after poweroff")
	}
}

func TestForwardingReachesGuestsOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, two := r.server(1), r.server(2, func(s *guests.Server) { s.PrivateIP = netip.MustParseAddr("10.110.0.7") })
	client, err := r.dial(one, "root", password)
	must(t, err)
	defer func() { _ = client.Close() }()
	for _, address := range []string{fmt.Sprintf("%s:%d", two.PublicIP, r.port), fmt.Sprintf("10.110.0.7:%d", r.port)} {
		conn, err := client.Dial("tcp", address)
		must(t, err)
		banner := make([]byte, 7)
		if _, err := io.ReadFull(conn, banner); err != nil || string(banner) != "SSH-2.0" {
			t.Errorf("%s: %q, %v", address, banner, err)
		}
		_ = conn.Close()
	}
	var config net.ListenConfig
	host, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = host.Close() }()
	for _, address := range []string{host.Addr().String(), "localhost:22", "127.30.9.9:80", "example.com:80"} {
		if _, err := client.Dial("tcp", address); err == nil {
			t.Errorf("%s can be reached", address)
		}
	}
}

func TestServicesAreServed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	port := r.port + 1
	r.ok(s, fmt.Sprintf("mkdir -p /srv; echo hello > /srv/index.html; httpd -p %d -h /srv; curl http://%s:%d/", port, s.PublicIP, port))
	answer, err := http.Get(fmt.Sprintf("http://%s:%d/", s.PublicIP, port)) //nolint:noctx // a test
	must(t, err)
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || string(text) != "hello\n" {
		t.Errorf("it serves %q (%v)", text, err)
	}
	s.Up = false
	r.follow(s)
	if _, err := http.Get(fmt.Sprintf("http://%s:%d/", s.PublicIP, port)); err == nil { //nolint:noctx,bodyclose // a test; there is none
		t.Error("it serves while it is off")
	}
}

func TestCloudStorage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, two := r.server(1), r.server(2)
	const host = "22290.cloud.storage.gogrid.com"
	if text, code := r.run(one, "mkdir -p /mnt/c; mount -t cifs //"+host+"/22290 /mnt/c -o username=22290,password=storage8"); code != 32 || !strings.Contains(text, "No route to host") {
		t.Errorf("without the private network: code %d, %q", code, text)
	}
	for i, s := range []guests.Server{one, two} {
		r.ok(s, fmt.Sprintf("ip addr add 10.110.0.%d/24 dev eth1; ip link set eth1 up", i+2))
	}
	r.ok(one, "printf 'username=22290\\npassword=storage8\\n' > /root/c; mount -t cifs //"+host+"/22290 /mnt/c -o credentials=/root/c && echo shared > /mnt/c/file && mv /root/c /mnt/c/moved")
	if text := r.ok(two, "smbclient //"+host+"/22290 -U 22290%storage8 -c 'get file /tmp/file' && cat /tmp/file"); text != "shared\n" {
		t.Errorf("the other server gets %q", text)
	}
	if text := r.ok(one, "ls /mnt/c; umount /mnt/c; ls /mnt/c"); text != "file\nmoved\n" {
		t.Errorf("it lists %q", text)
	}
	if _, code := r.run(two, "smbclient //"+host+"/22290 -U 22290%wrong -c ls"); code == 0 {
		t.Error("a wrong password gets in")
	}
}

// OpenSSH's own clients are what people use.
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
		t.Errorf("ssh says %q", text)
	}
	if text := client("ssh", "echo a script; hostname\n", "-p", port, at); text != "a script\nweb1\n" {
		t.Errorf("a script says %q", text)
	}
	if text := client("ssh", "cd /etc\npwd\nx=1\necho $x\nexit\n", "-tt", "-p", port, at); !strings.Contains(text, "/etc\r\n") || !strings.Contains(text, "\n1\r\n") {
		t.Errorf("a terminal says %q", text)
	}
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, bytes.Repeat([]byte("0123456789"), 200_000), 0o640))
	client("sftp", fmt.Sprintf("put -p %s /srv/\nput %s\nls -l\nget file %s.back\nrename file renamed\nmkdir d\nln -s renamed link\nchmod 600 renamed\nrm link\nrmdir d\n", file, file, file),
		"-o", "BatchMode=no", "-b", "-", "-P", port, at)
	got, err := os.ReadFile(file + ".back")
	must(t, err)
	if len(got) != 2_000_000 {
		t.Errorf("sftp brought %d bytes back", len(got))
	}
	if text := r.ok(s, "ls; stat -c '%a %s' /root/renamed"); text != "renamed\n600 2000000\n" {
		t.Errorf("it holds %q", text)
	}
	for _, trick := range []string{"get /etc/../../../../../../etc/hostname x", "get /proc/self/environ x", "put " + file + " ../../../../../../../../tmp/escaped-from-a-guest", "ln -s /etc/hostname l\nget l x"} {
		cmd := exec.CommandContext(t.Context(), "sftp", append(options, "-o", "BatchMode=no", "-b", "-", "-P", port, at)...)
		cmd.Env = append(os.Environ(), "SSH_ASKPASS="+filepath.Join(dir, "askpass"), "SSH_ASKPASS_REQUIRE=force", "DISPLAY=:0")
		cmd.Stdin, cmd.Dir = strings.NewReader(trick+"\n"), dir
		_, _ = cmd.CombinedOutput()
		if text, err := os.ReadFile(filepath.Join(dir, "x")); err == nil {
			t.Errorf("%q got %q", trick, text)
		}
		if _, err := os.Stat("/tmp/escaped-from-a-guest"); err == nil {
			t.Errorf("%q wrote on the host", trick)
		}
	}
}

// BenchmarkFiftyGuests boots fifty guests, each from an image, and logs in to
// all of them.
func BenchmarkFiftyGuests(b *testing.B) {
	for b.Loop() {
		r := newRig(b)
		begun := time.Now()
		for id := range int64(50) {
			s := guests.Server{
				ID: id + 1, Account: 22290, Name: fmt.Sprint("web", id), Image: baseImage, Base: true, OS: "CentOS 6.2 (64-bit)", Family: guests.Linux,
				PublicIP: netip.AddrFrom4([4]byte{127, 31, 0, byte(id + 2)}), Password: password, Up: true, Boots: 1, Reachable: r.clock.Now(),
			}
			r.Follow(s)
		}
		must(b, r.Settle(b.Context()))
		b.ReportMetric(time.Since(begun).Seconds(), "s/50boots")
		for id := range int64(50) {
			s := guests.Server{PublicIP: netip.AddrFrom4([4]byte{127, 31, 0, byte(id + 2)})}
			if text, _ := r.run(s, "seq 1000 | wc -l"); text != "1000\n" {
				b.Errorf("it says %q", text)
			}
		}
		text, err := os.ReadFile("/proc/self/status")
		must(b, err)
		for line := range strings.SplitSeq(string(text), "\n") {
			if kilobytes, found := strings.CutPrefix(line, "VmHWM:"); found {
				var size float64
				_, _ = fmt.Sscan(kilobytes, &size)
				b.ReportMetric(size/1024, "peakMB")
			}
		}
		must(b, r.Close())
	}
}
