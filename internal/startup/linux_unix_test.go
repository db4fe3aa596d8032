// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package startup

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	installApp = `{"install":{"from":"app","to":"/srv/site/app"},"on_error":"stop","when":"on_change"}`
	runStart   = `{"run":{"script":"scripts/start.sh","args":["a b","c\"d\\e","$HOME"],"timeout_seconds":60},"on_error":"stop","when":"every_boot"}`
	firstOnly  = `{"run":{"script":"scripts/first.sh","args":[],"timeout_seconds":60},"on_error":"stop","when":"first_boot"}`
	restart    = `{"service":{"name":"site","action":"restart"},"on_error":"stop","when":"every_boot"}`
)

func app(version string) map[string]string {
	return map[string]string{
		"app/index.html":   version + "\n",
		"app/bin/tool":     "#!/bin/sh\necho " + version + "\n",
		"scripts/start.sh": "#!/bin/sh\nfor a in \"$@\"; do printf '%s|' \"$a\"; done >>\"$GOGRID_ROOT/started\"\necho \"$GOGRID_RELEASE $GOGRID_SERVER\" >>\"$GOGRID_ROOT/started\"\n",
		"scripts/first.sh": "echo first >>\"$GOGRID_ROOT/started\"\n",
	}
}

func TestLinuxScriptInstallsAndServes(t *testing.T) {
	t.Parallel()
	shells(t, func(t *testing.T, shell string) {
		g := newGuest(t, shell, testConfig())
		g.publish("v1", app("one"), installApp, firstOnly, runStart, restart)

		g.wantBoot(0)
		g.wantStatus("v1 of v1: ok [install ok, run ok, run ok, service ok]")
		if got := g.read(g.root, "srv/site/app/index.html"); got != "one\n" {
			t.Errorf("the app is %q, want one", got)
		}
		if got, want := g.read(g.root, "started"), "first\na b|c\"d\\e|$HOME|v1 web-1\n"; got != want {
			t.Errorf("the steps wrote %q, want %q", got, want)
		}
		wantCalls := []string{
			"ip|link|set|dev|eth1|up", "dhclient|-1|eth1", "ip|route|replace|10.0.0.0/8|via|10.110.0.1|dev|eth1",
			"smbclient|//22290.cloud.storage.gogrid.com/22290|ls",
		}
		calls := g.read(filepath.Dir(g.calls), "calls")
		if !strings.HasPrefix(calls, strings.Join(wantCalls, "\n")+"\n") {
			t.Errorf("the calls are\n%s\nwant them to begin with\n%s", calls, strings.Join(wantCalls, "\n"))
		}
		tree := g.tree()

		// A second boot has the same result and does not fetch the archive again.
		g.must(os.Remove(g.calls))
		g.wantBoot(0)
		g.wantStatus("v1 of v1: ok [install skipped, run skipped, run ok, service ok]")
		if got := g.tree(); got != tree {
			t.Errorf("a second boot changed files:\n%s\nbefore:\n%s", got, tree)
		}
		if calls := g.read(filepath.Dir(g.calls), "calls"); strings.Contains(calls, ".zip") || strings.Contains(calls, "dhclient") {
			t.Errorf("a second boot fetched the archive or requested a lease again:\n%s", calls)
		}

		// A new release replaces the old one, including removed files.
		next := app("two")
		delete(next, "app/bin/tool")
		g.publish("v2", next, installApp, firstOnly, runStart)
		g.wantBoot(0)
		g.wantStatus("v2 of v2: ok [install ok, run skipped, run ok]")
		if got := g.read(g.root, "srv/site/app/index.html") + g.read(g.root, "srv/site/app/bin/tool"); got != "two\n" {
			t.Errorf("the app is %q, want two", got)
		}

		// A pinned server stays on its release.
		g.point("servers/web-1.json", "v1", g.upload("v1", app("one"), installApp))
		g.wantBoot(0)
		g.wantStatus("v1 of v1: ok [install ok]")
		g.wantNoSecret()
	})
}

// tree lists the files that boots create on a server, without logs and times.
func (g *guest) tree() string {
	g.t.Helper()
	var all strings.Builder
	g.must(filepath.WalkDir(g.root, func(path string, entry os.DirEntry, err error) error {
		name := strings.TrimPrefix(path, g.root)
		if err != nil || strings.HasPrefix(name, "/var/log") || name == "/started" || name == "/var/lib/gogrid/status.json" {
			return err
		}
		info, err := entry.Info()
		all.WriteString(info.Mode().String() + " " + name + "\n")
		return err
	}))
	return all.String()
}

