// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// network is a private network of two namespaces. One namespace runs Cloud
// Storage (Samba) and the DHCP server (dnsmasq). A server boots in the other.
type network struct {
	*guest
	storage, server string
	dir             string
}

// userland skips the test unless real programs can run in namespaces.
func userland(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to create network namespaces")
	}
	for _, program := range []string{"ip", "unshare", "dnsmasq", "smbd", "smbpasswd", "smbclient", "dhclient", "unzip", "busybox"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
}

// TestLinuxScriptOnRealUserland boots a server with the real dhclient and
// smbclient. The server gets its lease by MAC address and its route only by
// option 121. Its password is hard to quote.
func TestLinuxScriptOnRealUserland(t *testing.T) {
	t.Parallel()
	userland(t)
	n := newNetwork(t)
	n.publish("v1", map[string]string{
		"app/index.html":   "one\n",
		"scripts/serve.sh": "#!/bin/sh\nbusybox httpd -p 8080 -h /srv/site/app\n",
	}, installApp, `{"run":{"script":"scripts/serve.sh","args":[],"timeout_seconds":600},"on_error":"continue","when":"every_boot"}`)
	n.serve()
	boot := n.machine("web-1")

	begun := time.Now()
	first := boot()
	t.Logf("booted in %v", time.Since(begun))
	n.wantStatus("v1 of v1: ok [install ok, run ok]")
	if got := n.inside(n.storage, "busybox", "wget", "-q", "-O", "-", "http://10.110.0.11:8080/index.html"); got != "one\n" {
		t.Errorf("the server serves %q", got)
	}
	if second := boot(); second != first || !strings.HasPrefix(first, "0 ") {
		t.Errorf("the first boot ended with %q, the second with %q", first, second)
	}

	n.publish("v2", map[string]string{"app/index.html": "two\n"}, installApp)
	boot()
	n.wantStatus("v2 of v2: ok [install ok]")
}

// untilCleanup returns a context for processes that run until the test's clean-up.
func untilCleanup(t *testing.T) context.Context { return context.WithoutCancel(t.Context()) }

func newNetwork(t *testing.T) *network {
	t.Helper()
	id := fmt.Sprintf("gg%d", os.Getpid())
	config := testConfig()
	config.Network.Routes = nil
	config.Storage.Host = "10.99.0.3"
	n := &network{guest: &guest{t: t, config: config}, storage: id + "s", server: id + "g", dir: t.TempDir()}
	n.root, n.cloud = filepath.Join(n.dir, "baked"), filepath.Join(n.dir, "cloud")
	for _, folder := range []string{n.root, n.cloud, filepath.Join(n.dir, "samba")} {
		n.must(os.MkdirAll(folder, 0o755))
	}
	n.must(os.Chmod(n.cloud, 0o777))
	for _, folder := range []string{"channels", "releases"} {
		n.must(os.MkdirAll(filepath.Join(n.cloud, folder), 0o755))
	}
	rendered, err := Render(config)
	n.must(err)
	for _, file := range rendered.Files {
		n.write(n.root, file.Path, file.Content)
	}
	n.write(n.root, "etc/gogrid/storage.password", password+"\n")
	for _, name := range []string{n.storage, n.server} {
		if output, err := exec.CommandContext(t.Context(), "ip", "netns", "add", name).CombinedOutput(); err != nil {
			t.Skipf("cannot create network namespaces: %v\n%s", err, output)
		}
		t.Cleanup(func() { _ = exec.CommandContext(untilCleanup(t), "ip", "netns", "del", name).Run() })
	}
	n.do("ip", "link", "add", "c0", "netns", n.storage, "type", "veth", "peer", "name", "eth1", "netns", n.server, "address", "00:16:3e:00:00:0b")
	for _, words := range []string{"addr add 10.110.0.1/24 dev c0", "addr add 10.99.0.3/32 dev lo", "link set lo up", "link set c0 up"} {
		n.inside(n.storage, append([]string{"ip"}, strings.Fields(words)...)...)
	}
	return n
}

func (n *network) do(command ...string) string {
	n.t.Helper()
	output, err := exec.CommandContext(n.t.Context(), command[0], command[1:]...).CombinedOutput()
	if err != nil {
		n.t.Fatalf("%q: %v\n%s", command, err, output)
	}
	return string(output)
}

