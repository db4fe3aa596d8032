// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package demo tells the story of a grid: planned, built, scaled, moved to a
// new image and destroyed, by the real Terraform or OpenTofu and the provider
// of this repository, on a simulated grid that runs much faster than real.
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
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/engine"
)

// Options are what a demo runs with.
type Options struct {
	// Root is the directory of the repository.
	Root string
	// Engine runs the configuration.
	Engine *engine.Engine
	// Programs is a directory with provider and simulator; "" builds them.
	Programs string
	// TempDir is where the demo keeps everything while it runs; "" means the
	// system's directory for such things.
	TempDir string
	// Speed is how many seconds pass on the grid in one second here.
	Speed float64
	// Faults are rules of the simulator for what is to go wrong, as JSON.
	Faults []string
	// Guests lets the grid's servers boot, so that the image is built and looked
	// into over SSH. It needs a host where all of 127.0.0.0/8 is its own, as Linux.
	Guests bool
	// Keep leaves the grid and its state as they are before the last step, and
	// tells how to use and how to end them.
	Keep bool
	// Out gets the account of what happens.
	Out io.Writer
	// Color allows colors in it.
	Color bool
	// Clock tells the time.
	Clock clockwork.Clock
}

// demo is a story that is being told.
type demo struct {
	Options
	*account

	dir       string       // everything is below it
	port      int          // that guests answer SSH on
	held      net.Listener // keeps the port for them
	simulator *engine.Simulator
	workspace *engine.Workspace
	report    Report
}

// Run tells the story and returns what came of each step. It leaves nothing
// running and nothing lying about, also when a step fails or ctx ends, unless
// it is to keep the grid.
func Run(ctx context.Context, options Options) (*Report, error) {
	d := &demo{Options: options, account: &account{out: options.Out, color: options.Color}}
	var err error
	if d.dir, err = os.MkdirTemp(options.TempDir, "gogrid-demo-"); err != nil {
		return nil, err
	}
	defer d.releasePort()
	err = d.tellAll(ctx)
	switch {
	case d.Keep && d.workspace != nil:
		return &d.report, errors.Join(err, d.keep())
	case err != nil:
		return &d.report, errors.Join(err, d.end())
	}
	if err = d.end(); err == nil {
		d.gone()
	}
	return &d.report, err
}

func (d *demo) tellAll(ctx context.Context) error {
	if err := d.begin(ctx); err != nil {
		return err
	}
	for number, step := range d.story() {
		if err := d.tell(ctx, number+1, step); err != nil {
			return err
		}
	}
	d.sum(d.report)
	return nil
}

// begin builds the programs, starts the grid and prepares the configuration.
func (d *demo) begin(ctx context.Context) error {
	d.opening(d.Engine, d.Speed)
	started := d.Clock.Now()
	programs := d.Programs
	if programs == "" {
		programs = filepath.Join(d.dir, "bin")
		d.note("build", "provider and simulator (a minute or two on a fresh machine)")
		if err := engine.Build(ctx, d.Root, programs, "", "cmd/gogrid-simulator"); err != nil {
			return interruptedOr(ctx, err)
		}
	}
	if err := d.startGrid(ctx, programs); err != nil {
		return interruptedOr(ctx, err)
	}
	if err := d.prepare(ctx, programs); err != nil {
		return interruptedOr(ctx, err)
	}
	d.report.Preparation = d.Clock.Since(started)
	d.note("ready", fmt.Sprintf("grid at %s, after %s", d.simulator.Endpoint, seconds(d.report.Preparation)))
	return nil
}

func (d *demo) startGrid(ctx context.Context, programs string) (err error) {
	flags := []string{"--speed", strconv.FormatFloat(d.Speed, 'g', -1, 64)}
	if d.Guests {
		if err = d.holdPort(ctx); err != nil {
			return err
		}
		flags = append(flags, "--guests", "--guest-dir", filepath.Join(d.dir, "guests"), "--guest-ssh-port", strconv.Itoa(d.port))
	}
	for _, fault := range d.Faults {
		flags = append(flags, "--fault", fault)
	}
	d.simulator, err = engine.StartSimulator(ctx, d.Clock, engine.Program(programs, "cmd/gogrid-simulator"), d.dir, flags...)
	return err
}

// example is the configuration of the story, below examples/.
func (d *demo) example() string {
	if d.Guests {
		return "image-pipeline"
	}
	return "grid"
}

// prepare makes a workspace with the example in it.
func (d *demo) prepare(ctx context.Context, programs string) error {
	workspace, err := engine.NewWorkspace(d.Engine, d.dir, engine.Program(programs, ""))
	if err != nil {
		return err
	}
	workspace.Env = append(d.simulator.Env(), "GOGRID_POLL_INTERVAL="+pollInterval(d.Speed).String())
	if d.Guests {
		workspace.Env = append(workspace.Env, "TF_VAR_ssh_port="+strconv.Itoa(d.port))
	}
	if err := os.CopyFS(workspace.Dir, os.DirFS(filepath.Join(d.Root, "examples", d.example()))); err != nil {
		return fmt.Errorf("take the configuration of the example: %w", err)
	}
	d.workspace = workspace
	output, code, err := workspace.Run(ctx, "init", "-input=false", "-no-color")
	if err == nil && code != 0 {
		err = fmt.Errorf("%s init ended with code %d:\n%s", d.Engine.Name(), code, output)
	}
	return err
}

// pollInterval is the provider's default of 10 s at the grid's pace, but not
// so short that asking becomes the load.
func pollInterval(speed float64) time.Duration {
	interval := time.Duration(float64(10*time.Second) / speed).Round(time.Millisecond)
	return max(interval, 50*time.Millisecond)
}

// end stops the grid and removes every trace.
func (d *demo) end() error {
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