// wantNoSecret checks that only the password file and the stub's copy of the
// credentials contain the password, and that both contain it unchanged.
func (g *guest) wantNoSecret() {
	g.t.Helper()
	want := "username=" + g.config.Storage.Username + "\npassword=" + password + "\n"
	if got := g.read(filepath.Dir(g.bin), "credentials"); got != want {
		g.t.Errorf("smbclient read %q, want %q", got, want)
	}
	g.must(filepath.WalkDir(filepath.Dir(g.root), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Type()&os.ModeSymlink != 0 || entry.Name() == "storage.password" || entry.Name() == "credentials" {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), "a%b^c") {
			g.t.Errorf("%s holds the password", path)
		}
		return err
	}))
	info, err := os.Stat(filepath.Join(g.root, "etc/gogrid/storage.password"))
	g.must(err)
	if info.Mode().Perm() != 0o600 {
		g.t.Errorf("the password file has the mode %v", info.Mode())
	}
}

func TestLinuxScriptKeepsTheOldRelease(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		breaks func(*guest)
		env    []string
		// status is the expected status, and problem a part of Status.Problem.
		status, problem string
	}{
		"wrong digest": {
			breaks:  func(g *guest) { g.point("channels/web.json", "v2", strings.Repeat("0", 64)) },
			status:  "v1 of v2: failed [install skipped, run ok]",
			problem: "and should have 0000",
		},
		"storage down": {
			env:     []string{"STUB_NO_STORAGE=1"},
			status:  "v1 of : failed [install skipped, run ok]",
			problem: "does not answer",
		},
		"storage frozen": {
			env:     []string{"STUB_FROZEN=1"},
			status:  "v1 of : failed [install skipped, run ok]",
			problem: "does not answer",
		},
		"adapter missing": {
			env:     []string{"STUB_NO_ADAPTER=1"},
			status:  "v1 of : failed [install skipped, run ok]",
			problem: "eth1 could not be enabled",
		},
		"archive missing": {
			breaks:  func(g *guest) { g.must(os.Remove(filepath.Join(g.cloud, "releases/v2.zip"))) },
			status:  "v1 of v2: failed [install skipped, run ok]",
			problem: "could not be fetched",
		},
		"pointer damaged": {
			breaks:  func(g *guest) { g.write(g.cloud, "channels/web.json", "{\n  \"release\": \"../v2\"\n}\n") },
			status:  "v1 of : failed [install skipped, run ok]",
			problem: "does not name a release",
		},
		"step fails": {
			breaks: func(g *guest) {
				g.publish("v2", app("two"), installApp, `{"run":{"script":"scripts/none.sh","args":[]},"on_error":"stop","when":"every_boot"}`, runStart)
			},
			status:  "v1 of v2: failed [install ok, run failed]",
			problem: "a step of the release v2 failed",
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shells(t, func(t *testing.T, shell string) {
				g := newGuest(t, shell, testConfig())
				g.publish("v1", app("one"), installApp, runStart)
				g.wantBoot(0)
				g.publish("v2", app("two"), installApp, runStart)
				if test.breaks != nil {
					test.breaks(g)
				}
				g.wantBoot(1, test.env...)
				got := g.status(g.root, "var/lib/gogrid/status.json")
				if outcome(got) != test.status || !strings.Contains(got.Problem, test.problem) {
					t.Errorf("the status is\n%s (%s)\nwant\n%s (%s)", outcome(got), got.Problem, test.status, test.problem)
				}
				if got := g.read(g.root, "srv/site/app/index.html"); got != "one\n" {
					t.Errorf("the app is %q, want the old release", got)
				}
				if got := strings.Count(g.read(filepath.Dir(g.calls), "frozen"), "x"); got > 2 {
					t.Errorf("the script sent %d requests to a frozen server, want at most 2", got)
				}
				if got := strings.Count(g.read(g.root, "started"), "v1 web-1"); got != 2 {
					t.Errorf("the old release was started %d times, want 2", got)
				}
			})
		})
	}
}

func TestLinuxStepThatMayFail(t *testing.T) {
	t.Parallel()
	shells(t, func(t *testing.T, shell string) {
		g := newGuest(t, shell, testConfig())
		g.publish("v1", app("one"), `{"run":{"script":"scripts/none.sh","args":[]},"on_error":"continue","when":"every_boot"}`, runStart)
		g.wantBoot(0)
		g.wantStatus("v1 of v1: ok [run failed, run ok]")
	})
}

