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
	// maxDepth limits how deeply shells and programs may be nested.
	maxDepth = 100
)

// Exit codes that are the same in all shells.
const (
	exitUsage      = 2
	exitCannotRun  = 126
	exitNotFound   = 127
	exitTerminated = 143
)

// Shell runs scripts in a guest. It is safe for concurrent use.
type Shell struct {
	Files disk.FS
	Host  Host
	// User is the account that scripts run as, and Home is its home folder.
	User, Home string
	// HeapLimit is the maximum size of this process's heap, in bytes; 0 means
	// 768 MiB. A script that needs more memory is killed. The limit applies to
	// the whole simulator, because scripts run in its process.
	HeapLimit uint64
	// Lifetime is the lifetime of the machine. Background jobs may run until
	// the lifetime ends. If Lifetime is nil, a background job ends when the
	// context of its script ends.
	Lifetime Lifetime
	// Programs maps names to commands. The shell adds the commands that
	// OwnPrograms lists, such as sh and bash.
	Programs map[string]Program
	// Installed reports whether a command of Programs is currently installed;
	// nil means that all commands are installed.
	Installed func(name string) bool
}

// Script is one run of a shell.
type Script struct {
	// Text is the source of the script.
	Text string
	// Name is the name of the shell in its messages. The default is sh.
	Name string
	// Args are the positional parameters.
	Args []string
	// Dir is the absolute working directory. The default is the home directory.
	Dir string
	// Environ holds additional variables as "NAME=value".
	Environ []string
	// Options are options of the shell, such as "-e".
	Options []string

	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Run runs a script and returns its exit code. It returns an error if the
// context ends before the script does, or if the script's input cannot be
// connected.
func (s *Shell) Run(ctx context.Context, script Script) (int, error) {
	if script.Name == "" {
		script.Name = "sh"
	}
	depth, _ := ctx.Value(depthKey{}).(int)
	if depth >= maxDepth {
		fmt.Fprintf(script.Stderr, "%s: too many shells started inside each other\n", script.Name)
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
		return exitCannotRun, fmt.Errorf("connect the input of the script: %w", err)
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

// interpret runs a parsed script. The interpreter panics if its own state is
// inconsistent. interpret recovers from the panic, so that only the script
// ends.
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

// runner returns an interpreter whose handlers access only the guest.
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
	// Do not use interp.Dir, which would look for the folder on the host.
	runner.Dir = s.workingDir(script.Dir)
	runner.Reset()
	starting = false
	return runner, nil
}

// withoutLen hides the Len method of a writer from checkVariables. Only the
// buffers of command substitutions may be measured: a background job may write
// to any other writer at the same time.
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

// environ returns the initial environment of a script. It contains no variable
// of the host.
func (s *Shell) environ(script Script) guestEnviron {
	list := append([]string{
		"HOME=" + s.Home, "USER=" + s.User, "LOGNAME=" + s.User, "SHELL=/bin/sh",
		"PATH=" + strings.Join(defaultPath, ":"), "UID=0", "EUID=0", "GID=0",
	}, script.Environ...)
	return guestEnviron{Environ: expand.ListEnviron(list...)}
}

// guestEnviron supplies values that the interpreter would otherwise read from
// the host: the home folders of accounts and, while the interpreter starts, the
// folder for named pipes. No pipe can be created in the supplied folder.
type guestEnviron struct {
	expand.Environ
	starting *bool
}

// Get returns the variable with the given name.
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
