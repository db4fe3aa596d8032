// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"maps"
	"regexp"
	"strings"
	"testing"
)

// unquotedVariables returns variables that are safe outside quotes, because they
// hold only digits and similar characters.
func unquotedVariables() map[string]bool {
	return map[string]bool{"TRIES": true, "DATE": true, "TIME": true, "ERRORLEVEL": true}
}

// unchecked matches commands whose exit code may be ignored: commands whose effect
// the script checks afterwards, and ping, which only waits.
var unchecked = regexp.MustCompile(`^(ping |ipconfig /renew |route delete |netsh interface ipv4 set address |>>"%GOGRID_LOG%" echo )`)

var cmdVariable = regexp.MustCompile(`%([A-Z0-9_]+)%`)

func TestCmdScriptsFollowTheRules(t *testing.T) {
	t.Parallel()
	for name, config := range goldens() {
		if config.OS != Windows {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rendered, err := Render(config)
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range rendered.Files {
				if strings.Contains(strings.ReplaceAll(file.Content, "\r\n", ""), "\r") || !strings.HasSuffix(file.Path, ".json") && strings.Contains(strings.ReplaceAll(file.Content, "\r\n", ""), "\n") {
					t.Errorf("%s has lines that do not end in CR LF", file.Path)
				}
				if at := strings.IndexFunc(file.Content, func(r rune) bool { return r > '~' }); at >= 0 {
					t.Errorf("%s is not ASCII: %q", file.Path, file.Content[at:at+1])
				}
			}
			model, err := newCmdModel(rendered.Script)
			if err != nil {
				t.Fatal(err)
			}
			checkLines(t, model)
		})
	}
}

func checkLines(t *testing.T, model *cmdModel) {
	t.Helper()
	for i, line := range model.lines {
		for _, at := range cmdVariable.FindAllStringSubmatchIndex(line, -1) {
			if name := line[at[2]:at[3]]; strings.Count(line[:at[0]], `"`)%2 == 0 && !unquotedVariables()[name] {
				t.Errorf("line %d: %%%s%% is outside quotes: %s", i+1, name, line)
			}
		}
		program := regexp.MustCompile(`^(netsh|powershell|ipconfig|route|icacls|reg|ping|certutil|net|timeout) `).MatchString(line)
		if program && !unchecked.MatchString(line) && !regexp.MustCompile(`^(if (not )?errorlevel|exit /b %ERRORLEVEL%)`).MatchString(model.lines[i+1]) {
			t.Errorf("line %d: the exit code is not checked: %s", i+1, line)
		}
		if regexp.MustCompile(`(?i)^(timeout|net use|certutil)|gateway=|enabledelayedexpansion`).MatchString(line) {
			t.Errorf("line %d has a command that does not work during a boot: %s", i+1, line)
		}
		if target, found := strings.CutPrefix(line[strings.LastIndex(line, "goto ")+1:], "oto "); found && model.labels[target] == 0 {
			t.Errorf("line %d: there is no label %q", i+1, target)
		}
	}
}

