// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

func startupConfig(changes acctest.Attributes) acctest.Attributes {
	config := acctest.Attributes{
		"os": "linux", "channel": "web",
		"cloud_storage": acctest.Attributes{"host": "22290.cloud.storage.gogrid.com", "share": "22290", "username": "22290", "password_file": "/etc/gogrid/storage.password"},
	}
	maps.Copy(config, changes)
	return config
}

func TestStartupScriptIsRendered(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGrid(t)
	for name, test := range map[string]struct {
		config         acctest.Attributes
		files          []string
		script, unit   string
		scheduledWords string
	}{
		"linux": {
			config:         startupConfig(acctest.Attributes{"private_network": acctest.Attributes{"routes": []any{acctest.Attributes{"destination": "10.0.0.0/8", "gateway": "10.110.0.1"}}}, "extra": "echo hello"}),
			files:          []string{"/usr/local/lib/gogrid/startup.sh", "/usr/local/lib/gogrid/install.sh", "/etc/systemd/system/gogrid-startup.service", "/usr/local/lib/gogrid/extra.sh"},
			script:         "\troute '10.0.0.0/8' '10.110.0.1'\n",
			unit:           "ExecStart=/bin/sh /usr/local/lib/gogrid/startup.sh",
			scheduledWords: "systemctl enable gogrid-startup.service",
		},
		"windows": {
			config: startupConfig(acctest.Attributes{"os": "windows", "cloud_storage": acctest.Attributes{
				"host": "22290.cloud.storage.gogrid.com", "share": "22290", "username": "a%b^c&d!e", "password_file": `C:\gogrid\storage.password`, "drive_letter": "Z:",
			}}),
			files:          []string{`C:\gogrid\startup.cmd`, `C:\gogrid\install.ps1`, `C:\gogrid\drive.cmd`},
			script:         "set \"GOGRID_USERNAME=a%%b^c&d!e\"\r\n",
			scheduledWords: `/sc onstart /ru "SYSTEM"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, diagnostics := grid.Session(t).ReadData("gogrid_startup_script", test.config)
			diagnostics.WantNone(t)
			contents := providertest.Strings(result["files"], "content")
			if !strings.Contains(contents[0], test.script) {
				t.Errorf("the script has no %q:\n%s", test.script, contents[0])
			}
			if !strings.Contains(contents[2], test.unit) {
				t.Errorf("the unit lacks %q:\n%s", test.unit, contents[2])
			}
			if command, _ := result["schedule_command"].(string); !strings.Contains(command, test.scheduledWords) {
				t.Errorf("the schedule command %q lacks %q", command, test.scheduledWords)
			}
			if got := providertest.Strings(result["files"], "destination"); strings.Join(got, "\n") != strings.Join(test.files, "\n") {
				t.Errorf("the files are %q, want %q", got, test.files)
			}
			for i, name := range []string{"script_path", "installer_path"} {
				if result[name] != test.files[i] {
					t.Errorf("%s is %v, want %s", name, result[name], test.files[i])
				}
			}
			again, _ := grid.Session(t).ReadData("gogrid_startup_script", test.config)
			if digest, _ := result["sha256"].(string); len(digest) != 64 || again["sha256"] != digest {
				t.Errorf("the digest is %q, and %v in a second read; want the same 64 hex digits both times", digest, again["sha256"])
			}
		})
	}
}

func TestStartupScriptRefusals(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGrid(t)
	storage := func(changes acctest.Attributes) acctest.Attributes {
		all := acctest.Attributes{"host": "cloud.test", "share": "s", "username": "u", "password_file": `C:\gogrid\p`}
		maps.Copy(all, changes)
		return acctest.Attributes{"os": "windows", "cloud_storage": all}
	}
	for name, test := range map[string]struct {
		changes       acctest.Attributes
		at, complaint string
	}{
		"user name that cmd cannot carry": {storage(acctest.Attributes{"username": `a%b^c&d!e"f`}), "cloud_storage.username", `double quote \("\) at position 10, which cmd cannot carry`},
		"path of the other system":        {acctest.Attributes{"os": "windows"}, "cloud_storage.password_file", `absolute path on Windows`},
		"letter on Linux": {
			acctest.Attributes{"cloud_storage": acctest.Attributes{"host": "h", "share": "s", "username": "u", "password_file": "/p", "drive_letter": "Z:"}},
			"cloud_storage.drive_letter", "is for Windows",
		},
		"default route": {
			acctest.Attributes{"private_network": acctest.Attributes{"routes": []any{acctest.Attributes{"destination": "0.0.0.0/0", "gateway": "10.0.0.1"}}}},
			"private_network.routes[0].destination", "belongs to the public adapter",
		},
		"no way to an address": {acctest.Attributes{"private_network": acctest.Attributes{"mode": "host_map"}}, "private_network.mode", "already has an address"},
		"no address":           {acctest.Attributes{"private_network": acctest.Attributes{"mode": "host_map", "provisional_address": "10.0.0.9"}}, "private_network.provisional_address", "prefix length"},
		"host map by hand":     {acctest.Attributes{"private_network": acctest.Attributes{"mode": "host_map", "host_map": "{}"}}, "private_network.host_map", "version"},
		"certificate": {
			acctest.Attributes{"certificates": []any{acctest.Attributes{"file": "site.pem", "store": "/etc/pki/site"}}},
			"certificates[0].file", "PKCS #12",
		},
		"channel": {acctest.Attributes{"channel": "../x"}, "channel", "letters, digits"},
		"system":  {acctest.Attributes{"os": "plan9"}, "os", `is "plan9": it must be "linux" or "windows"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diagnostics := grid.Session(t).ReadData("gogrid_startup_script", startupConfig(test.changes))
			diagnostics.WantError(t, test.at, test.complaint)
		})
	}
}

