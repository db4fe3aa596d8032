// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package sweep

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/leftovers"
	"github.com/gogrid/terraform-provider-gogrid/internal/untrusted"
)

// Exit codes of the command.
const (
	ExitClean     = 0 // no leftovers remain
	ExitError     = 1 // an error occurred, or leftovers could not be removed
	ExitUsage     = 2 // wrong arguments
	ExitLeftovers = 3 // leftovers were listed and not removed
)

// Command is the sweep command with its inputs and outputs.
type Command struct {
	Version string
	Getenv  func(string) string
	Clock   clockwork.Clock
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
}

// Run executes the command and returns its exit code, one of the constants above. A
// cancelled context ends the waiting; it does not undo a deletion that was sent.
func (c *Command) Run(ctx context.Context, args []string) int {
	o, err := parse(args, c.Getenv, c.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return ExitClean
	case err != nil:
		fmt.Fprintf(c.Stderr, "sweep: %v\nRun \"terraform-provider-gogrid sweep --help\" for help.\n", err)
		return ExitUsage
	}
	ctx, cancel := clockwork.WithTimeout(ctx, c.Clock, o.timeout)
	defer cancel()
	code, err := c.sweep(ctx, o)
	if err != nil {
		fmt.Fprintln(c.Stderr, untrusted.Text(fmt.Sprintf("sweep: %v", err)))
		return ExitError
	}
	return code
}

// sweep finds the leftovers, lists them, and removes them with --yes.
func (c *Command) sweep(ctx context.Context, o options) (int, error) {
	// Read the objects of the state, which are not leftovers.
	known := &leftovers.Known{}
	if !o.noState {
		read, err := readState(ctx, o.state, c.Stdin)
		if err != nil {
			return ExitError, err
		}
		known = read
	}

	// Connect, and check that the state belongs to the deployment.
	grid, err := c.connect(ctx, o)
	if err != nil {
		return ExitError, err
	}
	finder := &leftovers.Finder{Client: grid, Deployment: o.deployment, Accounted: known}
	if err := checkState(ctx, finder); err != nil {
		return ExitError, err
	}

	// Search the grid, and Cloud Storage if it is set.
	if o.storage.use {
		share, err := c.openShare(ctx, grid, o.storage)
		if err != nil {
			return ExitError, err
		}
		defer func() { _ = share.Close() }() // all writes have ended
		finder.Share = share
	}
	findings, err := finder.Find(ctx)
	if err != nil {
		return ExitError, fmt.Errorf("look for leftovers: %w", err)
	}
	return c.conclude(ctx, o, finder, findings)
}

// checkState returns an error if all objects of the state that exist lack the tag.
// Such a state belongs to another deployment, so the objects of this deployment would
// all look like leftovers.
func checkState(ctx context.Context, finder *leftovers.Finder) error {
	tagged, untagged, err := finder.Tagged(ctx)
	if err != nil {
		return fmt.Errorf("look for leftovers: %w", err)
	}
	if tagged == 0 && untagged > 0 {
		return fmt.Errorf("none of the %d existing objects of the state carries the tag of deployment %q: this is the state of another deployment. Nothing was removed; give the state of the deployment", untagged, finder.Deployment)
	}
	return nil
}

// conclude lists the findings, and removes them with --yes.
func (c *Command) conclude(ctx context.Context, o options, finder *leftovers.Finder, findings []leftovers.Finding) (int, error) {
	if len(findings) == 0 {
		fmt.Fprintf(c.Stdout, "Deployment %q has no leftovers.\n", o.deployment)
		return ExitClean, nil
	}
	fmt.Fprintf(c.Stdout, "Leftovers of deployment %q (%d):\n%s", o.deployment, len(findings), leftovers.Text(findings))
	if !o.yes {
		fmt.Fprintln(c.Stdout, "Nothing was removed. Run the same command with --yes to remove what is listed.")
		return ExitLeftovers, nil
	}
	failed := 0
	err := finder.Sweep(ctx, findings, func(found leftovers.Finding, err error) {
		if err != nil {
			failed++
			fmt.Fprintln(c.Stdout, untrusted.Text(fmt.Sprintf("Not removed: %s: %v", found, err)))
			return
		}
		fmt.Fprintln(c.Stdout, untrusted.Line(fmt.Sprintf("Removed: %s", found)))
	})
	if err != nil {
		return ExitError, fmt.Errorf("%d of %d objects were not removed and may be billed; run the same command again", failed, len(findings))
	}
	return ExitClean, nil
}
