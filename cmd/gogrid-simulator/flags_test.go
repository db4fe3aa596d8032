// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

func TestParseReadsFlags(t *testing.T) {
	t.Parallel()
	set, err := parse([]string{
		"--listen", "127.0.0.1:9", "--state", "grid.db", "--speed", "600", "--public-block-size", "64", "--private-block-size", "32",
		"--api-key", "K", "--shared-secret", "S", "--key", "k2:s2:read-only", "--key", "k3:s3:billing:7", "--era", "Direct",
		"--strict", "--admin", "--seed", "42", "--jitter", "0.25", "--timing", "server_create=5m", "--timing", "image_save=1m",
		"--fault", `{"method":"grid.server.add","times":1,"when":"after","kind":"reset"}`, "--ready-file", "ready.json", "--allow-remote",
	}, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	wantKeys := []simulator.Key{
		{APIKey: "K", SharedSecret: "S", Role: simulator.RoleSuper},
		{APIKey: "k2", SharedSecret: "s2", Role: simulator.RoleReadOnly, Account: simulator.DefaultAccount},
		{APIKey: "k3", SharedSecret: "s3", Role: simulator.RoleBilling, Account: 7},
	}
	if diff := cmp.Diff(wantKeys, set.options.Keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	want := simulator.Options{
		State: "grid.db", Speed: 600, PublicBlockSize: 64, PrivateBlockSize: 32, Era: simulator.EraDirect, Strict: true, Admin: true,
		Seed: 42, Jitter: 0.25, Keys: set.options.Keys,
		Timings: simulator.Timings{ServerCreate: 5 * time.Minute, ImageSave: time.Minute},
	}
	if diff := cmp.Diff(want, set.options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if len(set.faults) != 1 || set.listen != "127.0.0.1:9" || set.readyFile != "ready.json" || !set.allowRemote || set.command != nil {
		t.Errorf("settings = %+v", set)
	}
}

func TestParseReadsEnvironment(t *testing.T) {
	t.Parallel()
	env := []string{
		"GOGRID_SIMULATOR_SPEED=120", "GOGRID_SIMULATOR_ADMIN=true", "GOGRID_SIMULATOR_TIMING=queue=2s, server_delete=3s",
		"GOGRID_SIMULATOR_KEY=k1:s1,k2:s2:billing", "GOGRID_SIMULATOR_READY_FILE=env.json", "GOGRID_SIMULATOR_STATE=", "OTHER=1",
	}
	set, err := parse([]string{"run", "--ready-file", "flag.json", "--", "terraform", "plan", "-json"}, env, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if set.options.Speed != 120 || !set.options.Admin || set.options.State != "" || len(set.options.Keys) != 2 {
		t.Errorf("options = %+v", set.options)
	}
	if want := (simulator.Timings{Queue: 2 * time.Second, ServerDelete: 3 * time.Second}); set.options.Timings != want {
		t.Errorf("timings = %+v, want %+v", set.options.Timings, want)
	}
	if set.readyFile != "flag.json" {
		t.Errorf("ready file = %q: the flag must take precedence over the environment", set.readyFile)
	}
	if diff := cmp.Diff([]string{"terraform", "plan", "-json"}, set.command); diff != "" {
		t.Errorf("command (-want +got):\n%s", diff)
	}
}

func TestParseTakesNoJitterAsNone(t *testing.T) {
	t.Parallel()
	set, err := parse([]string{"--jitter", "0"}, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if set.options.Jitter >= 0 {
		t.Errorf("jitter = %v, want it negative: 0 would be the default of Options", set.options.Jitter)
	}
}

func TestRunRefusesBadUsage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args, env []string
		code      int
		want      []string // parts of the message
	}{
		"unknown flag":         {args: []string{"--sped", "5"}, code: exitUsage, want: []string{"-sped", "--help"}},
		"shared without port":  {args: []string{"--guests", "--guest-shared-addresses"}, code: exitUsage, want: []string{"--guest-ssh-port"}},
		"no guest port":        {args: []string{"--guests", "--guest-ssh-port", "70000"}, code: exitUsage, want: []string{"guest-ssh-port", "65535"}},
		"seed of zero":         {args: []string{"--seed", "0"}, code: exitUsage, want: []string{"seed", "must be a whole number of at least 1"}},
		"seed is no number":    {args: []string{"--seed", "x"}, code: exitUsage, want: []string{"seed", "must be a whole number of at least 1"}},
		"not a number":         {args: []string{"--speed", "fast"}, code: exitUsage, want: []string{"speed", "fast"}},
		"standing clock":       {args: []string{"--speed", "0"}, code: exitUsage, want: []string{"--speed 0"}},
		"negative jitter":      {args: []string{"--jitter", "-1"}, code: exitUsage, want: []string{"--jitter -1"}},
		"excessive jitter":     {args: []string{"--jitter", "2"}, code: exitFailed, want: []string{"jitter", "0.9"}},
		"unknown era":          {args: []string{"--era", "modern"}, code: exitUsage, want: []string{"era", "sandbox", "direct"}},
		"unknown timing":       {args: []string{"--timing", "coffee=5m"}, code: exitUsage, want: []string{"coffee", "server_create"}},
		"unknown role":         {args: []string{"--key", "k:S3CRET:king"}, code: exitUsage, want: []string{"--key", "role", "read-only"}},
		"key without a colon":  {args: []string{"--key", "S3CRET"}, code: exitUsage, want: []string{"--key", "key:secret"}},
		"comma in a secret":    {args: []string{"--key", "k:s,S3CRET"}, code: exitUsage, want: []string{"--key", "key:secret"}},
		"colon in a secret":    {args: []string{"--key", "k:s:S3CRET"}, code: exitUsage, want: []string{"colon"}},
		"bad key in variable":  {env: []string{"GOGRID_SIMULATOR_KEY=k:S3CRET:king"}, code: exitUsage, want: []string{"--key", "role"}},
		"secret alone":         {args: []string{"--shared-secret", "S3CRET"}, code: exitUsage, want: []string{"--api-key", "--shared-secret"}},
		"fault is no JSON":     {args: []string{"--fault", "grid.server.add"}, code: exitUsage, want: []string{"fault"}},
		"fault and more":       {args: []string{"--fault", `[{"method":"*","kind":"reset"}] x`}, code: exitUsage, want: []string{"fault", "nothing may follow"}},
		"fault is misspelt":    {args: []string{"--fault", `{"methd":"*"}`}, code: exitUsage, want: []string{"methd"}},
		"odd block":            {args: []string{"--public-block-size", "20"}, code: exitFailed, want: []string{"public", "20", "power of two"}},
		"command without run":  {args: []string{"terraform", "apply"}, code: exitUsage, want: []string{"run -- terraform apply"}},
		"run without command":  {args: []string{"run", "--admin"}, code: exitUsage, want: []string{"COMMAND"}},
		"bad environment":      {env: []string{"GOGRID_SIMULATOR_SPEED=fast"}, code: exitUsage, want: []string{"GOGRID_SIMULATOR_SPEED"}},
		"no address":           {args: []string{"--cloud-storage-gateway", "10.1"}, code: exitUsage, want: []string{"cloud-storage-gateway", "10.1"}},
		"open storage":         {args: []string{"--cloud-storage-listen", "0.0.0.0:0"}, code: exitFailed, want: []string{"Cloud Storage", "loopback"}},
		"not loopback":         {args: []string{"--listen", "0.0.0.0:0"}, code: exitFailed, want: []string{"loopback", "--allow-remote"}},
		"every host":           {args: []string{"--listen", ":0"}, code: exitFailed, want: []string{"loopback", "--allow-remote"}},
		"no port":              {args: []string{"--listen", "127.0.0.1"}, code: exitFailed, want: []string{"--listen 127.0.0.1"}},
		"no such ready folder": {args: []string{"--ready-file", "no/such/folder/ready.json"}, code: exitFailed, want: []string{"ready file"}},
		"no such state folder": {args: []string{"--state", "no/such/folder/grid.db"}, code: exitFailed, want: []string{"no/such/folder/grid.db"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), test.args, test.env, &stdout, &stderr); code != test.code {
				t.Errorf("exit code = %d, want %d", code, test.code)
			}
			for _, want := range test.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("message lacks %q:\n%s", want, stderr.String())
				}
			}
			if strings.Contains(stderr.String(), "S3CRET") {
				t.Errorf("message holds the secret:\n%s", stderr.String())
			}
			if stdout.Len() > 0 {
				t.Errorf("standard output is not empty:\n%s", stdout.String())
			}
		})
	}
}

