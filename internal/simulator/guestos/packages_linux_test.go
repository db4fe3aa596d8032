// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
)

func debian(s *guestos.Server) { s.OS, s.Image = "Debian 6.0 (64-bit)", 5824 }

// alone returns a server with an address that no other test uses, so that the
// server can use the standard ports.
func (r *rig) alone(change ...func(*guestos.Server)) guestos.Server {
	r.t.Helper()
	return r.server(int64(r.port), change...)
}

// step is a command on a server, with its expected exit code and parts of its
// output.
type step struct {
	command string
	code    int
	want    []string
}

func (r *rig) steps(s guestos.Server, all []step) {
	r.t.Helper()
	for _, step := range all {
		text, code := r.run(s, step.command)
		if code != step.code {
			r.t.Errorf("%s: code %d, want %d: %s", step.command, code, step.code, text)
		}
		for _, want := range step.want {
			if !strings.Contains(text, want) {
				r.t.Errorf("%s: %q lacks %q", step.command, text, want)
			}
		}
	}
}

func TestYum(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.alone()
	r.steps(s, []step{
		{"nginx -t", 127, []string{"nginx: command not found"}},
		{"apt-get install nginx", 127, []string{"apt-get: command not found"}},
		{"dpkg -l", 127, []string{"command not found"}},
		{"command -v nginx; echo $?", 0, []string{"1\n"}},
		{"rpm -q nginx", 1, []string{"package nginx is not installed\n"}},
		{"rpm -q bash", 0, []string{"bash-4.1.2-1.el6.x86_64\n"}},
		{"yum install nginx < /dev/null", 1, []string{"Is this ok [y/N]: ", "Exiting on user Command"}},
		{"yum install nginx", 1, []string{"Is this ok [y/N]: "}},
		{"echo n | yum install nginx", 1, []string{"Is this ok [y/N]: "}},
		{"yum -y install foo", 1, []string{"No package foo available.", "Error: Nothing to do"}},
		{"yum -y install", 1, []string{"Need to pass a list of pkgs to install"}},
		{"yum -y install --foo nginx", 1, []string{"no such option: --foo"}},
		{"yum frobnicate", 1, []string{"No such command: frobnicate."}},
		{"yum -y remove nginx", 0, []string{"No Match for argument: nginx", "No Packages marked for removal"}},
		{"service nginx start", 1, []string{"nginx: unrecognized service"}},
		{"yum -y install nginx foo && nginx -v", 0, []string{"No package foo available.", "Installed:\n  nginx.x86_64", "Complete!", "nginx version: nginx/1.0.15"}},
		{"yum -y install nginx", 0, []string{"already installed and latest version", "Nothing to do"}},
		{"yum list installed nginx", 0, []string{"nginx.x86_64", "@base"}},
		{"yum list available nginx", 1, []string{"No matching Packages to list"}},
		{"yum -y update", 0, []string{"No Packages marked for Update"}},
		{"rpm -q nginx; rpm -ql nginx", 0, []string{"nginx-1.0.15-1.el6.x86_64", "/etc/nginx/nginx.conf"}},
		{"chkconfig nginx; echo $?; chkconfig nginx on; chkconfig --list nginx", 0, []string{"1\n", "3:on"}},
		{"curl http://localhost/", 7, []string{"Connection refused"}},
		{"service nginx start && curl http://localhost/", 0, []string{"Welcome to nginx!"}},
		{"/etc/init.d/nginx status", 0, []string{"active"}},
		{"echo changed >> /etc/nginx/nginx.conf; echo y | yum remove nginx", 0, []string{"Removed:", "Complete!"}},
		{"nginx -v", 127, []string{"command not found"}},
		{"curl http://localhost/", 7, nil},
		{"ls /etc/nginx", 0, []string{"nginx.conf.rpmsave"}},
		{"yum -y remove bash", 1, []string{"which is protected"}},
		{"rpm -e samba-common", 1, []string{"Failed dependencies", "samba-client"}},
		{"yum -y remove samba-common && smbclient -N", 127, []string{"Removing for dependencies:", "smbclient: command not found"}},
		{"yum -y install rsync zip", 0, []string{"Install       2 Package(s)"}},
	})
	r.ok(s, "useradd deploy; echo secret8 | passwd --stdin deploy")
	client, err := r.dial(s, "deploy", "secret8")
	must(t, err)
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	must(t, err)
	text, err := session.CombinedOutput("yum -y install httpd")
	var exit *ssh.ExitError
	if !errors.As(err, &exit) || exit.ExitStatus() != 1 || !strings.Contains(string(text), "You need to be root to perform this command.") {
		t.Errorf("yum as an account other than root: %v, %q", err, text)
	}
}

