// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package demo tells the story of a grid: planned, built, scaled, moved to a
// new image and destroyed, and of an app that is deployed to its servers, by the
// real Terraform or OpenTofu and the provider of this repository, on a
// simulated grid that runs much faster than real.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// Options are what a demo runs with.
type Options struct {
	// Root is the directory of the repository.
	Root string
	// Engine runs the configuration.
	Engine *tfcli.Engine
	// Programs is a directory with provider and simulator; "" builds them.
	Programs string
	// TempDir is where the demo keeps everything while it runs; "" means the
	// system's directory for such things.
	TempDir string
	// Speed is the maximum number of grid seconds per real second while clients wait for the grid. At other times the grid's clock
	// stands still.
	Speed float64
	// Faults are rules of the simulator for what is to go wrong, as JSON.
	Faults []string
	// Guests lets the grid's servers boot, so that the image is built and looked
	// into over SSH, and an app is deployed. It needs a host where all of 127.0.0.0/8 is its own, as Linux.
	Guests bool
	// Keep leaves the grid and its state as they are before the last step, and
	// tells how to use and how to end them.
	Keep bool
	// Out gets the account of what happens.
	Out io.Writer
	// Color allows colors in it.
	Color bool
	// Width is the width of the terminal that Out writes to, in characters. 0 means that Out is no terminal.
	Width int
	// Clock tells the time.
	Clock clockwork.Clock
}

// demo is a story that is being told.
type demo struct {
	Options
	*account

	dir       string         // everything is below it
	programs  string         // directory with provider and simulator
	port      int            // that guests answer SSH on
	sitePort  int            // that they serve the app on
	heldPorts []net.Listener // keep the ports for them
	simulator *tfcli.Simulator
	workspace *tfcli.Workspace
	servers   map[string]Server // the last that were told
	page      string            // what they serve; "" while they serve nothing
	report    Report
}

// Run tells the story and returns what came of each step. It leaves nothing
// running and nothing lying about, also when a step fails or ctx ends, unless
// it is to keep the grid.
func Run(ctx context.Context, options Options) (*Report, error) {
	d := &demo{Options: options, account: &account{out: &lineWriter{out: options.Out}, color: options.Color, width: options.Width}}
	var err error
	if d.dir, err = os.MkdirTemp(options.TempDir, "gogrid-demo-"); err != nil {
		return nil, err
	}
	defer d.releasePorts()
	err = d.runAll(ctx)
	switch {
	case d.Keep && d.workspace != nil:
		return &d.report, errors.Join(err, d.keep(ctx))
	case err != nil:
		return &d.report, errors.Join(err, d.cleanUp())
	}
	if err = d.cleanUp(); err == nil {
		d.nothingLeft()
	}
	return &d.report, err
}

func (d *demo) runAll(ctx context.Context) error {
	if err := d.prepare(ctx); err != nil {
		return err
	}
	number := 0
	for _, chapter := range d.chapters() {
		d.chapter(chapter)
		if err := d.open(ctx, chapter); err != nil {
			return interruptedOr(ctx, err)
		}
		for _, step := range chapter.steps {
			number++
			if err := d.runStep(ctx, number, step); err != nil {
				return err
			}
		}
	}
	if !d.Guests {
		d.note("left out", "deploys: here the servers of the grid do not boot, which takes a host where all of 127.0.0.0/8 is its own, as Linux")
	}
	d.summary(d.report)
	return nil
}

// prepare builds the programs and starts the grid.
func (d *demo) prepare(ctx context.Context) error {
	d.opening(d.Engine, d.Speed)
	started := d.Clock.Now()
	d.programs = d.Programs
	if d.programs == "" {
		d.programs = filepath.Join(d.dir, "bin")
		d.note("build", "provider and simulator (a minute or two on a fresh machine)")
		err := tfcli.BuildShowing(ctx, d.Root, d.programs, d.progress, "", "cmd/gogrid-simulator")
		d.clearProgress()
		if err != nil {
			return interruptedOr(ctx, err)
		}
	}
	if err := d.startGrid(ctx); err != nil {
		return interruptedOr(ctx, err)
	}
	d.report.Preparation = d.Clock.Since(started)
	d.note("ready", fmt.Sprintf("grid at %s, after %s", d.simulator.Endpoint, seconds(d.report.Preparation)))
	return nil
}

func (d *demo) startGrid(ctx context.Context) (err error) {
	// Without jitter a duration does not depend on the order in which jobs start. On a busy machine a job can start one step of the
	// clock late, when another job leaves the queue. A short queue time keeps the difference too small to be shown.
	flags := []string{"--speed", strconv.FormatFloat(d.Speed, 'g', -1, 64), "--jitter", "0", "--timing", "queue=100ms"}
	if d.Guests {
		if err = d.holdPorts(ctx); err != nil {
			return err
		}
		flags = append(flags, "--guests", "--guest-dir", filepath.Join(d.dir, "guests"), "--guest-ssh-port", strconv.Itoa(d.port))
	}
	for _, fault := range d.Faults {
		flags = append(flags, "--fault", fault)
	}
	d.simulator, err = tfcli.StartSimulator(ctx, d.Clock, tfcli.Program(d.programs, "cmd/gogrid-simulator"), d.dir, flags...)
	if err != nil {
		return err
	}
	return d.simulator.Step(ctx)
}

// cleanUp stops the grid and removes every trace.
func (d *demo) cleanUp() error {
	var err error
	if d.simulator != nil {
		err = d.simulator.Stop()
	}
	return errors.Join(err, os.RemoveAll(d.dir))
}

// interruptedOr is the context's end where that is what an error comes from:
// what a command says that was interrupted is of no use.
func interruptedOr(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