func TestHelpListsEveryFlagWithItsVariable(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"run", "-h"}} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, nil, &stdout, &stderr); code != exitOK {
			t.Errorf("%v: exit code = %d", args, code)
		}
		(&settings{}).flags().VisitAll(func(f *flag.Flag) {
			if strings.Count(stdout.String(), "\n  --"+f.Name+"\n")+strings.Count(stdout.String(), "\n  --"+f.Name+" ") != 1 {
				t.Errorf("%v: help must contain --%s exactly once", args, f.Name)
			}
			if want := "[" + variable(f.Name) + "]"; f.Name != versionFlag && !strings.Contains(stdout.String(), want) {
				t.Errorf("%v: help lacks %q", args, want)
			}
		})
		for _, kind := range simulator.FaultKinds() {
			if want := "\n  " + string(kind) + "\n"; !strings.Contains(stdout.String(), want) {
				t.Errorf("%v: help lacks the fault kind %q", args, want)
			}
		}
		if stderr.Len() > 0 {
			t.Errorf("%v: standard error is not empty:\n%s", args, stderr.String())
		}
	}
}

func TestPollIntervalFollowsTheSpeed(t *testing.T) {
	t.Parallel()
	for speed, want := range map[float64]time.Duration{
		0.5: 20 * time.Second, 1: 10 * time.Second, 60: 167 * time.Millisecond, 100000: 100 * time.Millisecond,
	} {
		if got := pollInterval(speed); got != want {
			t.Errorf("pollInterval(%g) = %s, want %s", speed, got, want)
		}
	}
}

