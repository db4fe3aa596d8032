// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo_test

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/demo"
)

func TestAccDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := options(t, &out)
	o.Programs = "" // builds its own, as "make demo" does
	report, err := demo.Run(t.Context(), o)
	if err != nil {
		t.Fatalf("the demo failed: %v\n%s", err, out.String())
	}
	nothingLeft(t, o)
	checkChanges(t, report)
	checkGrid(t, report)
	checkMeasures(t, report)
	if strings.Contains(out.String(), "\x1b") {
		t.Error("the account has colors, which were not allowed")
	}
	for _, want := range []string{
		"1. From nothing to two servers\n", "plan     5 to add\n", `+ gogrid_server.web["web-05"]`, "plan     no changes\n",
		"plan     11 to destroy\n", ": release r1\n", ": release r2\n", " min on the grid, ", " API calls\n", " USD so far\n", "Nothing is left of it",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the account lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

// checkChanges checks what each step planned and did.
func checkChanges(t *testing.T, report *demo.Report) {
	t.Helper()
	type changes struct{ add, change, remove int }
	want := []struct{ planned, done changes }{
		{planned: changes{add: 5}, done: changes{add: 5}},
		{planned: changes{add: 6}, done: changes{add: 6}},
		{planned: changes{add: 1, remove: 1}, done: changes{add: 1, remove: 1}},
		{planned: changes{add: 5, remove: 5}, done: changes{add: 5, remove: 5}},
		{},
		{planned: changes{remove: 11}, done: changes{remove: 11}},
	}
	if len(report.Steps) != len(want) {
		t.Fatalf("there are %d steps, want %d", len(report.Steps), len(want))
	}
	for i, step := range report.Steps {
		planned := changes{step.Planned.Add, step.Planned.Change, step.Planned.Remove}
		done := changes{step.Done.Add, step.Done.Change, step.Done.Remove}
		if planned != want[i].planned || done != want[i].done {
			t.Errorf("step %q planned %+v and did %+v, want %+v", step.Title, planned, done, want[i])
		}
		if len(step.Warnings) > 0 {
			t.Errorf("step %q warned: %q", step.Title, step.Warnings)
		}
	}
}

// checkGrid checks that servers keep their private addresses over a new
// image, and move to it only when they are asked to.
func checkGrid(t *testing.T, report *demo.Report) {
	t.Helper()
	private := func(step int) map[string]string {
		addresses := map[string]string{}
		for name, server := range report.Steps[step].Grid.Servers {
			addresses[name] = server.PrivateIP
		}
		return addresses
	}
	if two, five := len(private(0)), len(private(1)); two != 2 || five != 5 {
		t.Errorf("there are %d servers, then %d; want 2, then 5", two, five)
	}
	for name, address := range private(0) {
		if now := private(1)[name]; now != address {
			t.Errorf("scaling moved %s from %s to %s", name, address, now)
		}
	}
	if diff := cmp.Diff(private(1), private(3)); diff != "" {
		t.Errorf("a new image changed private addresses (-before +after):\n%s", diff)
	}
	old, renewed := report.Steps[1].Grid.Image, report.Steps[2].Grid.Image
	if old.ID == renewed.ID || old.FriendlyName != "web r1" || renewed.FriendlyName != "web r2" {
		t.Errorf("the image was %+v, then %+v", old, renewed)
	}
	for step, image := range map[int]demo.Image{1: old, 2: old, 3: renewed} {
		for name, server := range report.Steps[step].Grid.Servers {
			if server.ImageID != image.ID {
				t.Errorf("after step %d %s is on image %s, want %s", step+1, name, server.ImageID, image.ID)
			}
		}
	}
}

// checkMeasures checks times, calls and costs against what the grid's own
// timings make of them.
func checkMeasures(t *testing.T, report *demo.Report) {
	t.Helper()
	bill := 0.0
	for _, step := range report.Steps {
		if step.Calls <= 0 || step.Here <= 0 || step.OnGrid < step.Here {
			t.Errorf("step %q took %d calls, %s here, %s on the grid", step.Title, step.Calls, step.Here, step.OnGrid)
		}
		if step.USD < bill || step.USD == 0 {
			t.Errorf("the bill went from %g to %g in step %q", bill, step.USD, step.Title)
		}
		bill = step.USD
	}
	// Sandbox, image, the server that verifies it and the servers take 39 minutes
	// and three boots, with at most a tenth less by jitter.
	if first := report.Steps[0].OnGrid; first < 43*time.Minute {
		t.Errorf("the first step took %s on the grid", first)
	}
}

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
			t.Errorf("the account lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

func TestAccDemoCleansUpWhenInterrupted(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"while it prepares": "build ",
		"in an apply":       "+ gogrid_private_ip.web",
		"between steps":     "2. Scale to five servers",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			out := &tripwire{text: text, trip: cancel}
			o := options(t, out)
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

func TestAccDemoKeepsTheGrid(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("what it prints is for a POSIX shell")
	}
	var out bytes.Buffer
	o := options(t, &out)
	o.Keep = true
	_, runErr := demo.Run(t.Context(), o)
	shell := func(script string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
		text, err := cmd.CombinedOutput()
		return string(text), err
	}
	use, end := kept(t, out.String())
	if runErr != nil {
		text, err := shell(end)
		t.Fatalf("the demo failed: %v\n%s\nended it: %v %s", runErr, out.String(), err, text)
	}
	if text, err := shell(use + "\n" + o.Engine.Command() + " plan -detailed-exitcode -input=false -no-color"); err != nil {
		t.Errorf("the kept grid cannot be planned on: %v\n%s", err, text)
	}
	if len(processes(t, o.TempDir)) == 0 && runtime.GOOS == "linux" {
		t.Error("the simulator does not run on")
	}
	if text, err := shell(end); err != nil {
		t.Errorf("the kept grid cannot be ended: %v\n%s", err, text)
	}
	awaitNothing(t, o.TempDir)
	nothingLeft(t, o)
}
