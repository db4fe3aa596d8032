// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// searched is where commands are looked for, unless a script says otherwise.
var searched = []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}

// programDirs are where every program seems to be.
var programDirs = []string{"/usr/bin", "/bin", "/usr/sbin", "/sbin"}

// call sees every command before it runs. It turns those that would ask the
// host into ones that ask the guest.
func (s *Shell) call(ctx context.Context, args []string) ([]string, error) {
	_, shared, _ := inSession(ctx)
	if over, err := shared.called(interp.HandlerCtx(ctx).Stdout); err != nil || over {
		return []string{"builtin", "exit", "141"}, err
	}
	prefix, args := unwrapped(args)
	if len(args) == 0 {
		return []string{"true"}, nil
	}
	instead, err := s.instead(ctx, shared, args)
	switch {
	case err != nil:
		return nil, err
	case prefix != "" && interp.IsBuiltin(instead[0]):
		return append([]string{"builtin"}, instead...), nil // and no function of that name
	case prefix == "builtin" && instead[0] == args[0]:
		return []string{"false"}, nil
	case prefix == "command" && instead[0] == args[0]:
		return append([]string{"command", "--"}, instead...), nil
	}
	return instead, nil
}

// unwrapped takes "builtin" and "command" away, which may stand before each
// other; "command -v" stays.
func unwrapped(args []string) (prefix string, rest []string) {
	for len(args) > 0 {
		switch {
		case args[0] == "builtin":
			prefix, args = "builtin", args[1:]
		case args[0] == "command" && len(args) > 1 && args[1] != "--" && strings.ContainsAny(args[1][:min(1, len(args[1]))], "-+"):
			return prefix, args
		case args[0] == "command":
			prefix, args = "command", args[1:]
			if len(args) > 0 && args[0] == "--" {
				args = args[1:]
			}
		default:
			return prefix, args
		}
	}
	return prefix, nil
}

// instead is what runs in place of a command.
func (s *Shell) instead(ctx context.Context, shared *session, args []string) ([]string, error) {
	switch args[0] {
	case "command":
		if strings.Trim(args[1], "v") == "-" {
			return lookUp(whichName, args[2:]), nil
		}
	case "type":
		return lookUp(typeName, args[1:]), nil
	case "hash":
		return append([]string{typeName}, args[1:]...), nil
	case "pwd":
		return withoutPhysical(args), nil
	case "getopts": // it panics when its arguments change between two calls
		return append([]string{guardedName}, args...), nil
	case "eval":
		text, err := shared.adapted(strings.Join(args[1:], " "))
		return []string{"eval", text}, err
	case "trap":
		return trapped(shared, args)
	case "alias":
		if slices.ContainsFunc(args[1:], func(arg string) bool { return len(arg) > maxAlias || strings.ContainsAny(arg, "(`[") }) {
			return nil, errAlias
		}
	case ".", "source":
		if len(args) > 1 {
			return s.source(ctx, shared, args)
		}
	}
	return args, nil
}

// maxAlias is the size of the largest alias, in bytes.
const maxAlias = 1 << 10

var errAlias = errors.New("alias: substitutions and long texts are not available in a guest; use a function")

// lookUp finds functions first, of which only the interpreter knows.
func lookUp(program string, names []string) []string {
	var text strings.Builder
	text.WriteString("true")
	for _, name := range names {
		if syntax.ValidName(name) {
			said := name
			if program == typeName {
				said += " is a function"
			}
			fmt.Fprintf(&text, "; if declare -f %s > /dev/null; then builtin echo '%s'; else '%s' %[1]s; fi", name, said, program)
			continue
		}
		quoted, err := syntax.Quote(name, syntax.LangBash)
		if err != nil {
			quoted = "''"
		}
		fmt.Fprintf(&text, "; '%s' %s", program, quoted)
	}
	return []string{"eval", text.String()}
}

// trapped drops the signals, of which none comes to a guest's shell.
func trapped(shared *session, args []string) ([]string, error) {
	if len(args) < 3 {
		return args, nil
	}
	text, err := shared.adapted(args[1])
	if err != nil {
		return nil, err
	}
	kept := []string{"trap", text}
	for _, signal := range args[2:] {
		switch signal = strings.TrimPrefix(signal, "SIG"); {
		case signal == "0":
			kept = append(kept, "EXIT")
		case !slices.Contains(signals, signal):
			kept = append(kept, signal)
		}
	}
	if len(kept) == 2 {
		return []string{"true"}, nil
	}
	return kept, nil
}

var signals = strings.Fields("HUP INT QUIT PIPE ALRM TERM USR1 USR2 CHLD 1 2 3 13 14 15")

// source reads a script for the interpreter, which would look for it on the
// host.
func (s *Shell) source(ctx context.Context, shared *session, args []string) ([]string, error) {
	hc := interp.HandlerCtx(ctx)
	found := s.sourced(args[1], hc.Dir, hc.Env)
	text, err := readAll(s.Files, found, maxScript)
	if err != nil {
		_, _ = fmt.Fprintf(hc.Stderr, "%s: %v\n", args[0], err) // nobody else to tell
		return []string{"false"}, nil
	}
	text, err = shared.adapted(text)
	if err != nil {
		return nil, err
	}
	return append([]string{args[0], sourcePrefix + shared.keep(text)}, args[2:]...), nil
}

