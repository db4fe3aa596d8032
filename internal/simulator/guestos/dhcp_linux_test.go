// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// dnsmasqConf returns the configuration that the provider renders for two
// servers.
func dnsmasqConf(t *testing.T) string {
	t.Helper()
	rendered, err := startup.RenderDHCP(startup.DHCPConfig{
		Subnet: netip.MustParsePrefix("10.110.0.0/24"),
		Routes: []startup.Route{{Destination: netip.MustParsePrefix("10.0.0.0/8"), Gateway: netip.MustParseAddr("10.110.0.1")}},
		Hosts: []startup.Host{
			{Name: "web1", Address: netip.MustParseAddr("10.110.0.11")},
			{Name: "web2", Address: netip.MustParseAddr("10.110.0.12"), MAC: "00:16:3e:00:00:0c"},
		},
	})
	must(t, err)
	return rendered.Dnsmasq
}

// serveDHCP runs a DHCP service on a server.
func (r *rig) serveDHCP(s guestos.Server, config string) {
	r.t.Helper()
	r.ok(s, "ip link set eth1 up; ip addr add 10.110.0.5/24 dev eth1; cat > /etc/dnsmasq.conf <<'END'\n"+config+"END\nsystemctl enable dnsmasq; systemctl start dnsmasq; until systemctl is-active dnsmasq > /dev/null; do :; done")
}

// wantLease requests a lease and compares the address and the routes. It retries
// until the service answers, because the service may have only just started.
func (r *rig) wantLease(s guestos.Server, addresses, routes string) {
	r.t.Helper()
	r.ok(s, "until dhclient -1 eth1 2> /dev/null; do :; done")
	if text := r.ok(s, "ip addr show | grep 'inet.*eth1'; ip route | grep eth1"); text != "    inet "+addresses+" scope global eth1\n"+routes {
		r.t.Errorf("%s has %q", s.Name, text)
	}
}

// The rendered configuration gives each planned server its address and the
// route to Cloud Storage. Other servers get no lease.
func TestDHCPOfTheRenderedConfiguration(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	web1, web2, other, service := r.server(1), r.server(2), r.server(3), r.server(4)
	foreign := r.server(5, func(s *guestos.Server) { s.Account, s.Name = 7, "web1" })
	if text, code := r.run(web1, "dhclient -1 eth1"); code == 0 || !strings.Contains(text, "No DHCPOFFERS received") {
		t.Errorf("without a DHCP service: code %d, %q", code, text)
	}
	r.serveDHCP(service, dnsmasqConf(t))
	r.wantLease(web1, "10.110.0.11/24", "10.0.0.0/8 via 10.110.0.1 dev eth1\n")
	r.wantLease(web2, "10.110.0.12/24", "10.0.0.0/8 via 10.110.0.1 dev eth1\n")
	r.ok(web1, smbLogin+"ls")
	for _, s := range []guestos.Server{other, foreign, service} {
		if text, code := r.run(s, "dhclient -1 eth1"); code == 0 || !strings.Contains(text, "No DHCPOFFERS received") {
			t.Errorf("dhclient on %s: code %d, %q, want no lease", s.Name, code, text)
		}
	}
}

// No client gets a lease while the service is stopped, its machine is switched
// off, or the machine has no private address. A lease does not survive a reboot.
func TestDHCPServiceIsNeeded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	web, service := r.server(1), r.server(4)
	const ask = "dhclient -1 eth1 2> /dev/null && echo leased || echo none"
	r.serveDHCP(service, dnsmasqConf(t))
	r.wantLease(web, "10.110.0.11/24", "10.0.0.0/8 via 10.110.0.1 dev eth1\n")
	r.ok(service, "systemctl stop dnsmasq")
	for _, step := range []struct{ command, want string }{
		{"true", "none"},
		{"systemctl start dnsmasq", "leased"},
		{"ip link set eth1 down", "none"},
		{"ip link set eth1 up", "leased"},
	} {
		r.ok(service, step.command)
		if step.want == "leased" {
			r.wantLease(web, "10.110.0.11/24", "10.0.0.0/8 via 10.110.0.1 dev eth1\n")
		} else if text := r.ok(web, ask); text != step.want+"\n" {
			t.Errorf("after %s: %q", step.command, text)
		}
	}
	service.Up = false
	r.follow(service)
	if text := r.ok(web, ask); text != "none\n" {
		t.Errorf("with the DHCP server switched off: %q, want none", text)
	}
	service.Up, service.Boots = true, 2
	r.follow(service) // the static address and the enabled service survive the boot
	r.wantLease(web, "10.110.0.11/24", "10.0.0.0/8 via 10.110.0.1 dev eth1\n")
	web.Boots = 2
	r.follow(web)
	if text := r.ok(web, "ip addr show | grep -c 'inet.*eth1'; ip route | grep -c eth1; true"); text != "0\n0\n" {
		t.Errorf("the lease survived a boot: %q", text)
	}
}

// The service leases any free address of a range. Without a router option the
// service announces its own machine as the router, so that the client gets a
// second default route.
func TestDHCPRange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, two, three, service := r.server(1), r.server(2), r.server(3), r.server(4)
	r.serveDHCP(service, "interface=eth1\ndhcp-range=10.110.0.20,10.110.0.22,255.255.255.0,1h\ndhcp-host=web9,10.110.0.21\n")
	r.wantLease(one, "10.110.0.20/24", "0.0.0.0/0 via 10.110.0.5 dev eth1\n")
	r.wantLease(two, "10.110.0.22/24", "0.0.0.0/0 via 10.110.0.5 dev eth1\n")
	if _, code := r.run(three, "dhclient -1 eth1"); code == 0 {
		t.Error("a third server got a lease from a range of two addresses")
	}
	r.ok(one, "dhclient -r eth1")
	r.wantLease(three, "10.110.0.20/24", "0.0.0.0/0 via 10.110.0.5 dev eth1\n")
	r.ok(three, "printf 'auto eth1\\niface eth1 inet dhcp\\n' > /etc/network/interfaces; ifdown eth1; ifup eth1")
}

