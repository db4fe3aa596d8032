// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package startup

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func hostMapConfig() Config {
	c := testConfig()
	c.Network.Mode = ModeHostMap
	c.Network.HostMap = testHostMap()
	return c
}

// hostMapWith returns the host map with the given address for web-1.
func hostMapWith(address string) string {
	return strings.ReplaceAll(testHostMap(), "10.110.0.11", address)
}

func TestLinuxHostMap(t *testing.T) {
	t.Parallel()
	const up = "ip|link|set|dev|eth1|up\n"
	const route = "ip|route|replace|10.0.0.0/8|via|10.110.0.1|dev|eth1\n"
	take := func(address string) string { return "ip|addr|replace|" + address + "|dev|eth1\n" }
	for name, test := range map[string]struct {
		change        func(*Config)
		stored, calls string
		code          int
		problem       string
	}{
		"baked": {
			stored: testHostMap(),
			calls:  up + take("10.110.0.11/24") + route + route,
		},
		"baked alone": {
			calls: up + take("10.110.0.11/24") + route,
		},
		"moved": {
			stored: hostMapWith("10.110.0.21"),
			calls:  up + take("10.110.0.11/24") + route + "ip|addr|del|10.110.0.11/24|dev|eth1\n" + take("10.110.0.21/24") + route,
		},
		"unknown to the image": {
			change: func(c *Config) {
				c.Network.HostMap = ""
				c.Network.Provisional = netip.MustParsePrefix("10.110.0.250/24")
			},
			stored: testHostMap(),
			calls:  up + take("10.110.0.250/24") + route + "ip|addr|del|10.110.0.250/24|dev|eth1\n" + take("10.110.0.11/24") + route,
		},
		"named by its public address": {
			change: func(c *Config) {
				c.Network.HostMap = ""
				c.Network.Provisional = netip.MustParsePrefix("10.110.0.250/24")
			},
			stored: strings.ReplaceAll(testHostMap(), "web-1", "web-9"),
			calls:  up + take("10.110.0.250/24") + route + "ip|addr|del|10.110.0.250/24|dev|eth1\n" + take("10.110.0.11/24") + route,
		},
		"unlisted server": {
			change: func(c *Config) { c.Network.HostMap = "" },
			calls:  up, code: 1, problem: "has no address for web-1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shells(t, func(t *testing.T, shell string) {
				config := hostMapConfig()
				if test.change != nil {
					test.change(&config)
				}
				g := newGuest(t, shell, config)
				g.publish("v1", app("one"), installApp)
				if test.stored != "" {
					g.write(g.cloud, HostMapFile, test.stored)
				}
				g.wantBoot(test.code)
				var calls strings.Builder
				for line := range strings.Lines(g.read(filepath.Dir(g.calls), "calls")) {
					if strings.HasPrefix(line, "ip|") {
						calls.WriteString(line)
					}
				}
				if calls.String() != test.calls {
					t.Errorf("the calls are\n%swant\n%s", calls.String(), test.calls)
				}
				if got := g.status(g.root, "var/lib/gogrid/status.json"); !strings.Contains(got.Problem, test.problem) {
					t.Errorf("the problem is %q, want %q", got.Problem, test.problem)
				}
			})
		})
	}
}

// TestLinuxCertificates installs keys from Cloud Storage and from an archive.
// One password contains characters that are hard to quote.
func TestLinuxCertificates(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	pfx := testPFX(t)
	shells(t, func(t *testing.T, shell string) {
		config := testConfig()
		config.Certificates = []Certificate{{File: "certs/site.pfx", PasswordFile: "/etc/gogrid/site.password", Store: "/etc/pki/site"}}
		config.Storage.MountPoint = "/mnt/cloud"
		config.Extra = "echo extra >\"$GOGRID_ROOT/extra\"\n"
		g := newGuest(t, shell, config)
		g.write(g.cloud, "certs/site.pfx", pfx)
		g.write(g.root, "etc/gogrid/site.password", password+"\n")
		g.publish("v1", map[string]string{"certs/in.p12": pfx, "certs/in.password": password + "\n"},
			`{"certificate":{"file":"certs/in.p12","password_file":"certs/in.password","store":"/etc/pki/in"},"on_error":"stop","when":"every_boot"}`)
		g.wantBoot(0)
		for _, name := range []string{"etc/pki/site/site.key", "etc/pki/in/in.key"} {
			info, err := os.Stat(filepath.Join(g.root, name))
			if err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(g.read(g.root, name), "PRIVATE KEY") {
				t.Errorf("%s: %v, %v", name, info, err)
			}
		}
		if got := g.read(g.root, "etc/pki/in/in.crt"); !strings.Contains(got, "BEGIN CERTIFICATE") || strings.Contains(got, "PRIVATE KEY") {
			t.Errorf("the certificate is\n%s", got)
		}
		if got := g.read(g.root, "extra"); got != "extra\n" {
			t.Errorf("the user-defined script wrote %q", got)
		}
		if calls := g.read(filepath.Dir(g.calls), "calls"); !strings.Contains(calls, "mount|-t|cifs|//22290.cloud.storage.gogrid.com/22290|"+g.root+"/mnt/cloud|-o|credentials=") {
			t.Errorf("Cloud Storage is not mounted:\n%s", calls)
		}

		g.write(g.root, "etc/gogrid/site.password", "wrong\n")
		g.wantBoot(1)
		if got := g.status(g.root, "var/lib/gogrid/status.json"); !strings.Contains(got.Problem, "certs/site.pfx could not be installed") {
			t.Errorf("the problem is %q", got.Problem)
		}
		if !strings.Contains(g.read(g.root, "etc/pki/site/site.key"), "PRIVATE KEY") {
			t.Error("the existing key was removed")
		}
	})
}

// testPFX returns a PKCS #12 file whose password is hard to quote.
func testPFX(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{
		"req -x509 -newkey rsa:2048 -nodes -keyout key -out crt -subj /CN=site -days 30",
		"pkcs12 -export -in crt -inkey key -out pfx -passout file:password",
	} {
		cmd := exec.CommandContext(t.Context(), "openssl", strings.Fields(words)...)
		cmd.Dir = dir
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %s: %v\n%s", words, err, output)
		}
	}
	pfx, err := os.ReadFile(filepath.Join(dir, "pfx"))
	if err != nil {
		t.Fatal(err)
	}
	return string(pfx)
}
