// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
)

// subcommand is a command that uses a grid served by another process.
type subcommand func(ctx context.Context, args, env []string, out io.Writer) error

func subcommands() map[string]subcommand {
	return map[string]subcommand{"passwords": passwords, "call": call}
}

// runSubcommand runs a subcommand, reports its error and returns the exit code.
func runSubcommand(ctx context.Context, name string, do subcommand, args, env []string, stdout, stderr io.Writer) int {
	err := do(ctx, args, env, stdout)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	fmt.Fprintf(stderr, "gogrid-simulator %s: %v\n", name, err)
	return exitFailed
}

func subcommandFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet("gogrid-simulator "+name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // runSubcommand reports errors
	return flags
}

// parseSubcommand parses args. If args request help, it prints usage and
// returns [flag.ErrHelp].
func parseSubcommand(flags *flag.FlagSet, args []string, usage string, out io.Writer) error {
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, usage)
	}
	return err
}