// TestWindowsBoots runs the script with simulated programs.
func TestWindowsBoots(t *testing.T) {
	t.Parallel()
	adapterUp := `netsh interface set interface name=Local Area Connection 2 admin=ENABLED`
	installer := `powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File C:\gogrid\install.ps1 `
	for name, test := range map[string]struct {
		config string
		// codes maps commands to the exit codes of their calls in order. The last
		// code is used for all further calls.
		codes map[string][]int
		calls []string
		code  int
		// problem is the value of GOGRID_PROBLEM when the installer runs.
		problem string
	}{
		"dhcp": {
			config: "windows-dhcp",
			codes:  map[string][]int{adapterUp: {1, 1, 0}, installer + "has-address": {1, 0}, "netsh interface ipv4 set address name=Local Area Connection 2 source=dhcp": {1}, "route delete 10.0.0.0 mask 255.0.0.0": {1}},
			calls: []string{
				adapterUp, "ping -n 3 127.0.0.1", adapterUp, "ping -n 3 127.0.0.1", adapterUp,
				"netsh interface ipv4 set address name=Local Area Connection 2 source=dhcp",
				installer + "has-address", "ping -n 3 127.0.0.1", "ipconfig /renew Local Area Connection 2", installer + "has-address",
				"route delete 10.0.0.0 mask 255.0.0.0", "route -p add 10.0.0.0 mask 255.0.0.0 10.110.0.1", installer + "deploy",
			},
		},
		"no adapter": {
			config: "windows-dhcp", codes: map[string][]int{adapterUp: {1}, installer + "deploy": {1}}, code: 1,
			problem: "the private adapter could not be enabled",
		},
		"no lease": {
			config: "windows-dhcp", codes: map[string][]int{installer + "has-address": {1}, installer + "deploy": {1}}, code: 1,
			problem: "no DHCP service gave the private adapter an address",
		},
		"route refused": {
			config: "windows-dhcp", codes: map[string][]int{"route -p add 10.0.0.0 mask 255.0.0.0 10.110.0.1": {1}},
			problem: "the route to 10.0.0.0/8 could not be set",
		},
		"host map": {
			config: "windows-host-map",
			calls: []string{
				"netsh interface set interface name=100% (Ethernet) & 2 admin=ENABLED", installer + "from-map",
				"netsh interface ipv4 set address name=100% (Ethernet) & 2 source=static address=10.110.0.11 mask=255.255.255.0",
				installer + "has-address 10.110.0.11", installer + "refresh", installer + "deploy",
			},
		},
		"host map, another address": {
			config: "windows-host-map", codes: map[string][]int{installer + "from-map": {1}, installer + "refresh": {3}},
			calls: []string{
				"netsh interface set interface name=100% (Ethernet) & 2 admin=ENABLED", installer + "from-map",
				"netsh interface ipv4 set address name=100% (Ethernet) & 2 source=static address=10.110.0.250 mask=255.255.255.0",
				installer + "has-address 10.110.0.250", installer + "refresh",
				"netsh interface ipv4 set address name=100% (Ethernet) & 2 source=static address=10.110.0.11 mask=255.255.255.0",
				installer + "has-address 10.110.0.11", installer + "deploy",
			},
		},
		"host map unreadable": {
			config: "windows-host-map", codes: map[string][]int{installer + "refresh": {4}},
			problem: "the host map could not be read from Cloud Storage, or does not name this server",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rendered, err := Render(goldens()[test.config])
			if err != nil {
				t.Fatal(err)
			}
			model, err := newCmdModel(rendered.Script)
			if err != nil {
				t.Fatal(err)
			}
			model.files[`C:\gogrid\address.txt`] = "10.110.0.11 255.255.255.0\r\n"
			codes, problem := maps.Clone(test.codes), ""
			model.run = func(args []string, env map[string]string) int {
				line := strings.Join(args, " ")
				if strings.HasSuffix(line, " deploy") {
					problem = env["GOGRID_PROBLEM"]
				}
				left := codes[line]
				if len(left) > 1 {
					codes[line] = left[1:]
				}
				return append(left, 0)[0]
			}
			if err := model.execute(0); err != nil {
				t.Fatal(err)
			}
			if model.errorlevel != test.code || problem != test.problem {
				t.Errorf("the script ended with code %d and the problem %q, want %d and %q", model.errorlevel, problem, test.code, test.problem)
			}
			wantCalls(t, model.calls, test.calls)
		})
	}
}

// wantCalls compares all calls except those that restrict access or register the
// drive.
func wantCalls(t *testing.T, calls [][]string, want []string) {
	t.Helper()
	if want == nil {
		return
	}
	var got []string
	for _, call := range calls {
		if call[0] != "icacls" && call[0] != "reg" {
			got = append(got, strings.Join(call, " "))
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the script called\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
