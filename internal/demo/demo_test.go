// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/demo"
	"github.com/gogrid/terraform-provider-gogrid/internal/engine"
)

// buildOnce builds provider and simulator for all tests and returns where.
var buildOnce func() (string, error)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "gogrid-demo-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	buildOnce = sync.OnceValues(func() (string, error) {
		root, err := engine.Root()
		if err != nil {
			return "", err
		}
		return dir, engine.Build(context.Background(), root, dir, "", "cmd/gogrid-simulator")
	})
	return m.Run()
}

// options are those of a quick demo that writes into out, and skip the test
// where there is no engine.
func options(t *testing.T, out io.Writer) demo.Options {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs Terraform: set TF_ACC=1, as \"make test\" does")
	}
	found, err := engine.Find(t.Context())
	if err != nil {
		t.Skipf("no engine to run the demo with: %v", err)
	}
	root, err := engine.Root()
	if err != nil {
		t.Fatal(err)
	}
	programs, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return demo.Options{
		Root: root, Engine: found, Programs: programs, TempDir: t.TempDir(),
		Speed: 3000, Out: out, Clock: clockwork.NewRealClock(),
	}
}

// nothingLeft checks that a demo has removed every file and ended every
// process.
func nothingLeft(t *testing.T, o demo.Options) {
	t.Helper()
	entries, err := os.ReadDir(o.TempDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		t.Errorf("%s was left in the temporary directory", entry.Name())
	}
	for _, command := range processes(t, o.TempDir) {
		t.Errorf("a process was left running: %s", command)
	}
}

// processes are the command lines of all processes that name a directory.
func processes(t *testing.T, dir string) []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil // files alone have to tell
	}
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil && bytes.Contains(text, []byte(dir)) {
			found = append(found, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return found
}

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
		"1. From nothing to two servers\n", "plan     6 to add\n", `+ gogrid_server.web["web-05"]`, "plan     no changes\n",
		"plan     12 to destroy\n", " min on the grid, ", " API calls\n", " USD so far\n", "Nothing is left of it",
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
		{planned: changes{add: 6}, done: changes{add: 6}},
		{planned: changes{add: 6}, done: changes{add: 6}},
		// The old sandbox goes with the last server that was made from its image.
		{planned: changes{add: 2, remove: 2}, done: changes{add: 2, remove: 1}},
		{planned: changes{add: 5, remove: 6}, done: changes{add: 5, remove: 6}},
		{},
		{planned: changes{remove: 12}, done: changes{remove: 12}},
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
	// Sandbox, image and server take 32 minutes, with at most a tenth less by jitter.
	if first := report.Steps[0].OnGrid; first < 28*time.Minute {
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
	for _, want := range []string{"gogrid_sandbox.web: Creation complete", "Error: ", "with gogrid_mygsi_image.web"} {
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

// tripwire calls a function when a text has been written to it.
type tripwire struct {
	bytes.Buffer
	text string
	trip func()
}

func (w *tripwire) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.text) {
		w.trip()
	}
	return n, err
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

// kept are the commands that the account gives for using and for ending a
// kept grid.
func kept(t *testing.T, account string) (use, end string) {
	t.Helper()
	found := regexp.MustCompile(`(?s)To use it:\n\n +(cd [^\n]+)\n.*To end it:\n\n +(kill [^\n]+)\n`).FindStringSubmatch(account)
	if found == nil {
		t.Fatalf("the account does not say how to use and to end the grid:\n%s", account)
	}
	return found[1], found[2]
}

// awaitNothing gives processes that were told to end the time to do so.
func awaitNothing(t *testing.T, dir string) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range 1000 {
		if len(processes(t, dir)) == 0 {
			return
		}
		<-ticker.C
	}
}
