// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"fmt"
	"io"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// Interactive runs a shell for a person at a terminal and returns the exit
// code. next must return one line at a time, and io.EOF after the last line. If
// next returns any other error, Interactive ends the shell and returns that
// error.
func (s *Shell) Interactive(ctx context.Context, script Script, next func() (string, error)) (int, error) {
	ctx, shared, _ := s.session(ctx)
	defer shared.closeIfIdle()
	runner, err := s.runner(script)
	if err != nil {
		return exitUsage, err
	}
	code := 0
	for ctx.Err() == nil {
		line, err := next()
		if errors.Is(err, io.EOF) {
			return code, nil
		}
		if err != nil {
			return code, err
		}
		file, _, err := shared.parse(line+"\n", "sh")
		if err != nil {
			fmt.Fprintln(script.Stderr, err)
			code = exitUsage
			continue
		}
		for _, statement := range file.Stmts {
			code = s.statement(ctx, runner, statement, script)
			if runner.Exited() {
				return code, nil
			}
		}
	}
	return exitTerminated, context.Cause(ctx)
}

// statement runs one statement and returns its exit code. The runner holds the
// state of the shell between statements, such as variables.
func (s *Shell) statement(ctx context.Context, runner *interp.Runner, statement *syntax.Stmt, script Script) (code int) {
	defer func() {
		if caught := recover(); caught != nil {
			fmt.Fprintf(script.Stderr, "sh: the shell failed: %v\n", caught)
			code = 1
		}
	}()
	code, _ = finish(ctx, runner.Run(ctx, statement), script)
	return code
}
