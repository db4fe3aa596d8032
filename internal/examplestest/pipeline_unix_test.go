// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package examplestest

import (
	"archive/zip"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// TestAccPipeline runs the pipeline of examples/ci for a pull request, a push
// with a concurrent apply, a push without changes, a stale plan, and a grid
// that was changed by hand.
func TestAccPipeline(t *testing.T) {
	t.Parallel()
	requireEngine(t)
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("the steps of the pipeline need bash, which is not installed")
	}
	database := startPostgres(t)
	grid := acctest.NewGrid(t, func(o *simulator.Options) { o.HandDriven = true })
	p := newPipeline(t, grid, filepath.Join(examplesDir(t), "ci"), map[string]string{
		"PG_CONN_STR": database, "GOGRID_API_KEY": grid.Key.APIKey, "GOGRID_SHARED_SECRET": grid.Key.SharedSecret,
	})

	pull := p.on("pull_request")
	pull.wants("plan", true)
	pull.wantsOutput("true")
	pull.wants("apply", false)
	if calls := grid.Changes(); calls != 0 {
		t.Errorf("a pull request made %d calls that change the grid", calls)
	}

	push := p.on("push")
	push.wants("plan", true)
	push.wantsOutput("true")
	p.wantNoSecrets()
	p.applyTwice(push)
	if servers := len(grid.Inspect().Servers); servers != 2 {
		t.Errorf("the grid has %d servers, want 2", servers)
	}

	push.wantsFailure("apply", "Apply", "Saved plan is stale")

	same := p.on("push")
	same.wants("plan", true)
	same.wantsOutput("false")
	same.wants("apply", false)
	p.on("schedule").wants("plan", true)

	grid.OutsideDone(t, "grid.server.delete", "id", grid.ServerID(t, "shop-web-1"))
	p.on("schedule").wantsFailure("plan", "Drift", "not what main says")
}

// wants runs a job. The job must succeed, or be skipped if want is false.
func (p *pipeline) wants(job string, want bool) {
	p.t.Helper()
	if ran, err := p.job(job); err != nil || ran != want {
		p.t.Fatalf("%s on %s: ran %t, want %t; %v", job, p.facts["github.event_name"], ran, want, err)
	}
}

// wantsOutput checks the output "changes" of the plan job.
func (p *pipeline) wantsOutput(changes string) {
	p.t.Helper()
	if got := p.facts["needs.plan.outputs.changes"]; got != changes {
		p.t.Fatalf("the plan job reports changes=%s, want %s", got, changes)
	}
}

// wantsFailure runs a job. The job must fail at the given step with the given
// message.
func (p *pipeline) wantsFailure(job, step, message string) {
	p.t.Helper()
	_, err := p.job(job)
	var failed *failedStep
	if !errors.As(err, &failed) || failed.name != step || !strings.Contains(failed.output, message) {
		p.t.Fatalf("%s ended with %v, want step %s to fail with %q", job, err, step, message)
	}
}

// applyTwice runs the apply job, and a second apply while the job waits for
// servers. The state lock must reject the second apply.
func (p *pipeline) applyTwice(run *pipeline) {
	p.t.Helper()
	asked := make(chan struct{})
	p.grid.After("grid.server.add", func() { close(asked) })
	type outcome struct {
		ran bool
		err error
	}
	ended := make(chan outcome, 1)
	go func() {
		defer close(ended) // even if the job ends the goroutine with FailNow
		ran, err := run.job("apply")
		ended <- outcome{ran, err}
	}()
	select {
	case <-asked:
		p.applyDuringLock()
	case early := <-ended:
		p.t.Fatalf("the apply job ended before it requested a server: %+v", early)
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			p.grid.Advance(time.Minute)
		case last := <-ended:
			if last.err != nil || !last.ran {
				p.t.Fatalf("the apply job: ran %t, %v", last.ran, last.err)
			}
			return
		}
	}
}

// applyDuringLock applies without waiting for the state lock. The apply must
// fail.
func (p *pipeline) applyDuringLock() {
	p.t.Helper()
	b := newExampleRun(p.t, p.grid)
	b.Env = append(b.Env, "PG_CONN_STR="+p.facts["secrets.PG_CONN_STR"], "PG_SCHEMA_NAME="+p.workflow.Env["PG_SCHEMA_NAME"])
	b.load(p.source)
	output := b.code(1, "apply", "-auto-approve", "-input=false", "-no-color", "-lock-timeout=0s")
	if !strings.Contains(output, "Error acquiring the state lock") {
		p.t.Errorf("the state lock did not reject the second apply:\n%s", output)
	}
}

// wantNoSecrets checks that the saved plan holds no secrets. Everyone with read
// access to the repository can download the plan.
func (p *pipeline) wantNoSecrets() {
	p.t.Helper()
	plan, err := zip.OpenReader(filepath.Join(p.artifacts, "plan", "grid.tfplan"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = plan.Close() }() // only read
	for _, entry := range plan.File {
		content, err := entry.Open()
		if err != nil {
			p.t.Fatal(err)
		}
		text, err := io.ReadAll(content)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, secret := range []string{databasePassword, p.grid.Key.SharedSecret, p.grid.Key.APIKey} {
			if strings.Contains(string(text), secret) {
				p.t.Errorf("%s of the saved plan holds %s", entry.Name, secret)
			}
		}
	}
}

func TestPipelineConditions(t *testing.T) {
	t.Parallel()
	p := &pipeline{facts: map[string]string{"github.event_name": "push", "steps.plan.outputs.changes": "true"}}
	for condition, want := range map[string]bool{
		"":                             true,
		"github.event_name == 'push'":  true,
		"github.event_name == 'other'": false,
		"github.event_name == 'push' && steps.plan.outputs.changes == 'true'":  true,
		"github.event_name == 'push' && steps.plan.outputs.changes == 'false'": false,
		"steps.other.outputs.changes == 'true'":                                false,
	} {
		if got, err := p.holds(condition); err != nil || got != want {
			t.Errorf("%q: %t, %v; want %t", condition, got, err, want)
		}
	}
	if _, err := p.holds("always()"); err == nil {
		t.Error("an unsupported condition returned no error")
	}
}