func TestDHCPConfig(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGrid(t)
	config := acctest.Attributes{
		"subnet":      "10.110.0.0/24",
		"dhcp_server": "dnsmasq",
		"routes":      []any{acctest.Attributes{"destination": "10.0.0.0/8", "gateway": "10.110.0.1"}},
		"hosts": acctest.Attributes{
			"web-1": acctest.Attributes{"address": "10.110.0.11", "public_ip": "208.113.75.243"},
			"web-2": acctest.Attributes{"address": "10.110.0.12", "mac": "00:16:3e:00:00:0c"},
		},
	}
	result, diagnostics := grid.Session(t).ReadData("gogrid_dhcp_config", config)
	diagnostics.WantNone(t)
	for name, want := range map[string]string{
		"dnsmasq":    "dhcp-option=121,10.0.0.0/8,10.110.0.1\n",
		"netsh":      "add reservedip 10.110.0.12 00163e00000c \"web-2\"",
		"hosts_file": "10.110.0.11\tweb-1\n",
		"host_map":   "    \"208.113.75.243\": \"web-1\"\n",
	} {
		if text, _ := result[name].(string); !strings.Contains(text, want) {
			t.Errorf("%s has no %q:\n%s", name, want, text)
		}
	}
	// The startup script must accept the rendered host map unchanged.
	_, diagnostics = grid.Session(t).ReadData("gogrid_startup_script", startupConfig(acctest.Attributes{
		"private_network": acctest.Attributes{"mode": "host_map", "host_map": result["host_map"]},
	}))
	diagnostics.WantNone(t)

	for at, changes := range map[string]acctest.Attributes{
		`hosts.web-2.address`: {"hosts": acctest.Attributes{"web-2": acctest.Attributes{"address": "10.9.0.1"}}},
		`hosts.WEB`:           {"hosts": acctest.Attributes{"WEB": acctest.Attributes{"address": "10.110.0.9"}}},
		"routes[0].gateway":   {"routes": []any{acctest.Attributes{"destination": "10.0.0.0/8", "gateway": "192.168.0.1"}}},
		"interface":           {"interface": "eth 1"},
		"lease_time":          {"lease_time": "10s"},
	} {
		_, diagnostics := grid.Session(t).ReadData("gogrid_dhcp_config", config.With(changes))
		diagnostics.WantError(t, at, ".")
	}
}

// TestDHCPConfigWithoutMAC: Windows Server cannot reserve an address for a host
// without a MAC address, so the plan warns unless dhcp_server excludes Windows
// Server.
func TestDHCPConfigWithoutMAC(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	host := func(changes acctest.Attributes) acctest.Attributes {
		return acctest.Attributes{"address": "10.110.0.11"}.With(changes)
	}
	for name, tc := range map[string]struct {
		server  any
		changes acctest.Attributes
		warns   bool
	}{
		"not said":             {nil, nil, true},
		"Windows":              {"windows", nil, true},
		"dnsmasq":              {"dnsmasq", nil, false},
		"host map":             {"none", nil, false},
		"Windows with a MAC":   {"windows", acctest.Attributes{"mac": "00:16:3e:00:00:0c"}, false},
		"not said, with a MAC": {nil, acctest.Attributes{"mac": "00:16:3e:00:00:0c"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := acctest.Attributes{
				"subnet": "10.110.0.0/24", "dhcp_server": tc.server,
				"hosts": acctest.Attributes{"web-2": host(tc.changes), "db": acctest.Attributes{"address": "10.110.0.12", "mac": "00:16:3e:00:00:0d"}},
			}
			_, diagnostics := grid.Session(t).ReadData("gogrid_dhcp_config", config)
			if !tc.warns {
				diagnostics.WantNone(t)
				return
			}
			diagnostics.WantWarning(t, "hosts", "Hosts without a MAC address", "no address for web-2[.] ")
			if strings.Contains(diagnostics.String(), "dhcp_server") != (tc.server == nil) {
				t.Errorf("the warning must name dhcp_server only if it is not set:\n%s", diagnostics)
			}
		})
	}
}
