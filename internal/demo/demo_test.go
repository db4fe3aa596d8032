// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/demo"
)

// TestAccDemoTakesTheSameEverywhere runs the demo at another speed and on a
// busy machine. Minutes and cost must stay the same.
func TestAccDemoTakesTheSameEverywhere(t *testing.T) {
	t.Parallel()
	o := options(t, io.Discard)
	plain, err := demo.Run(t.Context(), o)
	if err != nil {
		t.Fatalf("the demo failed: %v", err)
	}
	o = options(t, io.Discard)
	o.Speed = 900
	end := loadProcessors(t)
	busy, err := demo.Run(t.Context(), o)
	end()
	if err != nil {
		t.Fatalf("the demo failed on a busy machine: %v", err)
	}
	if diff := cmp.Diff(measures(plain), measures(busy)); diff != "" {
		t.Errorf("minutes and costs differ on a busy machine (-idle +busy):\n%s", diff)
	}
}

// measures returns the minutes of each step, and the cost of the grid after it.
func measures(report *demo.Report) (all []string) {
	for _, step := range report.Steps {
		all = append(all, fmt.Sprintf("%s: %.0f min, %.2f USD", step.Title, step.OnGrid.Minutes(), step.USD))
	}
	return all
}

// loadProcessors keeps all processors busy until end is called.
func loadProcessors(t *testing.T) (end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var loops sync.WaitGroup
	for range runtime.NumCPU() {
		loops.Go(func() {
			for ctx.Err() == nil {
				runtime.Gosched()
			}
		})
	}
	return func() {
		stop()
		loops.Wait()
	}
}

func TestAccDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := options(t, &out)
	o.Programs = "" // the demo builds the programs, as "make demo" does
	report, err := demo.Run(t.Context(), o)
	if err != nil {
		t.Fatalf("the demo failed: %v\n%s", err, out.String())
	}
	nothingLeft(t, o)
	checkChanges(t, report, o.Guests)
	checkGrid(t, report)
	checkMeasures(t, report)
	if o.Guests {
		checkDeploys(t, report, out.String())
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("the output has colors, want none")
	}
	for _, want := range []string{
		"1. From nothing to two servers\n", "plan     5 to add\n", `+ gogrid_server.web["web-05"]`, "plan     no changes\n",
		"plan     11 to destroy\n", ": release r1\n", ": release r2\n", " min on the grid, ", " API calls\n", " USD so far\n", "Nothing is left: no server on the grid",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

// TestAccDemoWithoutGuests runs the demo with servers that do not boot.
func TestAccDemoWithoutGuests(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := options(t, &out)
	o.Guests = false
	report, err := demo.Run(t.Context(), o)
	if err != nil {
		t.Fatalf("the demo failed: %v\n%s", err, out.String())
	}
	nothingLeft(t, o)
	checkChanges(t, report, false)
	checkGrid(t, report)
	if !strings.Contains(out.String(), "left out deploys: on this host the servers of the grid do not boot") {
		t.Errorf("the output does not name the chapter that is left out:\n%s", out.String())
	}
}

// changes counts changes of resources.
type changes struct{ add, change, remove int }

// progress holds the planned and the applied changes of a step.
type progress struct{ planned, done changes }

// expectedProgress returns the progress of every step. Without guests, the
// configuration declares the sandbox as a separate resource. The old sandbox is
// then destroyed together with the servers of the old image.
func expectedProgress(guests bool) []progress {
	if !guests {
		return []progress{
			{planned: changes{add: 6}, done: changes{add: 6}},
			{planned: changes{add: 6}, done: changes{add: 6}},
			{planned: changes{add: 2, remove: 2}, done: changes{add: 2, remove: 1}},
			{planned: changes{add: 5, remove: 6}, done: changes{add: 5, remove: 6}},
			{},
			{planned: changes{remove: 12}, done: changes{remove: 12}},
		}
	}
	deploy := changes{add: 1, change: 5, remove: 1}
	return []progress{
		{planned: changes{add: 5}, done: changes{add: 5}},
		{planned: changes{add: 6}, done: changes{add: 6}},
		{planned: changes{add: 1, remove: 1}, done: changes{add: 1, remove: 1}},
		{planned: changes{add: 5, remove: 5}, done: changes{add: 5, remove: 5}},
		{},
		{planned: changes{remove: 11}, done: changes{remove: 11}},

		{planned: changes{add: 1}, done: changes{add: 1}},
		{planned: changes{add: 10}, done: changes{add: 10}},
		{planned: deploy, done: deploy},
		{planned: deploy}, // the apply fails
		{planned: changes{add: 1, change: 1, remove: 1}, done: changes{add: 1, change: 1, remove: 1}},
		{planned: changes{remove: 11}, done: changes{remove: 11}},
	}
}

// checkChanges checks what each step planned and did.
func checkChanges(t *testing.T, report *demo.Report, guests bool) {
	t.Helper()
	want := expectedProgress(guests)
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

// checkGrid checks that servers keep their private addresses with a new image,
// and move to the new image only when the configuration requires this.
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
		if current := private(1)[name]; current != address {
			t.Errorf("scaling moved %s from %s to %s", name, address, current)
		}
	}
	if diff := cmp.Diff(private(1), private(3)); diff != "" {
		t.Errorf("a new image changed private addresses (-before +after):\n%s", diff)
	}
	old, renewed := report.Steps[1].Grid.Image, report.Steps[2].Grid.Image
	if old.ID == renewed.ID || old.FriendlyName != "web r1" || renewed.FriendlyName != "web r2" {
		t.Errorf("the image was %+v and then %+v, want web r1 and then a new image web r2", old, renewed)
	}
	for step, image := range map[int]demo.Image{1: old, 2: old, 3: renewed} {
		for name, server := range report.Steps[step].Grid.Servers {
			if server.ImageID != image.ID {
				t.Errorf("after step %d %s is on image %s, want %s", step+1, name, server.ImageID, image.ID)
			}
		}
	}
}

// checkMeasures compares times, calls and costs with the timings of the grid.
func checkMeasures(t *testing.T, report *demo.Report) {
	t.Helper()
	bill := 0.0
	for _, step := range report.Steps {
		if step.Calls <= 0 || step.Here <= 0 {
			t.Errorf("step %q took %d calls, %s here", step.Title, step.Calls, step.Here)
		}
		if step.Planned == (demo.Changes{Operation: "plan"}) && step.OnGrid != 0 {
			t.Errorf("step %q changed nothing and took %s on the grid", step.Title, step.OnGrid)
		}
		if step.USD < bill || step.USD == 0 {
			t.Errorf("the bill went from %g to %g in step %q", bill, step.USD, step.Title)
		}
		bill = step.USD
	}
	// The sandbox, the image, the server that verifies the image, and the planned
	// servers take 39 minutes plus three boots.
	if first := report.Steps[0].OnGrid.Round(time.Minute); first != 48*time.Minute {
		t.Errorf("the first step took %s on the grid, want 48m", first)
	}
}