// dnsmasq reads a configuration from the folder that the documentation of the
// data source recommends. The packages of CentOS and Debian both read that
// folder.
func TestDHCPOfTheFolder(t *testing.T) {
	t.Parallel()
	for name, system := range map[string]func(*guestos.Server){"CentOS": func(*guestos.Server) {}, "Debian": debian} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			web, service := r.server(1), r.server(4, system)
			r.ok(service, "set -e; ip link set eth1 up; ip addr add 10.110.0.5/24 dev eth1; cat > /etc/dnsmasq.d/gogrid.conf <<'END'\n"+dnsmasqConf(t)+"END\nservice dnsmasq restart")
			r.ok(web, "dhclient -1 eth1")
			if text := r.ok(web, "ip addr show | grep 'inet.*eth1'"); !strings.Contains(text, "10.110.0.11/24") {
				t.Errorf("the lease is %q", text)
			}
			if text, code := r.run(service, "echo foo >> /etc/dnsmasq.d/gogrid.conf; service dnsmasq restart"); code != 1 || !strings.Contains(text, "bad option at line") {
				t.Errorf("restart with a broken configuration: code %d, %q", code, text)
			}
		})
	}
}

// The extensions in conf-dir select which files dnsmasq reads.
func TestDnsmasqExtensions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	r.ok(s, "echo bad > /etc/dnsmasq.d/a.rpmnew; echo bad > /etc/dnsmasq.d/.b; echo bad > '/etc/dnsmasq.d/c~'; echo bad > '/etc/dnsmasq.d/#d#'; mkdir /etc/dnsmasq.d/dir; echo port=0 > /etc/dnsmasq.d/e.conf")
	for value, want := range map[string]int{"": 1, ",.rpmnew": 0, ",.x,.rpmnew": 0, ",*.conf": 0, ",*": 1, ",*.conf,*.rpmnew": 1} {
		if text, code := r.run(s, "echo conf-dir=/etc/dnsmasq.d"+value+" > /tmp/c; dnsmasq --test -C /tmp/c"); code != want {
			t.Errorf("%q: code %d, want %d: %s", value, code, want, text)
		}
	}
	r.ok(s, "rm /etc/dnsmasq.d/a.rpmnew; echo conf-file=/tmp/c > /tmp/c; dnsmasq --test -C /tmp/c; dnsmasq --test -C /dev/null -7 /etc/dnsmasq.d")
}

// dnsmasq prints what is missing.
func TestDnsmasqRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	for _, step := range []struct{ before, command, want string }{
		{"true", "dnsmasq -C /none", "cannot read /none"},
		{"echo 'dhcp-rage=1' > /etc/dnsmasq.conf", "dnsmasq --test", "bad option at line 1 of /etc/dnsmasq.conf"},
		{"echo 'port=0' > /etc/dnsmasq.conf; dnsmasq --test", "dnsmasq", "no dhcp-range"},
		{"echo 'conf-dir=/none' > /etc/dnsmasq.conf", "dnsmasq --test", "cannot access directory /none: No such file or directory"},
		{"echo 'conf-file=/none' > /etc/dnsmasq.conf", "dnsmasq --test", "cannot read /none: No such file or directory"},
		{"echo 'conf-dir=/etc/dnsmasq.d' > /etc/dnsmasq.conf; printf '\\nfoo=1\\n' > /etc/dnsmasq.d/x", "dnsmasq --test", "dnsmasq: bad option at line 2 of /etc/dnsmasq.d/x"},
		{"rm /etc/dnsmasq.d/x", "service dnsmasq restart", "no dhcp-range"},
		{"echo 'foo=1' > /etc/dnsmasq.d/x", "service dnsmasq restart", "dnsmasq: bad option at line 1 of /etc/dnsmasq.d/x"},
		{"systemctl is-active dnsmasq > /dev/null || rm /etc/dnsmasq.d/x", "systemctl start dnsmasq", "Job for dnsmasq.service failed"},
		{"echo 'interface=eth7' > /etc/dnsmasq.conf", "dnsmasq", "unknown interface eth7"},
		{"echo 'dhcp-range=x,y' > /etc/dnsmasq.conf", "dnsmasq", "bad dhcp-range at line 1"},
		{"echo 'dhcp-host=web' > /etc/dnsmasq.conf", "dnsmasq", "bad dhcp-host at line 1"},
		{"echo 'dhcp-option=121,10.0.0.0/8,x' > /etc/dnsmasq.conf", "dnsmasq", "bad dhcp-option at line 1"},
		{"echo 'dhcp-range=10.110.0.0,static' > /etc/dnsmasq.conf; dnsmasq --test", "dnsmasq", "unknown interface eth1"},
		{"ip link set eth1 up; ip addr add 10.9.0.1/24 dev eth1", "dnsmasq", "is on the network of eth1"},
		{"ip addr replace 10.110.0.5/24 dev eth1; dnsmasq", "dnsmasq -k", "Address already in use"},
	} {
		r.ok(s, step.before)
		if text, code := r.run(s, step.command); code == 0 || !strings.Contains(text, step.want) {
			t.Errorf("%s: code %d, %q", step.command, code, text)
		}
	}
}
