// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"runtime"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

const (
	// maxDepth is how deep shells and programs may start each other.
	maxDepth = 100
)

// Exit codes that shells agree on.
const (
	exitUsage      = 2
	exitCannotRun  = 126
	exitNotFound   = 127
	exitTerminated = 143
)

// Shell is what runs scripts in a guest. It may be used by many goroutines.
type Shell struct {
	Files disk.FS
	Host  Host
	// User is the account, Home its folder.
	User, Home string
	// HeapLimit is how large the process's heap may be, in bytes, for a script to get
	// more memory; 0 means 768 MiB. It is the simulator's own, which scripts run
	// in.
	HeapLimit uint64
	// Lifetime is the machine's; nil where what is in the background ends with its
	// script's context.
	Lifetime Lifetime
	// Programs are the commands there are, by name; the shell adds sh, bash and
	// what belongs to them.
	Programs map[string]Program
	// Installed reports whether a command of Programs is currently installed;
	// nil means that all are.
	Installed func(name string) bool
}

// Script is one run of a shell.
type Script struct {
	// Text is what to run.
	Text string
	// Name is what the shell calls itself in messages; empty: sh.
	Name string
	// Args are the positional parameters.
	Args []string
	// Dir is the absolute working directory; empty: the home directory.
	Dir string
	// Environ is added to what every shell has.
	Environ []string
	// Options are those of the shell, such as "-e".
	Options []string

	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Run runs a script and returns its exit code. The error is that of a context
// that ended before the script did.
func (s *Shell) Run(ctx context.Context, script Script) (int, error) {
	if script.Name == "" {
		script.Name = "sh"
	}
	depth, _ := ctx.Value(depthKey{}).(int)
	if depth >= maxDepth {
		fmt.Fprintf(script.Stderr, "%s: too many shells inside each other\n", script.Name)
		return exitCannotRun, nil
	}
	ctx, shared, first := s.session(ctx)
	if first {
		defer shared.closeIfIdle()
	}
	file, _, parseErr := shared.parse(script.Text, script.Name)
	if file == nil || parseErr != nil && len(file.Stmts) == 0 {
		fmt.Fprintf(script.Stderr, "%s: %v\n", script.Name, parseErr)
		return exitUsage, nil
	}
	input, done, err := scriptInput(ctx, script.Stdin)
	if err != nil {
		return exitCannotRun, fmt.Errorf("give the script its input: %w", err)
	}
	defer done()
	script.Stdin = input
	runner, err := s.runner(script)
	if err != nil {
		fmt.Fprintf(script.Stderr, "%s: %v\n", script.Name, err)
		return exitUsage, nil
	}
	err = interpret(context.WithValue(ctx, depthKey{}, depth+1), runner, file)
	shared.waitForStarts(ctx)
	if first && ctx.Err() != nil {
		shared.waitForJobs()
	}
	if killedForMemory(ctx) {
		if first {
			fmt.Fprintf(script.Stderr, "%s: Killed: %v\n", script.Name, errMemory)
		}
		return exitKilled, nil
	}
	if parseErr != nil && ctx.Err() == nil && !runner.Exited() {
		fmt.Fprintf(script.Stderr, "%s: %v\n", script.Name, parseErr)
		return exitUsage, nil
	}
	return finish(ctx, err, script)
}

// interpret runs a script. The interpreter panics where its own state does not
// add up; that must end the script alone.
func interpret(ctx context.Context, runner *interp.Runner, file *syntax.File) (err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("the shell failed: %v", caught)
		}
	}()
	return runner.Run(ctx, file)
}

type depthKey struct{}

func finish(ctx context.Context, err error, script Script) (int, error) {
	status, exited := errors.AsType[interp.ExitStatus](err)
	switch {
	case ctx.Err() != nil:
		return exitTerminated, context.Cause(ctx)
	case err == nil:
		return 0, nil
	case exited:
		return int(status), nil
	}
	fmt.Fprintf(script.Stderr, "%s: %v\n", script.Name, err)
	return 1, nil
}

// runner is an interpreter of which every access ends in the guest.
func (s *Shell) runner(script Script) (*interp.Runner, error) {
	env := s.environ(script)
	starting := true
	env.starting = &starting
	runner, err := interp.New(
		interp.Env(env),
		interp.StdIO(script.Stdin, withoutLen(script.Stdout), withoutLen(script.Stderr)),
		interp.CallHandler(s.call),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return s.exec }),
		interp.OpenHandler(s.open),
		interp.StatHandler(s.stat),
		interp.ReadDirHandler2(s.readDir),
		interp.AccessHandler(s.access),
		interp.Params(append(append([]string{}, script.Options...), append([]string{"--"}, script.Args...)...)...),
	)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "interp: "))
	}
	// The option for this looks for the folder on the host.
	runner.Dir = s.workingDir(script.Dir)
	runner.Reset()
	starting = false
	return runner, nil
}

// withoutLen hides the length of what collects output, which only the buffers
// of command substitutions are asked for: others may be written to by jobs in
// the background at the same time.
func withoutLen(output io.Writer) io.Writer {
	if _, measured := output.(interface{ Len() int }); measured {
		return struct{ io.Writer }{output}
	}
	return output
}

func (s *Shell) workingDir(dir string) string {
	for _, candidate := range []string{dir, s.Home} {
		if candidate == "" {
			continue
		}
		if found, err := s.Files.Stat(candidate); err == nil && found.IsDir() {
			return path.Clean("/" + candidate)
		}
	}
	return "/"
}

// environ is the environment that a script starts with. Nothing of the host's
// is in it.
func (s *Shell) environ(script Script) guestEnviron {
	list := append([]string{
		"HOME=" + s.Home, "USER=" + s.User, "LOGNAME=" + s.User, "SHELL=/bin/sh",
		"PATH=" + strings.Join(defaultPath, ":"), "UID=0", "EUID=0", "GID=0",
	}, script.Environ...)
	return guestEnviron{Environ: expand.ListEnviron(list...)}
}

// guestEnviron answers in the host's place where the interpreter would ask the
// host: for the home folders of accounts and, while it is
// starting, for where to make named pipes, which is where none can be made.
type guestEnviron struct {
	expand.Environ
	starting *bool
}

// Get looks a variable up.
func (e guestEnviron) Get(name string) expand.Variable {
	text := ""
	switch account, isHome := strings.CutPrefix(name, "HOME "); {
	case isHome && account == "root":
		text = "/root"
	case isHome:
		text = "~" + account
	case name == "TMPDIR" && *e.starting && runtime.GOOS == "windows":
		text = `C:\nul\none`
	case name == "TMPDIR" && *e.starting:
		text = "/dev/null/none"
	default:
		return e.Environ.Get(name)
	}
	return expand.Variable{Set: true, Kind: expand.String, Str: text}
}
