// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// step is a part of the story.
type step struct {
	title string
	// variables is what terraform.tfvars holds from this step on; "" leaves it.
	variables string
	// command is what the engine is run with: apply, plan or destroy, with
	// what a person would add to it.
	command []string
	// code is what the command is to end with; other than 0 shows its errors.
	code int
	// edit changes the app before the command.
	edit *edit
	// minAnswering is how many servers must answer at any time; with 0 none is asked.
	minAnswering int
	// check finds what the step should have left otherwise.
	check func(ctx context.Context, grid Outputs) error
}

// Targeting part of a configuration makes the engine warn that it was only
// part. The story knows.
var targetingWarnings = []string{"Resource targeting is in effect", "Applied changes may be incomplete"}

// imageSteps are what happens to an image and its servers.
func (d *demo) imageSteps() []step {
	return []step{
		{title: "From nothing to two servers", variables: variables("r1", 2), command: []string{"apply"}, check: d.readBack},
		{title: "Scale to five servers", variables: variables("r1", 5), command: []string{"apply"}},
		{
			title:     "A new release: make its image while the servers run on",
			variables: variables("r2", 5),
			command:   []string{"apply", "-target=gogrid_mygsi_image.web"},
		},
		{title: "Move the servers to the new image", command: []string{"apply"}, check: d.readBack},
		{title: "Nothing is left to do", command: []string{"plan", "-detailed-exitcode"}},
	}
}

// variables are the values of the configuration's variables that the story
// changes, as terraform.tfvars.
func variables(release string, servers int) string {
	return fmt.Sprintf("release = %q\nservers = %d\n", release, servers)
}

// Report is what came of a demo.
type Report struct {
	// Preparation is the time that building and starting took.
	Preparation time.Duration
	Steps       []Result
}

// Result is what came of a step.
type Result struct {
	Title string
	// Planned and Done count what was planned and, for a step that applies, done.
	Planned, Done Changes
	// Here is the time the step took, OnGrid the time that passed on the grid.
	Here, OnGrid time.Duration
	// Calls is the number of API calls of the step.
	Calls int
	// USD is what the grid has cost from its start to the end of the step.
	USD float64
	// Grid is the grid after the step.
	Grid Outputs
	// Warnings are what the engine or the provider warned of.
	Warnings []string
	// Errors are what a step that was to fail has failed with.
	Errors []string
	// Watch is nil where no server was asked all along.
	Watch *Watch
}

// runStep runs a step and gives an account of it.
func (d *demo) runStep(ctx context.Context, number int, s step) error {
	d.heading(number, s)
	pages, err := d.prepareStep(s)
	if err != nil {
		return err
	}
	d.line("run", d.Engine.Command()+" "+strings.Join(s.command, " "))
	before, err := d.simulator.Status(ctx)
	if err != nil {
		return interruptedOr(ctx, err)
	}
	started := d.Clock.Now()
	result, err := d.runWatched(ctx, s, pages)
	if err != nil {
		return interruptedOr(ctx, err)
	}
	result.Here = d.Clock.Since(started)
	after, err := d.simulator.Status(ctx)
	if err != nil {
		return interruptedOr(ctx, err)
	}
	result.Title, result.USD = s.title, after.USD
	result.OnGrid, result.Calls = after.Now.Sub(before.Now), after.Calls-before.Calls
	d.report.Steps = append(d.report.Steps, *result)
	if len(result.Grid.Servers) > 0 {
		d.servers = result.Grid.Servers
	}
	d.outcome(*result)
	if s.check != nil {
		return interruptedOr(ctx, s.check(ctx, result.Grid))
	}
	return nil
}

// prepareStep makes everything ready for a step, and tells what the pages are
// called that servers may answer with in it.
func (d *demo) prepareStep(s step) (map[string]string, error) {
	if s.variables != "" {
		if err := d.workspace.Write("terraform.tfvars", s.variables); err != nil {
			return nil, err
		}
	}
	if s.edit == nil {
		return nil, nil
	}
	return d.editApp(s)
}

// checkEmpty finds servers that are still billed.
func (d *demo) checkEmpty(ctx context.Context, _ Outputs) error {
	left, err := d.simulator.Servers(ctx)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("the grid still has %s", strings.Join(left, ", "))
	}
	return nil
}

// expected tells whether a warning follows from what the step asks for.
func (s step) expected(warning string) bool {
	targets := slices.ContainsFunc(s.command, func(arg string) bool { return strings.HasPrefix(arg, "-target") })
	return targets && slices.Contains(targetingWarnings, warning)
}