// TestLinuxScriptInterrupted kills the script at one of the programs that it
// calls, and repeats this for many calls. The next boot must have the same
// result as an uninterrupted boot.
func TestLinuxScriptInterrupted(t *testing.T) {
	t.Parallel()
	shells(t, func(t *testing.T, shell string) {
		step := 3
		if filepath.Base(shell) == "bash" {
			step = 11 // the test kills dash at more calls, because dash is sh on most servers
		}
		for call := 1; call < 60; call += step {
			g := newGuest(t, shell, testConfig())
			g.publish("v1", app("one"), installApp, runStart)
			g.wantBoot(0)
			g.publish("v2", app("two"), installApp, runStart)
			for _, program := range []string{"mv", "cp", "unzip", "smbclient", "sha256sum", "rm", "ln"} {
				g.killAt(program, call)
			}
			killed := g.boot() != 0
			for _, program := range []string{"mv", "cp", "unzip", "sha256sum", "rm", "ln"} {
				g.must(os.Remove(filepath.Join(g.bin, program)))
			}
			text, err := os.ReadFile("testdata/stubs/smbclient")
			g.must(err)
			g.must(os.WriteFile(filepath.Join(g.bin, "smbclient"), text, 0o755))
			g.wantBoot(0)
			if got := g.status(g.cloud, "status/web-1.json"); got.Release != "v2" || got.Result != "ok" {
				t.Errorf("killed at call %d: %s", call, outcome(got))
			}
			if got := g.read(g.root, "srv/site/app/index.html") + g.read(g.root, "srv/site/app/bin/tool"); got != "two\n#!/bin/sh\necho two\n" {
				t.Errorf("killed at call %d: the app is %q", call, got)
			}
			if !killed {
				return
			}
		}
		t.Error("the script makes more calls than the test covers")
	})
}

// killAt wraps a program so that its nth call first kills the script and all its
// children.
func (g *guest) killAt(program string, call int) {
	g.t.Helper()
	real, err := exec.LookPath(program)
	if program == "smbclient" {
		err = nil
		real = filepath.Join(g.bin, "smbclient.real")
		g.must(os.Rename(filepath.Join(g.bin, "smbclient"), real))
	}
	g.must(err)
	text := "#!/bin/sh\necho x >>\"$STUB_STATE/count\"\n" +
		"if [ \"$(wc -l <\"$STUB_STATE/count\")\" -eq " + strconv.Itoa(call) + " ]; then kill -9 \"$(cat \"$GOGRID_ROOT/run/gogrid-startup/pid\")\" \"$PPID\"; exit 1; fi\n" +
		"exec " + real + " \"$@\"\n"
	g.must(os.WriteFile(filepath.Join(g.bin, program), []byte(text), 0o755))
}

// TestLinuxBootCommandWithoutSystemd checks that rc.local runs the script once, and
// before the "exit 0" at the end of Debian's rc.local.
func TestLinuxBootCommandWithoutSystemd(t *testing.T) {
	t.Parallel()
	shells(t, func(t *testing.T, shell string) {
		for before, want := range map[string]string{
			"":                             "#!/bin/sh\nsh " + linuxScriptPath + "\n",
			"#!/bin/sh -e\n# rc\nexit 0\n": "#!/bin/sh -e\nsh " + linuxScriptPath + "\n# rc\nexit 0\n",
		} {
			g := newGuest(t, shell, testConfig())
			g.must(os.Remove(filepath.Join(g.bin, "systemctl")))
			g.must(os.MkdirAll(filepath.Join(g.root, "etc"), 0o755))
			if before != "" {
				g.write(g.root, "etc/rc.local", before)
			}
			command := strings.ReplaceAll(linuxBootCommand, "/etc/rc", g.root+"/etc/rc")
			for range 2 {
				run := exec.CommandContext(t.Context(), shell, "-c", command)
				run.Env = []string{"PATH=" + g.bin}
				for _, program := range []string{"grep", "head", "tail", "mv", "chmod"} {
					path, err := exec.LookPath(program)
					g.must(err)
					if err := os.Symlink(path, filepath.Join(g.bin, program)); err != nil && !os.IsExist(err) {
						t.Fatal(err)
					}
				}
				if output, err := run.CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, output)
				}
				info, err := os.Stat(filepath.Join(g.root, "etc/rc.local"))
				g.must(err)
				if got := g.read(g.root, "etc/rc.local"); got != want || info.Mode().Perm() != 0o755 {
					t.Errorf("rc.local is %v\n%s\nwant\n%s", info.Mode(), got, want)
				}
			}
		}
	})
}
