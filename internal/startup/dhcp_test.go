// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func testDHCP() DHCPConfig {
	return DHCPConfig{
		Subnet: netip.MustParsePrefix("10.110.0.0/24"),
		Routes: []Route{
			{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParseAddr("10.110.0.1")},
			{netip.MustParsePrefix("172.16.5.0/24"), netip.MustParseAddr("10.110.0.2")},
		},
		Hosts: []Host{
			{Name: "web-2", Address: netip.MustParseAddr("10.110.0.12"), MAC: "00-16-3E-00-00-0C"},
			{Name: "web-1", Address: netip.MustParseAddr("10.110.0.11"), PublicIP: netip.MustParseAddr("208.113.75.243")},
		},
	}
}

func TestDHCPGoldenFiles(t *testing.T) {
	t.Parallel()
	rendered, err := RenderDHCP(testDHCP())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"dnsmasq.conf": rendered.Dnsmasq, "dhcp.cmd": rendered.Netsh, "hosts": rendered.HostsFile, "hosts.json": rendered.HostMap} {
		golden(t, filepath.Join("testdata/golden/dhcp", name), text)
	}
	if _, err := ParseHostMap(rendered.HostMap); err != nil {
		t.Error(err)
	}
}

func TestDnsmasqTakesTheConfiguration(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("dnsmasq"); err != nil {
		t.Skip("dnsmasq is not installed")
	}
	rendered, err := RenderDHCP(testDHCP())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dnsmasq.conf")
	if err := os.WriteFile(file, []byte(rendered.Dnsmasq), 0o644); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.CommandContext(t.Context(), "dnsmasq", "--test", "-C", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

func TestNetshScriptFollowsTheRules(t *testing.T) {
	t.Parallel()
	rendered, err := RenderDHCP(testDHCP())
	if err != nil {
		t.Fatal(err)
	}
	model, err := newCmdModel(rendered.Netsh)
	if err != nil {
		t.Fatal(err)
	}
	// Every command that may fail does fail, as in a second run of the script.
	model.run = func(args []string, _ map[string]string) int {
		line := strings.Join(args, " ")
		if strings.Contains(line, " add scope ") || strings.Contains(line, " add optiondef ") || strings.Contains(line, " add excluderange ") || strings.Contains(line, " delete ") {
			return 1
		}
		return 0
	}
	if err := model.execute(0); err != nil || model.errorlevel != 0 {
		t.Errorf("the script ended with code %d: %v", model.errorlevel, err)
	}
}

func TestDHCPRefusals(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*DHCPConfig){
		`interface: is "eth 1": it must be a name`:                            func(c *DHCPConfig) { c.Interface = "eth 1" },
		`subnet: is 10.0.0.0/31: a private network`:                           func(c *DHCPConfig) { *c = DHCPConfig{Subnet: netip.MustParsePrefix("10.0.0.0/31")} },
		`routes[0].gateway: is 10.9.0.1, which is not in the subnet`:          func(c *DHCPConfig) { c.Routes[0].Gateway = netip.MustParseAddr("10.9.0.1") },
		`routes[1].destination: is the default route`:                         func(c *DHCPConfig) { c.Routes[1].Destination = netip.MustParsePrefix("0.0.0.0/0") },
		`hosts.web_3: is "web_3": a host name`:                                func(c *DHCPConfig) { c.Hosts[0].Name = "web_3" },
		`hosts.version: is "version", which has a meaning`:                    func(c *DHCPConfig) { c.Hosts[0].Name = "version" },
		`hosts.web-1.address: is 10.110.0.12, which "web-2" already has`:      func(c *DHCPConfig) { c.Hosts[1].Address = c.Hosts[0].Address },
		`hosts.web-1.address: is 10.111.0.1, which is not in`:                 func(c *DHCPConfig) { c.Hosts[1].Address = netip.MustParseAddr("10.111.0.1") },
		`hosts.web-1.address: is 10.110.0.255, the first or last`:             func(c *DHCPConfig) { c.Hosts[1].Address = netip.MustParseAddr("10.110.0.255") },
		`hosts.web-2.mac: is "00163e": it must be six pairs`:                  func(c *DHCPConfig) { c.Hosts[0].MAC = "00163e" },
		`hosts.web-1.mac: is 00163e00000c, which "web-2" already has`:         func(c *DHCPConfig) { c.Hosts[1].MAC = "00:16:3e:00:00:0c" },
		`hosts.web-1.public_ip: is 208.113.75.243, which "web-2" already has`: func(c *DHCPConfig) { c.Hosts[0].PublicIP = c.Hosts[1].PublicIP },
	} {
		config := testDHCP()
		change(&config)
		if _, err := RenderDHCP(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
