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

// chapter is a part of the demo with its own configuration.
type chapter struct {
	title string
	// example is the folder of the configuration below examples/.
	example string
	// page is the path of the app's page in the example; "" if the example has
	// none.
	page  string
	steps []step
}

// chapters returns the whole demo. The demo ends with an empty grid, or before
// the final destroy if Keep is set.
func (d *demo) chapters() []chapter {
	images := chapter{title: "An image and its servers", example: "grid", steps: d.imageSteps()}
	if !d.Guests {
		return []chapter{d.withDestruction(images)}
	}
	images.example = "image-pipeline"
	images.steps = append(images.steps, d.destruction())
	return []chapter{images, d.withDestruction(chapter{title: "One-click deploys", example: "one-click-deploy", page: pageFile, steps: d.deploySteps()})}
}

// withDestruction appends the destroy step to the last chapter, unless Keep is
// set.
func (d *demo) withDestruction(c chapter) chapter {
	if !d.Keep {
		c.steps = append(c.steps, d.destruction())
	}
	return c
}

func (d *demo) destruction() step {
	return step{title: "Take it all down", command: []string{"destroy"}, check: d.checkEmpty}
}

// open creates a workspace with the example of a chapter.
func (d *demo) open(ctx context.Context, c chapter) error {
	workspace, err := tfcli.NewWorkspace(d.Engine, filepath.Join(d.dir, c.example), tfcli.Program(d.programs, ""))
	if err != nil {
		return err
	}
	if err := tfcli.CopyConfiguration(workspace.Dir, filepath.Join(d.Root, "examples", c.example)); err != nil {
		return fmt.Errorf("copy the configuration of the example: %w", err)
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

// environment returns the environment variables with the grid's endpoint, a
// poll interval for the grid's speed, and the ports of the guests.
func (d *demo) environment() []string {
	env := append(d.simulator.Env(), "GOGRID_POLL_INTERVAL="+pollInterval(d.Speed).String())
	if d.Guests {
		env = append(env, "TF_VAR_ssh_port="+strconv.Itoa(d.port), "TF_VAR_site_port="+strconv.Itoa(d.sitePort))
	}
	return env
}

// pollInterval returns the provider's default of 10 s, scaled by the speed of
// the grid. The minimum limits the load from polling.
func pollInterval(speed float64) time.Duration {
	interval := time.Duration(float64(10*time.Second) / speed).Round(time.Millisecond)
	return max(interval, 50*time.Millisecond)
}
