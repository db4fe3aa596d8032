// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package demo runs a demonstration on a simulated grid. It plans, builds and
// scales a grid, moves the grid to a new image, deploys an app to its servers
// and destroys it. It uses the real Terraform or OpenTofu with the provider of
// this repository. The grid runs much faster than a real one.
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

// Options configure a demo.
type Options struct {
	// Root is the directory of the repository.
	Root string
	// Engine runs the configuration.
	Engine *tfcli.Engine
	// Programs is a directory that contains the provider and the simulator. If it
	// is "", the demo builds them.
	Programs string
	// TempDir is the parent of the directory that the demo uses; "" means the
	// system's directory for temporary files.
	TempDir string
	// Speed is the maximum number of grid seconds per real second while clients
	// wait for the grid. At other times the grid's clock stands still.
	Speed float64
	// Faults are fault rules of the simulator, as JSON.
	Faults []string
	// Guests lets the servers of the grid boot. The demo then builds the image
	// over SSH and deploys an app. It needs a host that owns all of 127.0.0.0/8,
	// such as Linux.
	Guests bool
	// Keep skips the final destroy, leaves the grid running and prints how to use
	// and remove it.
	Keep bool
	// Out receives the text of the demo.
	Out io.Writer
	// Color allows colors in the text.
	Color bool
	// Width is the width of the terminal that Out writes to, in characters; 0
	// means that Out is not a terminal.
	Width int
	// Clock is the clock of the host.
	Clock clockwork.Clock
}

// demo is a running demo.
type demo struct {
	Options
	*announcer

	dir       string         // root of everything that the demo creates
	programs  string         // directory with provider and simulator
	port      int            // SSH port of the guests
	sitePort  int            // port of the app on the guests
	heldPorts []net.Listener // reserve port and sitePort
	simulator *tfcli.Simulator
	workspace *tfcli.Workspace
	servers   map[string]Server // servers in the last outputs
	page      string            // page that the servers serve; "" before the first deploy
	report    Report
}

// Run runs the demo and returns the results of its steps. It always removes all
// processes and files, even if a step fails or ctx ends, unless Keep is set.
func Run(ctx context.Context, options Options) (*Report, error) {
	d := &demo{Options: options, announcer: &announcer{out: &lineWriter{out: options.Out}, color: options.Color, width: options.Width}}
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
		d.note("left out", "deploys: on this host the servers of the grid do not boot; they need a host that owns all of 127.0.0.0/8, such as Linux")
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
	// Without jitter, durations do not depend on the order in which jobs start. On
	// a busy machine, a job can start one clock step late: when another job leaves
	// the queue. A short queue time keeps that delay too small to be visible.
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

// cleanUp stops the grid and removes all files.
func (d *demo) cleanUp() error {
	var err error
	if d.simulator != nil {
		err = d.simulator.Stop()
	}
	return errors.Join(err, os.RemoveAll(d.dir))
}

// interruptedOr returns the cancellation cause of ctx if ctx has ended, else
// err. The error of an interrupted command is not useful.
func interruptedOr(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