func TestAptGet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.alone(debian)
	r.steps(s, []step{
		{"yum -y install nginx", 127, []string{"yum: command not found"}},
		{"rpm -qa", 127, []string{"command not found"}},
		{"apache2 -v", 127, []string{"command not found"}},
		{"apt-get update", 0, nil},
		{"apt-get install -y foo", 100, []string{"E: Unable to locate package foo"}},
		{"apt-get install -y foo nginx", 100, nil},
		{"apt-get install apache2 < /dev/null", 1, []string{"apache2.2-common", "Do you want to continue [Y/n]? Abort."}},
		{"apt-get --frobnicate install", 100, []string{"E: Command line option --frobnicate is not understood"}},
		{"apt-get frobnicate", 100, []string{"E: Invalid operation frobnicate"}},
		{"dpkg -s nginx", 1, []string{"Package `nginx' is not installed"}},
		{"dpkg -l nginx", 1, []string{"No packages found matching nginx."}},
		{"DEBIAN_FRONTEND=noninteractive apt-get -qq -y install nginx && dpkg -s nginx && dpkg -l nginx", 0, []string{"Status: install ok installed", "ii  nginx"}},
		{"curl http://localhost/", 0, []string{"Welcome to nginx!"}},
		{"apt-get install nginx", 0, []string{"nginx is already the newest version.", "0 upgraded, 0 newly installed"}},
		{"apt-get -y remove nginx; test -e /etc/nginx/nginx.conf; echo $?", 0, []string{"Removing nginx", "1\n"}},
		{"apt-get -y remove nginx", 0, []string{"Package nginx is not installed, so not removed"}},
		{"apt-get -y install apache2 && curl http://localhost/", 0, []string{"Setting up apache2", "It works!"}},
		{"apt-get -y install nginx", 100, []string{"Address already in use", "Sub-process /usr/bin/dpkg returned an error code (1)"}},
		{"apt-cache policy zip", 0, []string{"Candidate: 3.0"}},
		{"apt -y install zip && zip -q /tmp/a.zip /etc/hosts && unzip -l /tmp/a.zip", 0, []string{"etc/hosts"}},
	})
}

// Installed packages survive a reboot, and an image of the server contains
// them.
func TestPackagesStay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.alone()
	port := r.port + 1
	r.ok(s, fmt.Sprintf(`set -e
yum -y install nginx > /dev/null
sed -i 's/listen .*/listen %d;/' /etc/nginx/conf.d/default.conf
echo mine > /usr/share/nginx/html/index.html
yum -y remove zip rsync > /dev/null
chkconfig nginx on
gogrid-prep`, port))
	r.Save(s.ID, 500)
	must(t, r.WaitReady(t.Context()))
	s.Boots = 2
	r.follow(s)
	r.awaitHTTP(s, port)
	copied := r.server(1, func(s *guestos.Server) { s.Image, s.Base = 500, false })
	r.awaitHTTP(copied, port)
	if text, err := page(t, copied, port); text != "mine\n" {
		t.Errorf("a server created from the image serves %q (%v)", text, err)
	}
	r.steps(copied, []step{{"rpm -q nginx zip", 1, []string{"nginx-1.0.15", "package zip is not installed"}}})
}
