// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build_test

import (
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// restartStep restarts the server.
var restartStep = acctest.Attributes{"restart": true}

// command returns a step that runs a command.
func command(text string) acctest.Attributes { return acctest.Attributes{"command": text} }

// withSteps returns the configuration of an image whose prepare block has the given
// steps.
func withSteps(grid *acctest.Grid, steps ...any) acctest.Attributes {
	return providertest.ImageOnGuests(grid, acctest.Attributes{"commands": nil, "steps": steps})
}

const bootID = "/proc/sys/kernel/random/boot_id"

// TestRestartInARecipe checks that a restart step ends all processes, and that the
// next steps run in a new boot. A verify block with a restart step must pass too.
func TestRestartInARecipe(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t)
	script := providertest.WriteFile(t, "after.sh", "#!/bin/sh\ngrep -q \"$STAGE\" /srv/stage\n! test -e /srv/survived\n")
	config := withSteps(grid,
		command("cat "+bootID+" > /srv/boot; echo $STAGE > /srv/stage; (sleep 10000000; touch /srv/survived) >/dev/null 2>&1 &"),
		restartStep,
		command("! grep -q \"$(cat "+bootID+")\" /srv/boot; cp "+bootID+" /srv/boot"),
		acctest.Attributes{"script": script},
		restartStep,
	).With(acctest.Attributes{"verify": acctest.Attributes{"steps": []any{
		command("! grep -q \"$(cat " + bootID + ")\" /srv/boot; cp " + bootID + " /srv/boot"),
		restartStep,
		command("! grep -q \"$(cat " + bootID + ")\" /srv/boot"),
	}}})
	config = providertest.WithPrepare(config, acctest.Attributes{"environment": acctest.Attributes{"STAGE": "image"}}, nil)
	image := grid.Manage(t, providertest.ImageType, acctest.Attributes{"deployment": "shop"})
	image.Apply(config).WantNone(t)
	providertest.WantLeft(t, grid, 0, 1)
	grid.WantCalls(t, "grid.server.power", 0)
	providertest.WantNoOp(t, grid, image.Object, config)
	if files, _ := image.Get("prepared_files").(acctest.Attributes); files[script] == nil {
		t.Errorf("prepared_files is %v, want the script of the step", files)
	}
}

// TestStepThatFailsAfterARestart checks that the error names the step.
func TestStepThatFailsAfterARestart(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t)
	image := grid.Manage(t, providertest.ImageType)
	image.Apply(withSteps(grid, restartStep, command("echo trouble; exit 3"))).
		WantError(t, "prepare.steps[1].command", `steps\[1\]`, "ended with code 3", "trouble", "was deleted")
	image.Apply(withSteps(grid, command("true")).With(acctest.Attributes{"verify": acctest.Attributes{"steps": []any{restartStep, command("exit 4")}}})).
		WantError(t, "-", "does not pass verify", `verify.steps\[1\]`, "ended with code 4", "moved to the trash")
	providertest.WantLeft(t, grid, 0, 0)
}

// lostByRestart returns an image configuration whose restart step never succeeds: the
// server boots, writes a file of 1 MB, and rejects the password.
func lostByRestart(grid *acctest.Grid) acctest.Attributes {
	return withSteps(grid,
		command("printf '#!/bin/sh\\nhead -c 1000000 /dev/zero > /srv/booted\\n' > /etc/rc.d/rc.local; chmod 755 /etc/rc.d/rc.local; echo other888 | passwd --stdin root"),
		restartStep,
		command("true"),
	)
}

// TestServerThatDoesNotComeBack checks the errors if the time limit of the build or of
// the login passes during a restart.
func TestServerThatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	t.Run("max_duration", func(t *testing.T) {
		t.Parallel()
		grid := acctest.NewQuickGuestGrid(t)
		expire := grid.LimitsByHand()
		go func() {
			awaitDisk(t, grid, 1_000_000)
			expire()
		}()
		grid.Manage(t, providertest.ImageType).Apply(lostByRestart(grid)).
			WantError(t, "prepare.steps[1].restart", `steps\[1\]: restart`, "did not come back from the restart in time", "deadline", "was deleted")
		providertest.WantLeft(t, grid, 0, 0)
	})
	t.Run("connection.timeout", func(t *testing.T) {
		t.Parallel()
		grid := acctest.NewQuickGuestGrid(t)
		config := providertest.WithPrepare(lostByRestart(grid), nil, acctest.Attributes{"timeout": "10s"})
		grid.Manage(t, providertest.ImageType).Apply(config).
			WantError(t, "prepare.steps[1].restart", "did not come back from the restart within 10s", "raise the timeout", "rejected the login", "was deleted")
		providertest.WantLeft(t, grid, 0, 0)
	})
}

// TestRestartThatSwitchesOff checks that the error shows the state of a server that
// halts instead of restarting.
func TestRestartThatSwitchesOff(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t)
	config := withSteps(grid, command("printf '#!/bin/sh\\npoweroff\\n' > /usr/local/sbin/shutdown; chmod 755 /usr/local/sbin/shutdown"), restartStep)
	config = providertest.WithPrepare(config, nil, acctest.Attributes{"timeout": "10s"})
	grid.Manage(t, providertest.ImageType).Apply(config).
		WantError(t, "prepare.steps[1].restart", "did not come back", "GoGrid shows the server as Off", "was deleted")
	providertest.WantLeft(t, grid, 0, 0)
}

// TestCancelledRestart checks that Ctrl-C during a restart deletes the sandbox.
func TestCancelledRestart(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t)
	s := grid.Session(t, acctest.Attributes{"deployment": "shop"})
	plan := s.Plan(s.Absent(providertest.ImageType), lostByRestart(grid))
	plan.Diagnostics.WantOK(t)
	applyInterrupted(t, grid, plan, "nothing is billed", func(cancel func()) {
		go func() {
			awaitDisk(t, grid, 1_000_000)
			cancel()
		}()
	})
}

// TestCommandThatRestarts checks that the plan and the failed build recommend a
// restart step in place of a command that restarts the server.
func TestCommandThatRestarts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		prepare acctest.Attributes
		warning string // attribute of the warning in the plan; empty for none
		failure string // attribute of the error
	}{
		"reboot":        {acctest.Attributes{"commands": []any{"reboot", "sleep 100000000"}}, "prepare.commands[0]", "prepare.commands[1]"},
		"shutdown -r":   {acctest.Attributes{"commands": []any{"true", "/sbin/shutdown -r now; sleep 100000000"}}, "prepare.commands[1]", "prepare.commands[1]"},
		"among steps":   {acctest.Attributes{"commands": nil, "steps": []any{command("init 6; sleep 100000000")}}, "prepare.steps[0].command", "prepare.steps[0].command"},
		"not in a text": {acctest.Attributes{"commands": []any{"sh -c 'reboot; sleep 100000000'"}}, "", "prepare.commands[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGuestGrid(t)
			config := providertest.ImageOnGuests(grid, tc.prepare)
			if diagnostics := providertest.PlanImage(t, grid, config).Diagnostics; tc.warning == "" {
				diagnostics.WantNone(t)
			} else {
				diagnostics.WantWarning(t, tc.warning, "restarts the server", `\{ restart = true \}`)
			}
			diagnostics := grid.Manage(t, providertest.ImageType).Apply(config)
			diagnostics.WantError(t, tc.failure, "restart(s|ed) the server", `\{ restart = true \}`, "was deleted")
			providertest.WantLeft(t, grid, 0, 0)
		})
	}
}