func TestHelpFitsIntoATerminal(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, nil, &stdout, io.Discard); code != exitOK {
		t.Fatalf("exit code = %d", code)
	}
	for line := range strings.Lines(stdout.String()) {
		if len(line) > helpWidth+1 {
			t.Errorf("a line has %d columns: %s", len(line)-1, line)
		}
	}
}

func TestHelpIsOrderedBySubject(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	run(t.Context(), []string{"--help"}, nil, &stdout, io.Discard)
	text := stdout.String()
	for _, s := range sections() {
		_, after, found := strings.Cut(text, "\n"+s.title+":\n")
		if !found {
			t.Fatalf("the help lacks the section %q, or prints it too early", s.title)
		}
		text = after
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--version"}, {"run", "--version"}} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, nil, &stdout, &stderr); code != exitOK || stdout.String() != "gogrid-simulator "+programVersion()+"\n" {
			t.Errorf("%v: code %d, output %q, error %q", args, code, stdout.String(), stderr.String())
		}
	}
	for recorded, want := range map[string]string{"": "dev", "(devel)": "dev", "v1.2.3": "v1.2.3"} {
		if got := moduleVersion(recorded); got != want {
			t.Errorf("moduleVersion(%q) = %q, want %q", recorded, got, want)
		}
	}
	if sim := launch(t); sim.facts.Version != programVersion() {
		t.Errorf("the ready file has version %q", sim.facts.Version)
	}
}
