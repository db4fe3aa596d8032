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

// step is one command of the demo.
type step struct {
	title string
	// variables is the new content of terraform.tfvars; "" keeps the current
	// content.
	variables string
	// command is the command of the engine (apply, plan or destroy) with the
	// options that a person would type.
	command []string
	// code is the expected exit code. If the expected code is not 0, the demo
	// prints the errors.
	code int
	// edit changes the app before the command.
	edit *edit
	// minAnswering is the number of servers that must answer at any time. If it is
	// 0, the servers are not watched.
	minAnswering int
	// check returns an error if the grid is not in the state that the step must
	// produce.
	check func(ctx context.Context, grid Outputs) error
}

// targetingWarnings are the expected warnings of the engine about -target.
var targetingWarnings = []string{"Resource targeting is in effect", "Applied changes may be incomplete"}

// imageSteps returns the steps that build an image, create its servers and
// replace both.
func (d *demo) imageSteps() []step {
	return []step{
		{title: "From nothing to two servers", variables: variables("r1", 2), command: []string{"apply"}, check: d.readBack},
		{title: "Scale to five servers", variables: variables("r1", 5), command: []string{"apply"}},
		{
			title:     "A new release: make its image while the servers keep running",
			variables: variables("r2", 5),
			command:   []string{"apply", "-target=gogrid_mygsi_image.web"},
		},
		{title: "Move the servers to the new image", command: []string{"apply"}, check: d.readBack},
		{title: "Nothing is left to do", command: []string{"plan", "-detailed-exitcode"}},
	}
}

// variables returns the terraform.tfvars with the variables that the demo
// changes.
func variables(release string, servers int) string {
	return fmt.Sprintf("release = %q\nservers = %d\n", release, servers)
}

// Report holds the results of a demo.
type Report struct {
	// Preparation is the time for building the programs and starting the grid.
	Preparation time.Duration
	Steps       []Result
}

// Result is the result of a step.
type Result struct {
	Title string
	// Planned counts the planned changes; Done counts the applied changes.
	Planned, Done Changes
	// Here is the time that the step took on this machine; OnGrid is the time that
	// passed on the grid.
	Here, OnGrid time.Duration
	// Calls is the number of API calls of the step.
	Calls int
	// USD is the cost of the grid from its start to the end of the step.
	USD float64
	// Grid is the grid after the step.
	Grid Outputs
	// Warnings holds the summaries of all unexpected warnings.
	Warnings []string
	// Errors holds the details of the errors of a step that is meant to fail.
	Errors []string
	// Watch is nil if the servers were not watched.
	Watch *Watch
}

// runStep runs a step and prints its progress.
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

// prepareStep writes the variables and edits of a step. It returns the names of
// the pages that servers may serve during the step, by content.
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

// checkEmpty returns an error if the grid still has servers.
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

// expected reports whether a warning follows from the -target option of the
// step.
func (s step) expected(warning string) bool {
	targets := slices.ContainsFunc(s.command, func(arg string) bool { return strings.HasPrefix(arg, "-target") })
	return targets && slices.Contains(targetingWarnings, warning)
}
