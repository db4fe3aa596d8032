// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"net/netip"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	for want, config := range map[string]func(*Config){
		`os: is "solaris"`:                                                                      func(c *Config) { c.OS = "solaris" },
		`channel: is "a/b"`:                                                                     func(c *Config) { c.Channel = "a/b" },
		`private_network.adapter: has 16 characters`:                                            func(c *Config) { c.Network.Adapter = strings.Repeat("x", 16) },
		`private_network.adapter: has ' ' at position 4`:                                        func(c *Config) { c.Network.Adapter = "eth 1" },
		`private_network.mode: is "magic"`:                                                      func(c *Config) { c.Network.Mode = "magic" },
		`private_network.routes: are not set in mode "none"`:                                    func(c *Config) { c.Network.Mode = ModeNone },
		`private_network.routes[0].destination: is the default`:                                 func(c *Config) { c.Network.Routes[0].Destination = netip.MustParsePrefix("0.0.0.0/0") },
		`private_network.routes[0].destination: is 10.1.2.3/8`:                                  func(c *Config) { c.Network.Routes[0].Destination = netip.MustParsePrefix("10.1.2.3/8") },
		`private_network.provisional_address: is only used in mode "host_map"`:                  func(c *Config) { c.Network.Provisional = netip.MustParsePrefix("10.0.0.9/24") },
		`private_network.host_map: is not a host map`:                                           func(c *Config) { c.Network.HostMap = "{" },
		`private_network.host_map: is not laid out with one key`:                                func(c *Config) { c.Network.HostMap = `{"version":1,"addresses":{},"names":{}}` },
		`cloud_storage.host: is "a b"`:                                                          func(c *Config) { c.Storage.Host = "a b" },
		`cloud_storage.share: has '/' at position 2`:                                            func(c *Config) { c.Storage.Share = "a/b" },
		`cloud_storage.username: has the control character U+000A at position 2, which a shell`: func(c *Config) { c.Storage.Username = "a\nb" },
		`cloud_storage.username: begins or ends with white space`:                               func(c *Config) { c.Storage.Username = " a" },
		`cloud_storage.password_file: is "secret"`:                                              func(c *Config) { c.Storage.PasswordFile = "secret" },
		`cloud_storage.drive_letter: is for Windows`:                                            func(c *Config) { c.Storage.DriveLetter = "Z:" },
		`cloud_storage.mount_point: is "/mnt/a b"`:                                              func(c *Config) { c.Storage.MountPoint = "/mnt/a b" },
		`cloud_storage.mount_point: is "/mnt/../etc"`:                                           func(c *Config) { c.Storage.MountPoint = "/mnt/../etc" },
		`certificates[0].file: is "site.pem": it must be a PKCS #12`:                            func(c *Config) { c.Certificates = []Certificate{{File: "site.pem", Store: "/etc/x"}} },
		`certificates[1].file: is "../site.pfx"`:                                                func(c *Config) { c.Certificates = []Certificate{{}, {File: "../site.pfx"}} },
		`certificates[0].store: is "My": on Linux`:                                              func(c *Config) { c.Certificates = []Certificate{{File: "a.pfx", Store: "My"}} },
		`extra: has the control character U+0000 at position 2`:                                 func(c *Config) { c.Extra = "a\x00" },
	} {
		c := testLinux()
		config(&c)
		wantProblem(t, c, want)
	}
}

func testLinux() Config { return goldens()["linux-dhcp"] }

func TestWindowsRefusals(t *testing.T) {
	t.Parallel()
	for want, config := range map[string]func(*Config){
		`private_network.adapter: has a double quote (") at position 1, which cmd`: func(c *Config) { c.Network.Adapter = `"LAN"` },
		`private_network.adapter: has '*' at position 1, which ipconfig`:           func(c *Config) { c.Network.Adapter = "*" },
		`private_network.adapter: ends in a backslash`:                             func(c *Config) { c.Network.Adapter = `LAN\` },
		`cloud_storage.username: has a double quote (") at position 10, which cmd`: func(c *Config) { c.Storage.Username = `a%b^c&d!e"f` },
		`cloud_storage.username: has 'é' at position 2, which cmd`:                 func(c *Config) { c.Storage.Username = "né" },
		`cloud_storage.password_file: is "/etc/p"`:                                 func(c *Config) { c.Storage.PasswordFile = "/etc/p" },
		`cloud_storage.drive_letter: is "C:"`:                                      func(c *Config) { c.Storage.DriveLetter = "C:" },
		`cloud_storage.mount_point: is for Linux`:                                  func(c *Config) { c.Storage.MountPoint = "/mnt" },
		`certificates[0].store: is "a\\b"`:                                         func(c *Config) { c.Certificates = []Certificate{{File: "a.pfx", Store: `a\b`}} },
		`extra: has 'é' at position 1`:                                             func(c *Config) { c.Extra = "é" },
	} {
		c := goldens()["windows-dhcp"]
		config(&c)
		wantProblem(t, c, want)
	}
}

func wantProblem(t *testing.T, c Config, want string) {
	t.Helper()
	if _, err := Render(c); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
