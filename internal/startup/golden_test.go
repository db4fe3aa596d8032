// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"flag"
	"net/netip"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// password has every character that is special in at least one target.
const password = `a%b^c&d!e"f'g\h$i` + "`j|k <l>;#*~"

// odd has every special character that all targets can represent.
const odd = `a%b^c&d!e|f<g>h(i)j'k $l`

func testHostMap() string {
	return newHostMap(netip.MustParsePrefix("10.110.0.0/24"), []Host{
		{Name: "web-1", Address: netip.MustParseAddr("10.110.0.11"), PublicIP: netip.MustParseAddr("208.113.75.243")},
	}).Encode()
}

// goldens returns configurations. testdata/golden stores all files that each
// configuration renders to, without the fixed parts.
func goldens() map[string]Config {
	return map[string]Config{
		"linux-dhcp": {
			OS: Linux, Channel: "web",
			Network: Network{Routes: []Route{{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParseAddr("10.110.0.1")}}},
			Storage: Storage{Host: "22290.cloud.storage.gogrid.com", Share: "22290", Username: "22290", PasswordFile: "/etc/gogrid/storage.password"},
		},
		"linux-host-map": {
			OS: Linux, Channel: "web.blue",
			Network: Network{
				Adapter: "eth2", Mode: ModeHostMap, Provisional: netip.MustParsePrefix("10.110.0.250/24"),
				HostMap: testHostMap(),
			},
			Storage:      Storage{Host: "10.110.0.3", Share: "100% $hare", Username: odd, PasswordFile: "/etc/it's/the password", MountPoint: "/mnt/cloud-storage"},
			Certificates: []Certificate{{File: "certs/site.pfx", PasswordFile: "/etc/gogrid/site.password", Store: "/etc/pki/site"}, {File: "certs/other.p12", Store: "/etc/pki/other"}},
			Extra:        "echo \"extra\"\r\n",
		},
		"windows-dhcp": {
			OS: Windows, Channel: "web",
			Network: Network{Routes: []Route{{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParseAddr("10.110.0.1")}}},
			Storage: Storage{Host: "22290.cloud.storage.gogrid.com", Share: "22290", Username: "22290", PasswordFile: `C:\gogrid\storage.password`},
		},
		"windows-host-map": {
			OS: Windows, Channel: "web.blue",
			Network: Network{
				Adapter: `100% (Ethernet) & 2`, Mode: ModeHostMap, Provisional: netip.MustParsePrefix("10.110.0.250/24"),
				HostMap: testHostMap(),
			},
			Storage:      Storage{Host: "10.110.0.3", Share: "100% $hare", Username: odd, PasswordFile: `C:\it's\100% secret`, DriveLetter: "Z:"},
			Certificates: []Certificate{{File: "certs/site.pfx", PasswordFile: `C:\gogrid\site.password`, Store: "My"}, {File: "certs/other.p12", Store: "WebHosting"}},
			Extra:        "echo extra\n",
		},
		"linux-none": {
			OS: Linux, Channel: "db",
			Network: Network{Mode: ModeNone},
			Storage: Storage{Host: "cloud.test", Share: "s", Username: "u", PasswordFile: "/p"},
		},
	}
}

func TestGoldenFiles(t *testing.T) {
	t.Parallel()
	for name, config := range goldens() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rendered, err := Render(config)
			if err != nil {
				t.Fatal(err)
			}
			all := append([]File{{Path: "boot-command", Content: rendered.BootCommand + "\n"}}, rendered.Files...)
			for _, file := range all {
				base := path.Base(strings.ReplaceAll(file.Path, `\`, "/"))
				golden(t, filepath.Join("testdata/golden", name, base), withoutFixed(file.Content))
			}
		})
	}
}

// withoutFixed removes the fixed parts of a script, which this package keeps in
// separate files.
func withoutFixed(text string) string {
	for _, part := range []string{linuxStartup, linuxDeploy, linuxInstaller, windowsLines(windowsStartup), windowsLines(windowsInstaller + windowsDeploy)} {
		text = strings.ReplaceAll(text, part, "(fixed part)\n")
	}
	return text
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs from the rendered file (go test -update writes it):\n%s", file, diff)
	}
}

// linuxGoldens runs a test for each golden configuration of Linux.
func linuxGoldens(t *testing.T, test func(t *testing.T, rendered Rendered)) {
	t.Helper()
	for name, config := range goldens() {
		if config.OS != Linux {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rendered, err := Render(config)
			if err != nil {
				t.Fatal(err)
			}
			test(t, rendered)
		})
	}
}

func TestLinuxScriptsPassShellcheck(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("shellcheck is not installed")
	}
	linuxGoldens(t, func(t *testing.T, rendered Rendered) {
		for _, script := range []string{rendered.Script, rendered.Installer, "#!/bin/sh\n" + rendered.BootCommand + "\n"} {
			check := exec.CommandContext(t.Context(), "shellcheck", "-s", "sh", "-e", "SC2016", "-") // single quotes keep values literal on purpose
			check.Stdin = strings.NewReader(script)
			if output, err := check.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		}
	})
}

func TestUnitPassesSystemd(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	linuxGoldens(t, func(t *testing.T, rendered Rendered) {
		unit := filepath.Join(t.TempDir(), "gogrid-startup.service")
		if err := os.WriteFile(unit, []byte(rendered.Unit), 0o644); err != nil {
			t.Fatal(err)
		}
		output, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", "--recursive-errors=one", unit).CombinedOutput()
		if err != nil || strings.Contains(string(output), unit) {
			t.Errorf("%v\n%s", err, output)
		}
	})
}