// withoutPhysical keeps pwd from following links on the host.
func withoutPhysical(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return arg == "-P" })
}

// sourced is the guest's path of a script that is named without one.
func (s *Shell) sourced(name, dir string, env expand.Environ) string {
	if !strings.Contains(name, "/") {
		for _, folder := range append(pathOf(env), dir) {
			if found, err := s.Files.Stat(path.Join(folder, name)); err == nil && !found.IsDir() {
				return path.Join(folder, name)
			}
		}
	}
	return absolute(dir, name)
}

func pathOf(env expand.Environ) []string {
	return slices.DeleteFunc(strings.Split(env.Get("PATH").String(), ":"), func(dir string) bool { return dir == "" })
}

func absolute(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

func (s *Shell) open(ctx context.Context, name string, flag int, mode fs.FileMode) (io.ReadWriteCloser, error) {
	hc := interp.HandlerCtx(ctx)
	if device := openDevice(name, hc.Stdin, hc.Stdout, hc.Stderr); device != nil {
		return device, nil
	}
	if number, sourced := strings.CutPrefix(name, sourcePrefix); sourced {
		_, shared, _ := inSession(ctx)
		if text, found := shared.kept(number); found {
			return opened{strings.NewReader(text)}, nil
		}
	}
	file, err := s.Files.OpenFile(absolute(hc.Dir, name), flag, mode)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	if flag&(os.O_WRONLY|os.O_RDWR) != 0 {
		return file, nil
	}
	return piped(name, file)
}

// pathError is the only kind of error that does not end a script.
func pathError(op, name string, err error) error {
	var found *fs.PathError
	if errors.As(err, &found) {
		err = found.Err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

func (s *Shell) stat(ctx context.Context, name string, follow bool) (fs.FileInfo, error) {
	name = absolute(interp.HandlerCtx(ctx).Dir, name)
	look := s.Files.Lstat
	if follow {
		look = s.Files.Stat
	}
	found, err := look(name)
	switch {
	case err == nil:
		return owned(found), nil
	case s.isProgram(name):
		return owned(programInfo(path.Base(name))), nil
	case isDevice(name):
		return owned(deviceInfo(path.Base(name))), nil
	}
	return nil, err
}

func (s *Shell) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	return s.Files.ReadDir(absolute(interp.HandlerCtx(ctx).Dir, name))
}

func (s *Shell) access(ctx context.Context, name string, mode interp.AccessMode) error {
	found, err := s.stat(ctx, name, true)
	if err != nil {
		return err
	}
	if mode&interp.AccessExec != 0 && !found.IsDir() && found.Mode()&0o111 == 0 {
		return fs.ErrPermission
	}
	return nil
}

// exec runs what is neither function nor builtin.
func (s *Shell) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	_, shared, _ := inSession(ctx)
	switch {
	case args[0] == jobName && len(args) == 2:
		return shared.job(ctx, args[1])
	case args[0] == guardedName && len(args) > 1:
		return guarded(ctx, args[1:])
	}
	p := &Process{
		Args: args, Dir: hc.Dir, Environ: exported(hc.Env), User: s.User,
		Stdin: hc.Stdin, Stdout: hc.Stdout, Stderr: hc.Stderr, Files: s.Files, Host: s.Host,
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

// exported are the variables that a program gets.
func exported(env expand.Environ) []string {
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

// start runs a program: one of the guest's own, or a script on its disk.
func (s *Shell) start(ctx context.Context, p *Process) (code int) {
	defer func() {
		if caught := recover(); caught != nil {
			fmt.Fprintf(p.Stderr, "%s: crashed: %v\n", p.Args[0], caught)
			code = 134
		}
	}()
	depth, _ := ctx.Value(depthKey{}).(int)
	if depth >= maxDepth {
		return p.fail(exitCannotRun, "too many programs inside each other")
	}
	ctx = context.WithValue(ctx, depthKey{}, depth+1)
	found, program := s.find(p.Args[0], p.Dir, p.Getenv("PATH"))
	switch {
	case program != nil:
		return program(ctx, p)
	case found == "":
		fmt.Fprintf(p.Stderr, "%s: command not found\n", p.Args[0])
		return exitNotFound
	}
	return s.runFile(ctx, p, found)
}

// find looks a command up: a file of the guest goes before a program of the
// same place.
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

// program is what a name stands for; nil when there is none.
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
		return s.passOn
	case "timeout":
		return s.timeout
	case "xargs":
		return s.xargs
	}
	return s.Programs[name]
}

// runFile runs a script on the guest's disk by the program that its first line
// names.
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
	words := []string{"/bin/sh"}
	first, _, _ := strings.Cut(text, "\n")
	if named, ok := strings.CutPrefix(first, "#!"); ok && strings.TrimSpace(named) != "" {
		words = strings.Fields(named)
	}
	inner := *p
	inner.Args = append(append(slices.Clone(words), at), p.Args[1:]...)
	if path.Base(words[0]) == "env" || s.program(path.Base(words[0])) != nil {
		return s.start(ctx, &inner)
	}
	fmt.Fprintf(p.Stderr, "%s: %s: bad interpreter: No such file or directory\n", p.Args[0], words[0])
	return exitCannotRun
}
