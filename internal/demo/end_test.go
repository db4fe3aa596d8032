// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/demo"
)

func TestAccDemoShowsTheLogOfAFailedStep(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := options(t, &out)
	o.Faults = []string{`{"method":"grid.image.save","times":100,"when":"before","kind":"status","status":400}`}
	report, err := demo.Run(t.Context(), o)
	var failed *demo.StepError
	if !errors.As(err, &failed) {
		t.Fatalf("the demo ended with %v, want a failed step\n%s", err, out.String())
	}
	nothingLeft(t, o)
	if failed.Title != "From nothing to two servers" || failed.Code != 1 || len(report.Steps) != 0 {
		t.Errorf("failed: %q with code %d, after %d steps", failed.Title, failed.Code, len(report.Steps))
	}
	for _, want := range []string{"gogrid_private_ip.web", "Error: ", "with gogrid_mygsi_image.web"} {
		if !strings.Contains(failed.Log, want) {
			t.Errorf("the log lacks %q", want)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

// TestAccDemoFailsWhenTooFewServersAnswer checks that the demo fails if the
// example takes two servers down at the same time.
func TestAccDemoFailsWhenTooFewServersAnswer(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := options(t, &out)
	if !o.Guests {
		t.Skip("the servers of the grid do not boot on this host")
	}
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "examples"), os.DirFS(filepath.Join(o.Root, "examples"))); err != nil {
		t.Fatal(err)
	}
	o.Root = root
	path := filepath.Join(root, "examples", "one-click-deploy", "main.tf")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	careless := strings.Replace(string(text), "= var.max_unavailable", "= 2", 1)
	if careless == string(text) {
		t.Fatal("the example does not set max_unavailable")
	}
	if err := os.WriteFile(path, []byte(careless), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := demo.Run(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "only 2 of 4 servers answered at a time") {
		t.Errorf("the demo ended with %v after %d steps\n%s", err, len(report.Steps), out.String())
	}
	nothingLeft(t, o)
}

func TestAccDemoCleansUpWhenInterrupted(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"while it prepares": "build ",
		"in an apply":       "+ gogrid_private_ip.web",
		"between steps":     "2. Scale to five servers",
		"in a deploy":       ": the old page",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			out := &tripwire{text: text, trip: cancel}
			o := options(t, out)
			if !o.Guests && name == "in a deploy" {
				t.Skip("the servers of the grid do not boot on this host")
			}
			if text == "build " {
				o.Programs = ""
			}
			if _, err := demo.Run(ctx, o); !errors.Is(err, context.Canceled) {
				t.Errorf("the demo ended with %v, want context.Canceled\n%s", err, out.String())
			}
			nothingLeft(t, o)
		})
	}
}

// typed maps the name of a program to the input for the printed commands that
// run it. shown maps the name to the expected output.
var (
	typed = map[string]string{"ssh": "hostname\n", "sftp": "ls\n"}
	shown = map[string]string{"terraform": "Apply complete!", "tofu": "Apply complete!", "ssh": "web-01", "sftp": "releases"}
)

func TestAccDemoKeepsTheGrid(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the printed commands need a POSIX shell")
	}
	var out bytes.Buffer
	o := options(t, &out)
	o.Keep = true
	_, runErr := demo.Run(t.Context(), o)
	k := parseKept(t, out.String())
	shell := func(script, input string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", k.enter+"\n"+script)
		cmd.Stdin = strings.NewReader(input)
		cmd.Env = append(os.Environ(), "SSH_ASKPASS_REQUIRE=force", "SSH_ASKPASS="+k.askpass(t))
		text, err := cmd.CombinedOutput()
		return string(text), err
	}
	defer func() {
		if text, err := shell(k.remove, ""); err != nil {
			t.Errorf("the kept grid cannot be removed: %v\n%s", err, text)
		}
		awaitProcessesEnd(t, o.TempDir)
		nothingLeft(t, o)
	}()
	if runErr != nil {
		t.Fatalf("the demo failed: %v\n%s", runErr, out.String())
	}
	if text, err := shell(o.Engine.Command()+" plan -detailed-exitcode -input=false -no-color", ""); err != nil {
		t.Errorf("plan on the kept grid: %v\n%s", err, text)
	}
	if len(processes(t, o.TempDir)) == 0 && runtime.GOOS == "linux" {
		t.Error("the simulator of the kept grid is not running")
	}
	ran := 0
	for _, command := range k.use {
		program, _, _ := strings.Cut(command, " ")
		if _, err := exec.LookPath(program); err != nil {
			t.Logf("%s is not installed: skip %s", program, command)
			continue
		}
		text, err := shell(command, typed[program])
		if err != nil || !strings.Contains(text, shown[program]) {
			t.Errorf("%s: %v\n%s", command, err, text)
		}
		ran++
	}
	if o.Guests && ran < 6 {
		t.Errorf("%d commands ran, want 6:\n%s", ran, out.String())
	}
}
