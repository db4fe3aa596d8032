// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Command gogrid-simulator serves a simulated GoGrid grid over HTTP on loopback.
//
// Its responses match those of the real service. With --state it keeps the grid
// in a file. By default its clock runs 60 times faster than real time.
// "gogrid-simulator run -- COMMAND" serves a grid while a command runs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// Exit codes of the program itself. "run" otherwise returns the exit code of its
// command. Shells also use 126 and 127 for a command that cannot be started.
const (
	exitOK         = 0
	exitFailed     = 1
	exitUsage      = 2
	exitCannotRun  = 126
	exitNotFound   = 127
	exitSignalBase = 128
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run runs the program and returns its exit code. args does not contain the name
// of the program, and env has the form of [os.Environ]. A grid is served until ctx
// ends or the process gets SIGINT or SIGTERM.
func run(ctx context.Context, args, env []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		if do, found := subcommands()[args[0]]; found {
			return runSubcommand(ctx, args[0], do, args[1:], env, stdout, stderr)
		}
	}
	set, err := parse(args, env, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errVersion):
		fmt.Fprintf(stdout, "gogrid-simulator %s\n", programVersion())
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "gogrid-simulator: %v\nRun \"gogrid-simulator --help\" for the flags.\n", err)
		return exitUsage
	}

	code := exitOK
	if set.command == nil {
		err = serve(ctx, set, stdout, stderr)
	} else {
		code, err = serveFor(ctx, set, env, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "gogrid-simulator: %v\n", err)
		if code == exitOK {
			code = exitFailed
		}
	}
	return code
}
