// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// StepError reports a failed step.
type StepError struct {
	// Title is the title of the step; Command is its command.
	Title, Command string
	// Code is the exit code of the engine.
	Code int
	// Log is the complete output of the engine.
	Log string
}

// Error names the step and its exit code, but leaves out the log.
func (e *StepError) Error() string {
	return fmt.Sprintf("step %q failed: %s ended with code %d", e.Title, e.Command, e.Code)
}

// run runs a step's command and follows the engine's events. It calls planned
// with the grid's time when the plan is complete.
func (d *demo) run(ctx context.Context, s step, planned func(time.Time)) (*Result, error) {
	cmd := d.workspace.Command(ctx, arguments(s.command)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", d.Engine.Name(), err)
	}
	defer tfcli.Reap(cmd)
	f := follower{step: s, announcer: d.announcer, now: d.gridTime(ctx), startedAt: map[string]time.Time{}, onPlan: planned}
	readErr := f.follow(stdout)
	code, err := exitCode(cmd.Wait())
	if err = errors.Join(err, readErr); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if code != s.code {
		return nil, d.failed(s, code, f.log.String()+stderr.String())
	}
	return &f.result, nil
}

// arguments returns the arguments of the engine for a command of the demo.
func arguments(command []string) []string {
	args := append([]string{command[0], "-input=false", "-json"}, command[1:]...)
	if command[0] != "plan" {
		args = append(args, "-auto-approve")
	}
	return args
}

// exitCode returns the exit code of a command. It returns an error if the command
// did not exit by itself, for example because a signal killed it.
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// failed prints the log of a step and returns its error.
func (d *demo) failed(s step, code int, log string) error {
	err := &StepError{
		Title: s.title, Code: code, Log: log,
		Command: strings.Join(append([]string{d.Engine.Command()}, s.command...), " "),
	}
	if s.command[0] == "plan" && code == changesPlanned {
		err.Log += "The plan must be empty.\n"
	}
	if code == 0 {
		err.Log += fmt.Sprintf("The command must end with code %d.\n", s.code)
	}
	d.failure(*err)
	return err
}

// changesPlanned is the exit code of plan -detailed-exitcode if the plan has
// changes.
const changesPlanned = 2

// follower prints the events of a step's command and collects the result.
type follower struct {
	step           step
	announcer      *announcer
	now            func() time.Time     // the grid's time
	planned        time.Time            // when the plan was complete, on the grid's clock
	onPlan         func(time.Time)      // called with planned
	startedAt      map[string]time.Time // start on the grid's clock, by address and action
	result         Result
	expectedErrors []diagnostic // the errors of a step that is meant to fail
	log            strings.Builder
}

// follow reads the stream to its end.
func (f *follower) follow(stream io.Reader) error {
	lines := bufio.NewReader(stream)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			f.handleLine(line)
		}
		switch {
		case errors.Is(err, io.EOF):
			slices.SortStableFunc(f.expectedErrors, func(a, b diagnostic) int { return strings.Compare(a.Detail, b.Detail) })
			f.announcer.refusals(f.expectedErrors)
			return nil
		case err != nil:
			return fmt.Errorf("read the events of the engine: %w", err)
		}
	}
}

func (f *follower) handleLine(line []byte) {
	e, ok := parse(line)
	if !ok {
		f.log.Write(line)
		return
	}
	switch e.Type {
	case "refresh_start", "refresh_complete":
		return
	case "change_summary":
		f.summary(e.Changes)
	case "apply_start":
		f.startedAt[e.Hook.key()] = f.now()
	case "apply_complete":
		if e.Hook.Action == "read" {
			return
		}
		finished := f.now()
		f.announcer.change(e.Hook, finished.Sub(f.planned), finished.Sub(f.startedAt[e.Hook.key()]))
	case "diagnostic":
		f.diagnostic(e.Diagnostic)
	case "outputs":
		f.result.Grid.merge(e.Outputs)
	}
	fmt.Fprintln(&f.log, e.text())
}

func (f *follower) summary(c Changes) {
	if c.Operation != "plan" {
		f.result.Done = c
		return
	}
	f.result.Planned, f.planned = c, f.now()
	f.onPlan(f.planned)
	f.announcer.plan(c)
}

func (f *follower) diagnostic(found diagnostic) {
	if found.Severity == "error" && f.step.code != 0 {
		f.result.Errors = append(f.result.Errors, found.Detail)
		f.expectedErrors = append(f.expectedErrors, found)
	}
	if found.Severity != "warning" || f.step.expected(found.Summary) {
		return
	}
	f.result.Warnings = append(f.result.Warnings, found.Summary)
	f.announcer.warning(found)
}

// gridTime returns a function that returns the grid's time. If the grid does
// not answer, the function returns the last known time, because the end of the
// step reports the error.
func (d *demo) gridTime(ctx context.Context) func() time.Time {
	var mu sync.Mutex
	var last time.Time
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		if current, err := d.simulator.Now(ctx); err == nil {
			last = current
		}
		return last
	}
}
