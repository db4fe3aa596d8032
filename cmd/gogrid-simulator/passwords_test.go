// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// printed runs the subcommand "passwords", which must succeed, and returns its
// output.
func printed(t *testing.T, env []string, args ...string) string {
	t.Helper()
	var stdout, stderr strings.Builder
	if code := run(t.Context(), append([]string{"passwords"}, args...), env, &stdout, &stderr); code != exitOK {
		t.Fatalf("passwords %v: code %d, %s", args, code, stderr.String())
	}
	return stdout.String()
}

// addLinuxAndWindows adds a Linux and a Windows server, and returns their
// addresses and passwords by name.
func addLinuxAndWindows(t *testing.T, grid *client.Client) map[string]client.Password {
	t.Helper()
	ips, err := grid.IPs.List(t.Context(), client.IPFilter{State: "Unassigned", Type: "Public", Datacenter: "US-West-1"})
	if err != nil {
		t.Fatal(err)
	}
	images, err := grid.Images.List(t.Context(), client.ImageFilter{})
	if err != nil {
		t.Fatal(err)
	}
	windows := ""
	for _, i := range images {
		if strings.HasPrefix(i.OS.Name, "Windows 2008") && windows == "" {
			windows = i.Name
		}
	}
	for n, order := range []client.ServerAdd{
		{Name: "linux", Image: "centos6.2_64_base", RAM: "1GB"}, {Name: "windows", Image: windows, RAM: "2GB"},
	} {
		order.IP = ips[n].Address
		if _, err := grid.Servers.Add(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	found := map[string]client.Password{}
	await(t, "the passwords", func(ctx context.Context) bool {
		list, err := grid.Passwords.List(ctx, "")
		for _, entry := range list {
			if err == nil && entry.Server != nil {
				found[entry.Server.Name] = entry
			}
		}
		return len(found) == 2
	})
	return found
}

// wantLines fails the test unless each login has a line with server, address,
// user and password.
func wantLines(t *testing.T, text string, logins map[string]client.Password) {
	t.Helper()
	for name, l := range logins {
		line := strings.Join([]string{name, regexp.QuoteMeta(l.Server.IP.Address), l.Username, l.Password}, " +")
		if !regexp.MustCompile("(?m)^" + line + "$").MatchString(text) {
			t.Errorf("the list lacks the line %s:\n%s", line, text)
		}
	}
	if !regexp.MustCompile(`(?m)^Cloud Storage +\S+ +\d+ +\w{8}$`).MatchString(text) {
		t.Errorf("the list lacks Cloud Storage:\n%s", text)
	}
}

func TestPasswordsOfARunningGrid(t *testing.T) {
	t.Parallel()
	sim := launch(t, "--tls", "--speed", "6000", "--cloud-storage-listen", "127.0.0.1:0")
	logins := addLinuxAndWindows(t, clientFor(t, sim.facts))
	env := []string{
		"GOGRID_ENDPOINT=" + sim.facts.Endpoint, "GOGRID_API_KEY=" + sim.facts.APIKey, "GOGRID_SHARED_SECRET=" + sim.facts.SharedSecret,
		"GOGRID_CA_CERTIFICATE_FILE=" + sim.facts.CAFile,
	}
	env = env[:len(env):len(env)]
	for name, text := range map[string]string{
		"ready file":  printed(t, nil, "--ready-file", sim.ready),
		"environment": printed(t, append(env, "GOGRID_SSH_PORT=none")),
	} {
		wantLines(t, text, logins)
		if strings.Contains(text, "\nssh ") || !strings.Contains(text, "--guests") {
			t.Errorf("%s: the list of a grid without guests has login commands:\n%s", name, text)
		}
	}
	if text := printed(t, env); strings.Contains(text, "\nssh ") || strings.Contains(text, "--guests") {
		t.Errorf("the list has login commands or a note without GOGRID_SSH_PORT:\n%s", text)
	}
	text := printed(t, append(env, "GOGRID_SSH_PORT=2300"))
	linux, windows := logins["linux"].Server.IP.Address, logins["windows"].Server.IP.Address
	if !strings.Contains(text, "-p 2300 root@"+linux+"   # linux\n") || strings.Contains(text, "@"+windows) {
		t.Errorf("the ssh commands are wrong:\n%s", text)
	}
	if text := printed(t, nil, "--ready-file", sim.ready); !regexp.MustCompile(`(?m)^sftp .*-P \d+ \d+@127\.0\.0\.1   # Cloud Storage$`).MatchString(text) {
		t.Errorf("the sftp command is missing:\n%s", text)
	}
}

func TestPasswordsOfAStateFile(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "grid.db")
	sim := launch(t, "--state", state, "--speed", "6000")
	logins := addLinuxAndWindows(t, clientFor(t, sim.facts))

	var stderr strings.Builder
	if code := run(t.Context(), []string{"passwords", "--state", state}, nil, io.Discard, &stderr); code != exitFailed {
		t.Errorf("state file of a running grid: code %d", code)
	}
	for _, want := range []string{"running grid", "pid ", "--ready-file", "GOGRID_ENDPOINT"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("the message lacks %q: %s", want, stderr.String())
		}
	}
	sim.stop()
	text := printed(t, nil, "--state", state)
	wantLines(t, text, logins)
	if !strings.Contains(text, "not running") {
		t.Errorf("the list does not say that the grid is not running:\n%s", text)
	}
	answers(t, launch(t, "--state", state).facts)
}

func TestPasswordsRefusesBadUsage(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "none")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no grid":       {nil, "--ready-file"},
		"both":          {[]string{"--state", "a", "--ready-file", "b"}, "exclude"},
		"argument":      {[]string{"grid.db"}, "grid.db"},
		"no state":      {[]string{"--state", missing}, missing},
		"no ready file": {[]string{"--ready-file", missing}, missing},
	} {
		var stderr strings.Builder
		if code := run(t.Context(), append([]string{"passwords"}, test.args...), nil, io.Discard, &stderr); code != exitFailed || !strings.Contains(stderr.String(), test.want) {
			t.Errorf("%s: code %d, message %q, want %q", name, code, stderr.String(), test.want)
		}
	}
	if text := printed(t, nil, "--help"); !strings.Contains(text, "passwords --state FILE") {
		t.Errorf("help: %s", text)
	}
}

func TestPasswordsWorksBelowRun(t *testing.T) {
	t.Parallel()
	p := prepare(t, "passwords", "--cloud-storage-listen=127.0.0.1:0", "--tls")
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for p.lines.Scan() {
		text.WriteString(p.lines.Text() + "\n")
	}
	if code := p.end(t); code != exitOK || !strings.Contains(text.String(), "sftp ") {
		t.Errorf("code %d, output:\n%s%s", code, text.String(), p.stderr)
	}
}
