// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Command gogrid-simulator serves a simulated GoGrid grid over HTTP on loopback.
//
// It answers as the real service did, keeps its state in a file when told to,
// and runs its clock faster than the wall's. As "gogrid-simulator run -- COMMAND"
// it serves a grid for the life of one command.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// Exit codes of the program's own failures. "run" otherwise ends with the
// command's code; 126 and 127 are a shell's codes for a command that cannot be started.
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

// run is the program: args without its name, env as os.Environ gives it. It
// serves until ctx ends or the process is told to stop, and returns the exit code.
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
