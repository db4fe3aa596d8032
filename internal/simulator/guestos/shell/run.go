// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
)

// exec runs a command that is neither a function nor a builtin.
func (s *Shell) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	shared := sessionOf(ctx)
	switch {
	case args[0] == jobName && len(args) == 2:
		return shared.runJob(ctx, args[1])
	case args[0] == announceName && len(args) == 1:
		shared.announceJob()
		return nil
	case args[0] == backgroundName && len(args) == 2:
		return s.background(ctx, shared, args[1])
	case args[0] == guardedName && len(args) > 1:
		return runGuarded(ctx, args[1:])
	}
	p := &Process{
		Args: args, Dir: hc.Dir, Environ: exportedVariables(hc.Env), User: s.User,
		Stdin: hc.Stdin, Stdout: hc.Stdout, Stderr: hc.Stderr, Files: withMask(s.Files, hc.Env), Host: s.Host,
	}
	if p.Stdin == nil {
		p.Stdin = strings.NewReader("")
	}
	code := s.start(ctx, p)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if code&0xff == 0 {
		return nil
	}
	return interp.ExitStatus(code) //nolint:gosec // exit codes are a byte
}

// exportedVariables returns the exported variables as the sorted environment of
// a program.
func exportedVariables(env expand.Environ) []string {
	var list []string
	env.Each(func(name string, value expand.Variable) bool {
		if value.Exported && value.Kind == expand.String && value.IsSet() {
			list = append(list, name+"="+value.Str)
		}
		return true
	})
	slices.Sort(list)
	return list
}

// start runs a program of the guest, or a script on the guest's disk. If the
// program panics, only that program ends.
func (s *Shell) start(ctx context.Context, p *Process) (code int) {
	defer func() {
		if caught := recover(); caught != nil {
			fmt.Fprintf(p.Stderr, "%s: crashed: %v\n", p.Args[0], caught)
			code = 134
		}
	}()
	depth, _ := ctx.Value(depthKey{}).(int)
	if depth >= maxDepth {
		return p.fail(exitCannotRun, "too many programs started inside each other")
	}
	ctx = context.WithValue(ctx, depthKey{}, depth+1)
	found, program := s.find(p.Args[0], p.Dir, p.Getenv("PATH"))
	switch {
	case program != nil:
		if shared := sessionOf(ctx); shared != nil && !s.startsOthers(path.Base(found)) {
			p.Stdout = &meteredWriter{Writer: p.Stdout, shared: shared}
		}
		return program(ctx, p)
	case found == "":
		return s.missing(p)
	}
	return s.runFile(ctx, p, found)
}

// missing prints the reason why a command cannot be run, and returns the exit
// code.
func (s *Shell) missing(p *Process) int {
	if !strings.Contains(p.Args[0], "/") {
		fmt.Fprintf(p.Stderr, "%s: command not found\n", quoteForMessage(p.Args[0]))
		return exitNotFound
	}
	if found, err := s.Files.Stat(p.path(p.Args[0])); err == nil && found.IsDir() {
		fmt.Fprintf(p.Stderr, "%s: Is a directory\n", quoteForMessage(p.Args[0]))
		return exitCannotRun
	}
	fmt.Fprintf(p.Stderr, "%s: No such file or directory\n", quoteForMessage(p.Args[0]))
	return exitNotFound
}

// find looks up a command. A file on the guest's disk takes precedence over a
// program with the same path.
func (s *Shell) find(name, dir, pathVariable string) (file string, program Program) {
	candidates := []string{absolute(dir, name)}
	if !strings.Contains(name, "/") {
		candidates = nil
		for folder := range strings.SplitSeq(pathVariable, ":") {
			candidates = append(candidates, path.Join(absolute(dir, folder), name))
		}
	}
	for _, at := range candidates {
		if found, err := s.Files.Stat(at); err == nil && !found.IsDir() && (strings.Contains(name, "/") || found.Mode()&0o111 != 0) {
			return at, nil
		}
		if s.isProgram(at) && (strings.Contains(name, "/") || strings.HasSuffix(path.Dir(at), "/bin")) {
			return at, s.program(path.Base(at))
		}
	}
	if !strings.Contains(name, "/") && (name == whichName || name == typeName) {
		return name, s.program(name)
	}
	return "", nil
}