func (n *network) inside(namespace string, command ...string) string {
	n.t.Helper()
	return n.do(append([]string{"ip", "netns", "exec", namespace}, command...)...)
}

// daemon runs a program in a namespace until the test ends. The program gets its
// own session, because smbd signals its whole process group when it exits.
func (n *network) daemon(cmd *exec.Cmd) {
	n.t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	n.must(cmd.Start())
	n.t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait() // it was killed
	})
}

// serve starts Cloud Storage and the DHCP server.
func (n *network) serve() {
	n.t.Helper()
	samba := filepath.Join(n.dir, "samba")
	var conf strings.Builder
	fmt.Fprintf(&conf, "[global]\nserver role = standalone server\nmap to guest = never\nusername map = %s/users\nbind interfaces only = yes\ninterfaces = 10.99.0.3/32\n", samba)
	fmt.Fprintf(&conf, "passdb backend = smbpasswd:%s/passwords\nlog file = %s/log\nsmb ports = 445\nload printers = no\n", samba, samba)
	for _, folder := range []string{"private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir"} {
		fmt.Fprintf(&conf, "%s = %s\n", folder, samba)
	}
	fmt.Fprintf(&conf, "[22290]\npath = %s\nread only = no\nforce user = root\n", n.cloud)
	n.write(samba, "smb.conf", conf.String())
	n.write(samba, "users", "nobody = 22290\n")
	set := exec.CommandContext(n.t.Context(), "smbpasswd", "-c", filepath.Join(samba, "smb.conf"), "-s", "-a", "nobody")
	set.Stdin = strings.NewReader(password + "\n" + password + "\n")
	if output, err := set.CombinedOutput(); err != nil {
		n.t.Fatalf("%v\n%s", err, output)
	}
	n.daemon(exec.CommandContext(untilCleanup(n.t), "ip", "netns", "exec", n.storage, "smbd", "-F", "--no-process-group", "-s", filepath.Join(samba, "smb.conf")))

	dhcp, err := RenderDHCP(DHCPConfig{
		Subnet: netip.MustParsePrefix("10.110.0.0/24"), Interface: "c0",
		Routes: []Route{{netip.MustParsePrefix("10.99.0.0/16"), netip.MustParseAddr("10.110.0.1")}},
		Hosts:  []Host{{Name: "web-1", Address: netip.MustParseAddr("10.110.0.11"), MAC: "00:16:3e:00:00:0b"}},
	})
	n.must(err)
	n.write(n.dir, "dnsmasq.conf", dhcp.Dnsmasq)
	n.daemon(exec.CommandContext(untilCleanup(n.t), "ip", "netns", "exec", n.storage, "dnsmasq", "-k", "--user=root", "-C", filepath.Join(n.dir, "dnsmasq.conf"),
		"--pid-file="+filepath.Join(n.dir, "dnsmasq.pid"), "--dhcp-leasefile="+filepath.Join(n.dir, "leases"), "--log-facility="+filepath.Join(n.dir, "dnsmasq.log")))
}

// machine creates the server. The returned function boots the server, and
// returns the exit code of the startup script and a digest of the files that
// the script manages.
func (n *network) machine(name string) func() string {
	n.t.Helper()
	driver, err := filepath.Abs("testdata/userland.sh")
	n.must(err)
	cmd := exec.CommandContext(untilCleanup(n.t), "ip", "netns", "exec", n.server, "unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "sh", driver, n.root, name)
	input, err := cmd.StdinPipe()
	n.must(err)
	output, err := cmd.StdoutPipe()
	n.must(err)
	log, err := os.Create(filepath.Join(n.dir, "boot.log"))
	n.must(err)
	n.t.Cleanup(func() { _ = log.Close() }) // only read if a boot fails
	cmd.Stderr = log
	n.daemon(cmd)
	n.t.Cleanup(func() { _ = input.Close() })
	answers := bufio.NewReader(output)
	return func() string {
		n.t.Helper()
		_, err := io.WriteString(input, "boot\n")
		n.must(err)
		answer, err := answers.ReadString('\n')
		if err != nil || !strings.HasPrefix(answer, "0 ") {
			n.t.Fatalf("the boot ended with %q (%v)\n%s\n%s", answer, err, n.read(n.dir, "boot.log"), n.read(n.dir, "dnsmasq.log"))
		}
		return answer
	}
}
