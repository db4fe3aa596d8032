// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// call handles every command before it runs. It replaces a command that would
// access the host with a command that accesses the guest.
func (s *Shell) call(ctx context.Context, args []string) ([]string, error) {
	shared := sessionOf(ctx)
	if unread, err := shared.checkCall(interp.HandlerCtx(ctx)); err != nil || unread {
		if args[0] == backgroundName {
			shared.jobStarted() // the job will not run, so it must not stay announced
		}
		return []string{"builtin", "exit", "141"}, err
	}
	prefix, args := splitPrefix(args)
	if len(args) == 0 {
		return []string{"true"}, nil
	}
	if err := checkArguments(args); err != nil {
		return nil, err
	}
	instead, err := s.substitute(ctx, shared, args)
	switch {
	case err != nil:
		return nil, err
	case prefix != "" && interp.IsBuiltin(instead[0]):
		return append([]string{"builtin"}, instead...), nil // "builtin" prevents a call of a function with that name
	case prefix == "builtin" && instead[0] == args[0]:
		return []string{"false"}, nil
	case prefix == "command" && instead[0] == args[0]:
		return append([]string{"command", "--"}, instead...), nil
	}
	return instead, nil
}

// splitPrefix removes all leading words "builtin" and "command", and returns
// the last removed word as prefix. It keeps "command" before an option, as in
// "command -v".
func splitPrefix(args []string) (prefix string, rest []string) {
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

// substitute returns the command that runs instead of args.
func (s *Shell) substitute(ctx context.Context, shared *session, args []string) ([]string, error) {
	switch args[0] {
	case "command":
		if strings.Trim(args[1], "v") == "-" {
			return lookUp(whichName, args[2:]), nil
		}
	case "type":
		return lookUp(typeName, args[1:]), nil
	case "hash":
		return append([]string{typeName}, args[1:]...), nil
	case "umask":
		return umask(interp.HandlerCtx(ctx), args), nil
	case "cd":
		return s.changeFolder(interp.HandlerCtx(ctx), args), nil
	case "exit", "return":
		return numericArgument(args), nil
	case "set":
		return setOptions(args), nil
	case "kill":
		return killSelf(args), nil
	case "pwd":
		return dropPhysical(args), nil
	case "getopts": // the builtin panics if its arguments change between two calls
		return append([]string{guardedName}, args...), nil
	case "eval":
		text, err := shared.adaptText(strings.Join(args[1:], " "))
		return []string{"eval", text}, err
	case "trap":
		return trapCommand(shared, args)
	case "alias":
		if slices.ContainsFunc(args[1:], func(arg string) bool { return len(arg) > maxAlias || strings.ContainsAny(arg, "(`[~{") }) {
			return nil, errAlias
		}
	case ".", "source":
		if len(args) > 1 {
			return s.source(ctx, shared, args)
		}
	}
	return args, nil
}

// maxAlias is the maximum size of an alias, in bytes.
const maxAlias = 1 << 10

var errAlias = errors.New("alias: substitutions, home folders and long texts are not available in a guest; use a function")

// lookUp returns a command that prints what each name refers to. For each name
// the command first looks for a function, because only the interpreter has the
// list of functions. If there is none, the command runs program.
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

// trapCommand removes the signals from a trap, because a guest's shell never
// receives a signal.
func trapCommand(shared *session, args []string) ([]string, error) {
	if len(args) < 3 {
		return args, nil
	}
	text, err := shared.adaptText(args[1])
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

// signals are the signals that trapCommand removes.
var signals = strings.Fields("HUP INT QUIT PIPE ALRM TERM USR1 USR2 CHLD 1 2 3 13 14 15")

// source reads a sourced script from the guest's disk, because the interpreter
// would look for the script on the host.
func (s *Shell) source(ctx context.Context, shared *session, args []string) ([]string, error) {
	hc := interp.HandlerCtx(ctx)
	found := s.findSourced(args[1], hc.Dir, hc.Env)
	text, err := readAll(s.Files, found, maxScript)
	if err != nil {
		_, _ = fmt.Fprintf(hc.Stderr, "%s: %v\n", args[0], err) // a failed write cannot be reported
		return []string{"false"}, nil
	}
	text, err = shared.adaptText(text)
	if err != nil {
		return nil, err
	}
	return append([]string{args[0], sourcePrefix + shared.storeText(text)}, args[2:]...), nil
}

// dropPhysical removes the option -P of pwd, which would follow links on the host.
func dropPhysical(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return arg == "-P" })
}

// findSourced returns the guest's path of a sourced script. It searches PATH
// and then dir if the name contains no slash.
func (s *Shell) findSourced(name, dir string, env expand.Environ) string {
	if !strings.Contains(name, "/") {
		for _, folder := range append(pathOf(env), dir) {
			if found, err := s.Files.Stat(path.Join(folder, name)); err == nil && !found.IsDir() {
				return path.Join(folder, name)
			}
		}
	}
	return absolute(dir, name)
}