func (s *Shell) isProgram(at string) bool {
	return slices.Contains(programDirs, path.Dir(at)) && s.program(path.Base(at)) != nil
}

// startsOthers reports whether a program starts other programs. The output of
// those programs is already metered.
func (s *Shell) startsOthers(name string) bool { return s.Programs[name] == nil }

// OwnPrograms returns the names of the programs that every shell adds to
// Programs.
func OwnPrograms() []string {
	return []string{
		"sh", "bash", "dash", "which", "echo", "printf", "test", "[", "true", "false", "pwd", "env", "nohup", "setsid", "exec", "nice", "timeout", "xargs",
	}
}

// program returns the program with the given name, or nil if the guest does not
// have it.
func (s *Shell) program(name string) Program {
	switch name {
	case "sh", "bash", "dash":
		return s.shellProgram
	case whichName, "which":
		return s.which
	case typeName:
		return s.describe
	case "echo", "printf", "test", "[", "true", "false", "pwd":
		return s.builtin
	case "env":
		return s.env
	case "nohup", "setsid", "exec", "nice":
		return s.runArguments
	case "timeout":
		return s.timeout
	case "xargs":
		return s.xargs
	}
	if s.Installed != nil && !s.Installed(name) {
		return nil
	}
	return s.Programs[name]
}

// runFile runs a script on the guest's disk with the interpreter that its first
// line names.
func (s *Shell) runFile(ctx context.Context, p *Process, at string) int {
	found, err := p.Files.Stat(at)
	if err != nil || found.Mode()&0o111 == 0 {
		fmt.Fprintf(p.Stderr, "%s: Permission denied\n", p.Args[0])
		return exitCannotRun
	}
	text, err := readAll(p.Files, at, maxScript)
	if err != nil {
		fmt.Fprintf(p.Stderr, "%s: %v\n", p.Args[0], err)
		return exitCannotRun
	}
	if strings.ContainsRune(text[:min(len(text), 256)], 0) {
		fmt.Fprintf(p.Stderr, "%s: cannot execute binary file\n", p.Args[0])
		return exitCannotRun
	}
	words := interpreterOf(text)
	inner := *p
	if strings.Contains(p.Args[0], "/") {
		at = p.Args[0] // the script's $0 is the name by which it was called
	}
	inner.Args = append(append(slices.Clone(words), at), p.Args[1:]...)
	interpreter := absolute(p.Dir, words[0])
	found, err = s.Files.Stat(interpreter)
	switch {
	case err == nil && (found.IsDir() || found.Mode()&0o111 == 0):
		fmt.Fprintf(p.Stderr, "%s: %s: bad interpreter: Permission denied\n", p.Args[0], caretNotation(words[0]))
		return exitCannotRun
	case err != nil && !s.isProgram(interpreter):
		fmt.Fprintf(p.Stderr, "%s: %s: bad interpreter: No such file or directory\n", p.Args[0], caretNotation(words[0]))
		return exitCannotRun
	}
	inner.Args[0] = interpreter
	return s.start(ctx, &inner)
}

// interpreterOf returns the interpreter that a script's first line names. Like
// the kernel, it returns the rest of the line as a single argument.
func interpreterOf(text string) []string {
	first, _, _ := strings.Cut(text, "\n")
	named, ok := strings.CutPrefix(first, "#!")
	if named = strings.Trim(named, " \t"); !ok || named == "" {
		return []string{"/bin/sh"}
	}
	at := strings.IndexAny(named, " \t")
	if at < 0 {
		return []string{named}
	}
	return []string{named[:at], strings.Trim(named[at:], " \t")}
}
