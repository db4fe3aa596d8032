// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"io"
	"strings"
	"testing"
)

// warnedAbout returns the names of the rules that a recipe matches.
func warnedAbout(t *testing.T, r *Recipe) string {
	t.Helper()
	names := map[string]string{
		staticAddress.summary: "address", enabledAdapter.summary: "adapter", certificateKey.summary: "key", administratorPassword.summary: "password",
	}
	var lost []string
	for _, warning := range r.PrepWarnings() {
		lost = append(lost, names[warning.Summary()])
	}
	return strings.Join(lost, " ")
}

const (
	ifcfg     = "/etc/sysconfig/network-scripts/ifcfg-"
	second    = `"Local Area Connection 2"`
	withSetup = "cat > " + ifcfg + "eth1 <<EOF\nDEVICE=eth1\nIPADDR=10.110.0.5\nEOF\nservice network restart"
)

// TestCommandsThatAreLost checks each rule with commands that match it and with
// similar commands that do not.
func TestCommandsThatAreLost(t *testing.T) {
	t.Parallel()
	for want, commands := range map[string][]string{
		"address": {
			"ip addr add 10.0.0.5/24 dev eth1",
			"sudo /sbin/ip -4 a add 10.0.0.5/24 brd + dev eth1",
			"true && ip address replace 10.0.0.5/24 dev eth1; false",
			"ip addr add 10.0.0.5/24 \\\n  dev eth1",
			"ifconfig eth1 10.0.0.5 netmask 255.255.255.0",
			"ifconfig eth1:0 10.0.0.5",
			withSetup,
			"echo IPADDR=10.0.0.5 >> " + ifcfg + "eth1",
			"sed -i 's/BOOTPROTO=.*/BOOTPROTO=static/' " + ifcfg + "eth1",
			"tee -a /etc/network/interfaces <<'X'\nauto eth1\niface eth1 inet static\nX",
			"netsh interface ipv4 set address name=" + second + " source=static address=10.0.0.10 mask=255.255.255.0",
			"netsh interface ip set address " + second + " static 10.0.0.10 255.255.255.0",
			"netsh interface ipv4 add address " + second + " 10.0.0.10 255.255.255.0",
		},
		"adapter": {
			"ifup eth1",
			"/sbin/ifup eth1 && mount /mnt",
			"if true; then ifup eth1; fi",
			"ip link set eth1 up",
			"ip link set dev eth1 mtu 9000 up",
			"ip link set up dev eth1",
			"ifconfig eth1 up",
			"netsh interface set interface " + second + " enabled",
			"netsh interface set interface name=" + second + " admin=ENABLED",
			"cmd /c netsh int set interface " + second + " enable",
		},
		"address adapter": {"ifconfig eth1 10.0.0.5 netmask 255.255.255.0 up"},
		"key": {
			"cat > /etc/httpd/key.pem <<EOF\n-----BEGIN RSA PRIVATE KEY-----\nx\nEOF",
			"cp /root/server.key /etc/pki/tls/private/server.key",
			"install -m 0600 server.key /etc/ssl/private/",
			`echo "$KEY" > /etc/ssl/private/server.key`,
			"openssl req -x509 -nodes -keyout /etc/pki/tls/private/x.key -out /etc/x.crt",
			`certutil -f -p secret -importpfx C:\certs\site.pfx`,
			`C:\Windows\System32\certutil.exe -importPFX site.pfx`,
			`Import-PfxCertificate -FilePath C:\site.pfx`,
		},
		"password": {
			"passwd root",
			"echo secret | passwd --stdin root",
			`echo "root:secret" | chpasswd`,
			"echo root:secret | sudo /usr/sbin/chpasswd",
			`printf 'a:b\nroot:secret\n' | chpasswd`,
			"chpasswd <<EOF\ndeploy:x\nroot:secret\nEOF",
			"chpasswd <<< 'root:secret'",
			"usermod -p '$1$x' root",
			"net user Administrator S3cret!",
			`net user "administrator" *`,
		},
		"": {
			"",
			"yum -y install httpd",
			"ip addr add 10.0.0.5/24 dev eth0",
			"ip addr add 10.0.0.5/24 dev eth10",
			"ip addr del 10.0.0.5/24 dev eth1",
			"ip addr show dev eth1",
			"# ip addr add 10.0.0.5/24 dev eth1",
			"ifconfig eth1",
			"ifconfig eth0 10.0.0.5",
			"echo 'ip addr add 10.0.0.5/24 dev eth1' >> /etc/rc.local",
			"cat > /etc/rc.local <<EOF\nip addr add 10.0.0.5/24 dev eth1\nifup eth1\npasswd root\nEOF\nchmod +x /etc/rc.local",
			"grep IPADDR= " + ifcfg + "eth1",
			"echo BOOTPROTO=dhcp > " + ifcfg + "eth1",
			"echo IPADDR=10.0.0.5 >> " + ifcfg + "eth0",
			"echo IPADDR=10.0.0.5 >> " + ifcfg + "eth10",
			`netsh interface ipv4 set address name="Local Area Connection" source=static address=10.0.0.10`,
			"netsh interface ipv4 set address name=" + second + " source=dhcp",
			"netsh interface ipv4 show address name=" + second,
			"rem netsh interface ip set address " + second + " static 10.0.0.10",
			"ifup eth0",
			"ifup eth10",
			"ifdown eth1",
			"ip link set eth1 down",
			"ip link show eth1",
			"ifconfig eth1 down",
			"man ifup eth1",
			"echo ifup eth1 >> /etc/rc.local",
			`echo "sleep 10; ifup eth1" >> /etc/rc.local`,
			"netsh interface set interface " + second + " disabled",
			`netsh interface set interface "Local Area Connection" enabled`,
			"cp /etc/ssl/private/server.key /tmp/server.key",
			"ls /etc/ssl/private/",
			"cat > /root/.ssh/id <<EOF\n-----BEGIN OPENSSH PRIVATE KEY-----\nx\nEOF",
			"cat > /root/k <<EOF\n-----BEGIN PUBLIC KEY-----\nx\nEOF",
			"cat > /root/k <<EOF\n-----BEGIN CERTIFICATE-----\nx\nEOF",
			"certutil -addstore root ca.cer",
			"certutil -dump site.pfx",
			"cp server.crt /etc/pki/tls/certs/server.crt",
			"passwd deploy",
			"passwd rootless",
			"grep root /etc/passwd",
			"cat /etc/passwd root",
			"echo deploy:x | chpasswd",
			"chown root:root f; echo a:b | chpasswd",
			"chpasswd <<EOF\ndeploy:root:x\nEOF",
			"chown root:root /etc/motd",
			"usermod -aG wheel root",
			"net user Administrator",
			"net user Administrator /active:yes",
			"net user AdministratorTwo S3cret!",
			"net user deploy S3cret! /add",
			"net localgroup Administrators deploy /add",
		},
	} {
		for _, command := range commands {
			r := &Recipe{Commands: []string{command}, PrepCommand: "gogrid-prep"}
			if got := warnedAbout(t, r); got != want {
				t.Errorf("%q matches the rules %q, want %q", command, got, want)
			}
			if r.PrepCommand = ""; warnedAbout(t, r) != "" {
				t.Errorf("%q causes a warning without a prep command", command)
			}
		}
	}
}

