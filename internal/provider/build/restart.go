// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
)

// restart restarts the operating system of the server and logs in again. The time
// limit of the login covers both.
//
// restart does not use GoGrid's power command, which is a hard power-off. Files that
// the recipe has just written could be lost, and Windows would not finish its updates.
func (g *guest) restart(ctx context.Context) error {
	what := machine.Describe(g.server)
	tflog.Info(ctx, "restarting "+what)
	begun := g.session.Clock.Now()
	limited, cancel := context.WithTimeout(ctx, g.limit)
	defer cancel()
	err := machine.WhileExists(limited, g.session, g.server, func(ctx context.Context) error {
		next, err := communicator.Restart(ctx, g.Session, g.connect, g.options)
		if err == nil {
			g.Session = next
		}
		return err
	})
	if err != nil {
		return g.explainRestart(ctx, limited, err)
	}
	tflog.Info(ctx, fmt.Sprintf("restarted %s in %s", what, g.session.Clock.Since(begun).Round(time.Second)))
	return nil
}

// explainRestart adds the time limit and the state that GoGrid shows to the error if
// the server did not come back in time. limited is ctx with the time limit.
func (g *guest) explainRestart(ctx, limited context.Context, err error) error {
	if limited.Err() == nil || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	state := ""
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
	defer cancel()
	if current, lookErr := machine.Refetch(looking, g.session, g.server); lookErr == nil && current != nil && !current.State.Matches(client.StateOn) {
		state = fmt.Sprintf(" GoGrid shows the server as %s.", current.State.Name)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the server did not come back from the restart in time.%s %w", state, err)
	}
	return fmt.Errorf("the server did not come back from the restart within %s.%s If it needs longer, raise the timeout of the login. %w", g.limit, state, err)
}

// lookTimeout limits the call that reads the state of a server whose restart has
// failed.
const lookTimeout = 10 * time.Second

// runSteps runs the steps in order and stops at the first failure. It returns the
// failed step and its error.
func runSteps(ctx context.Context, g *guest, steps []step) (*step, error) {
	var restarter *step // the last command or script that restarts the server
	for i := range steps {
		current := &steps[i]
		if current.restarts {
			restarter = current
		}
		if err := current.run(ctx, g); err != nil {
			return current, explainLost(ctx, restarter, err)
		}
	}
	return nil, nil
}

// explainLost adds advice to the error of a step that a restart of the server ended.
// restarter is the step that caused the restart, or nil if that step is unknown.
func explainLost(ctx context.Context, restarter *step, err error) error {
	var exit *communicator.ExitError
	switch failed := errors.As(err, &exit) && !exit.Killed(); {
	case ctx.Err() != nil || failed:
		return err
	case restarter != nil:
		return fmt.Errorf("%w. %s restarts the server, which ends the login. %s", err, restarter.what, prepare.RestartAdvice)
	case communicator.IsConnectionLost(err), exit != nil && exit.Terminated():
		return fmt.Errorf("%w. A command may have restarted the server. %s", err, prepare.RestartAdvice)
	}
	return err
}
