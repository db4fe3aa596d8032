// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// chapter is a part of the story that has a configuration of its own.
type chapter struct {
	title string
	// example is the configuration, below examples/.
	example string
	// page is the page of its app, in the example; "" where it has none.
	page  string
	steps []step
}

// chapters are the whole story. It ends with the grid empty, or just before
// where it is to be kept.
func (d *demo) chapters() []chapter {
	images := chapter{title: "An image and its servers", example: "grid", steps: d.imageSteps()}
	if !d.Guests {
		return []chapter{d.withDestruction(images)}
	}
	images.example = "image-pipeline"
	images.steps = append(images.steps, d.destruction())
	return []chapter{images, d.withDestruction(chapter{title: "One-click deploys", example: "one-click-deploy", page: pageFile, steps: d.deploySteps()})}
}

// withDestruction ends a chapter as the story ends.
func (d *demo) withDestruction(c chapter) chapter {
	if !d.Keep {
		c.steps = append(c.steps, d.destruction())
	}
	return c
}

func (d *demo) destruction() step {
	return step{title: "Take it all down", command: []string{"destroy"}, check: d.checkEmpty}
}

// open makes a workspace with a chapter's example in it.
func (d *demo) open(ctx context.Context, c chapter) error {
	workspace, err := tfcli.NewWorkspace(d.Engine, filepath.Join(d.dir, c.example), tfcli.Program(d.programs, ""))
	if err != nil {
		return err
	}
	if err := tfcli.CopyConfiguration(workspace.Dir, filepath.Join(d.Root, "examples", c.example)); err != nil {
		return fmt.Errorf("take the configuration of the example: %w", err)
	}
	if c.page != "" {
		page, err := os.ReadFile(filepath.Join(workspace.Dir, filepath.FromSlash(c.page)))
		if err != nil {
			return err
		}
		d.page = string(page)
	}
	d.workspace = workspace
	workspace.Env = d.environment()
	output, code, err := workspace.Run(ctx, "init", "-input=false", "-no-color")
	if err == nil && code != 0 {
		err = fmt.Errorf("%s init ended with code %d:\n%s", d.Engine.Name(), code, output)
	}
	return err
}

// environment returns the variables with the grid's endpoint, a poll interval
// that suits the grid's speed, and the ports of guests.
func (d *demo) environment() []string {
	env := append(d.simulator.Env(), "GOGRID_POLL_INTERVAL="+pollInterval(d.Speed).String())
	if d.Guests {
		env = append(env, "TF_VAR_ssh_port="+strconv.Itoa(d.port), "TF_VAR_site_port="+strconv.Itoa(d.sitePort))
	}
	return env
}

// pollInterval is the provider's default of 10 s at the grid's pace, but not
// so short that asking becomes the load.
func pollInterval(speed float64) time.Duration {
	interval := time.Duration(float64(10*time.Second) / speed).Round(time.Millisecond)
	return max(interval, 50*time.Millisecond)
}