func textFile(destination, content string) File {
	return File{name: "files[0]", Destination: destination, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func TestFilesThatAreLost(t *testing.T) {
	t.Parallel()
	const rsa = "-----BEGIN RSA PRIVATE KEY-----\nx\n"
	for _, tc := range []struct{ destination, content, want string }{
		{ifcfg + "eth1", "DEVICE=eth1\nBOOTPROTO=static\nIPADDR=10.0.0.5\n", "address"},
		{ifcfg + "eth1", "DEVICE=eth1\nBOOTPROTO=\"static\"\n", "address"},
		{ifcfg + "eth1:1", "IPADDR0=10.0.0.5\n", "address"},
		{"/etc/network/interfaces", "auto eth1\niface eth1 inet static\n  address 10.0.0.5\n", "address"},
		{"/etc/network/interfaces.d/eth1", "iface eth1 inet static\n", "address"},
		{ifcfg + "eth1", "DEVICE=eth1\nBOOTPROTO=dhcp\n#IPADDR=10.0.0.5\n", ""},
		{ifcfg + "eth0", "BOOTPROTO=static\nIPADDR=10.0.0.5\n", ""},
		{ifcfg + "eth10", "BOOTPROTO=static\n", ""},
		{"/etc/sysconfig/network-scripts/route-eth1", "10.0.0.0/8 via 10.110.0.1\n", ""},
		{"/etc/network/interfaces", "iface eth0 inet static\niface eth1 inet dhcp\n", ""},
		{"/etc/rc.local", "#!/bin/sh\nifup eth1\nip addr add 10.0.0.5/24 dev eth1\n", ""},
		{"/usr/local/bin/startup", "passwd root\ncertutil -importpfx x\n", ""},
		{"/etc/httpd/server.key", rsa, "key"},
		{"/etc/httpd/bundle.pem", "-----BEGIN CERTIFICATE-----\n" + rsa, "key"},
		{"/etc/httpd/server.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "key"},
		{"/etc/ssl/private/server.key", "x", "key"},
		{"/etc/pki/tls/private/server.key", "x", "key"},
		{`C:\certs\site.PFX`, "x", "key"},
		{"/home/deploy/.ssh/id_rsa", rsa, ""},
		{"/etc/ssh/ssh_host_rsa_key", rsa, ""},
		{"/etc/httpd/server.crt", "-----BEGIN CERTIFICATE-----\n", ""},
		{"/etc/httpd/id", "-----BEGIN OPENSSH PRIVATE KEY-----\n", ""},
		{"/etc/pki/tls/certs/server.crt", "x", ""},
		{`C:\certs\site.pfx.txt`, "x", ""},
	} {
		r := &Recipe{Files: []File{textFile(tc.destination, tc.content)}, PrepCommand: "gogrid-prep"}
		if got := warnedAbout(t, r); got != tc.want {
			t.Errorf("%s with the content %q matches the rules %q, want %q", tc.destination, tc.content, got, tc.want)
		}
	}
}

// TestLossesSayWhere checks that a recipe gets one warning for each rule, and
// that the warning names all places but quotes no content.
func TestLossesSayWhere(t *testing.T) {
	t.Parallel()
	script := textFile("", "true\nifup eth1\necho root:hunter2 | chpasswd\n")
	script.name = "scripts[0]"
	r := &Recipe{
		Files:       []File{textFile("/etc/httpd/key", "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n")},
		Commands:    []string{"true", "echo root:hunter2 | chpasswd"},
		Scripts:     []File{script},
		PrepCommand: "gogrid-prep",
	}
	want := map[string]string{
		enabledAdapter.summary: "scripts[0].", certificateKey.summary: "files[0].", administratorPassword.summary: "commands[1], scripts[0].",
	}
	diags := r.PrepWarnings()
	if len(diags) != len(want) {
		t.Errorf("got %d warnings, want %d: %v", len(diags), len(want), diags)
	}
	for _, warning := range diags {
		if places, ok := want[warning.Summary()]; !ok || !strings.HasPrefix(warning.Detail(), "Found in prepare: "+places+" ") {
			t.Errorf("%s: %s", warning.Summary(), warning.Detail())
		}
		if strings.Contains(warning.Summary()+warning.Detail(), "hunter2") {
			t.Errorf("a warning quotes a secret: %s", warning.Detail())
		}
		if !strings.Contains(warning.Detail(), "startup script") {
			t.Errorf("a warning does not say what to do instead: %s", warning.Detail())
		}
	}
}
