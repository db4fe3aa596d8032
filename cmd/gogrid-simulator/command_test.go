// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// report runs a command that reports its input and variables, and returns the
// report.
func report(t *testing.T, env []string, args ...string) map[string]string {
	t.Helper()
	p := prepare(t, "report", args...)
	p.Env = append(p.Env, env...)
	p.Stdin = strings.NewReader("typed")
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if !p.lines.Scan() {
		t.Fatalf("no report; standard error:\n%s", p.stderr)
	}
	var got map[string]string
	if err := json.Unmarshal(p.lines.Bytes(), &got); err != nil {
		t.Fatalf("%v in %q", err, p.lines.Text())
	}
	if code := p.end(t); code != exitOK {
		t.Errorf("exit code = %d", code)
	}
	return got
}

func TestRunGivesTheCommandAGrid(t *testing.T) {
	t.Parallel()
	got := report(t, []string{"KEPT=yes", "GOGRID_API_KEY=from outside", "GOGRID_POLL_INTERVAL=", "GOGRID_SPEED=", "GOGRID_SSH_PORT="}, "--speed", "20")
	for name, want := range map[string]string{
		"grid": "answers", "stdin": "typed", "kept": "yes", "GOGRID_POLL_INTERVAL": "500ms", "GOGRID_SPEED": "20", "GOGRID_SSH_PORT": "none",
	} {
		if got[name] != want {
			t.Errorf("%s = %q, want %q", name, got[name], want)
		}
	}
	if !strings.HasPrefix(got["GOGRID_ENDPOINT"], "http://127.0.0.1:") || !strings.HasSuffix(got["GOGRID_ENDPOINT"], "/api") {
		t.Errorf("GOGRID_ENDPOINT = %q", got["GOGRID_ENDPOINT"])
	}
	if got["GOGRID_API_KEY"] == "from outside" {
		t.Error("the command got GOGRID_API_KEY from the environment, which belongs to another grid")
	}
}

func TestRunKeepsGivenVariables(t *testing.T) {
	t.Parallel()
	given := map[string]string{"GOGRID_POLL_INTERVAL": "3s", "GOGRID_SPEED": "2", "GOGRID_SSH_PORT": "22"}
	var env []string
	for name, value := range given {
		env = append(env, name+"="+value)
	}
	got := report(t, env)
	for name, want := range given {
		if got[name] != want {
			t.Errorf("%s = %q, want the given value %q", name, got[name], want)
		}
	}
}

// TestRunReplacesTheVariablesOfAnotherGrid starts in an environment with
// variables that another grid printed, as a user's shell may have.
func TestRunReplacesTheVariablesOfAnotherGrid(t *testing.T) {
	t.Parallel()
	got := report(t, []string{"GOGRID_ENDPOINT=http://127.0.0.1:9/api", "GOGRID_POLL_INTERVAL=3s", "GOGRID_SPEED=2", "GOGRID_SSH_PORT=22"}, "--speed", "20")
	for name, want := range map[string]string{"GOGRID_POLL_INTERVAL": "3s", "GOGRID_SPEED": "20", "GOGRID_SSH_PORT": "none"} {
		if got[name] != want {
			t.Errorf("%s = %q, want %q", name, got[name], want)
		}
	}
}

func TestRunTellsTheCommandHowGuestsAreReached(t *testing.T) {
	t.Parallel()
	set := &settings{options: simulator.Options{Speed: 0.5}}
	s := &server{facts: facts{Speed: 0.5, Guests: &guestFacts{SSHPort: 2300}}}
	env := s.environment(nil, set)
	for name, want := range map[string]string{"GOGRID_SPEED": "0.5", "GOGRID_SSH_PORT": "2300"} {
		if got, _ := lookup(env, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

func TestRunEndsWithTheCommandsCode(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]int{"exit:0": 0, "exit:1": 1, "exit:3": 3, "die": exitSignalBase + 9} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			if role == "die" && runtime.GOOS == "windows" {
				t.Skip("Windows has no signals that end a process")
			}
			ready := filepath.Join(t.TempDir(), "ready.json")
			p := prepare(t, role, "--ready-file", ready)
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			if code := p.end(t); code != want {
				t.Errorf("exit code = %d, want %d; standard error:\n%s", code, want, p.stderr)
			}
			if p.stderr.Len() > 0 {
				t.Errorf("the simulator added to the command's standard error:\n%s", p.stderr)
			}
			if _, err := os.Stat(ready); err == nil {
				t.Error("the ready file was not removed")
			}
		})
	}
}

func TestRunTellsWhyACommandCannotStart(t *testing.T) {
	t.Parallel()
	plain := filepath.Join(t.TempDir(), "plain.txt")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		command string
		code    int
	}{
		"not on PATH":    {"no-such-command-anywhere", exitNotFound},
		"no such file":   {filepath.Join(t.TempDir(), "missing"), exitNotFound},
		"not executable": {plain, exitCannotRun},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "not executable" && runtime.GOOS == "windows" {
				t.Skip("Windows recognizes programs by their extension, which this file lacks")
			}
			var stderr strings.Builder
			if code := run(t.Context(), []string{"run", "--", test.command}, os.Environ(), &strings.Builder{}, &stderr); code != test.code {
				t.Errorf("exit code = %d, want %d", code, test.code)
			}
			if !strings.Contains(stderr.String(), test.command) {
				t.Errorf("the message does not name the command: %s", stderr.String())
			}
		})
	}
}
