// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"os"
	"os/signal"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/sweep"
)

// runSweep runs the command sweep and returns its exit code. Ctrl-C cancels the
// command.
func runSweep(ctx context.Context, args []string) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	command := sweep.Command{
		Version: version, Getenv: os.Getenv, Clock: clockwork.NewRealClock(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}
	return command.Run(ctx, args)
}
