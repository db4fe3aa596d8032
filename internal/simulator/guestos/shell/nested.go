// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"mvdan.cc/sh/v3/interp"
)

// Names of internal commands. A script is unlikely to use them by accident.
const (
	whichName   = "(which)"
	typeName    = "(type)"
	guardedName = "(guarded)"
)

// shellProgram implements sh, bash and dash: "sh -c text", "sh -s", "sh file".
func (s *Shell) shellProgram(ctx context.Context, p *Process) int {
	script := Script{
		Name: p.Args[0], Dir: p.Dir, Environ: p.Environ, Stdin: p.Stdin, Stdout: p.Stdout, Stderr: p.Stderr,
	}
	args, text, source := p.Args[1:], "", "file"
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" && args[0] != "--" && source != "text" {
		for _, letter := range args[0][1:] {
			switch letter {
			case 'c':
				source = "text"
			case 's':
				source = "input"
			case 'e', 'u', 'x', 'f':
				script.Options = append(script.Options, "-"+string(letter))
			case 'o':
				if len(args) < 2 {
					return p.fail(exitUsage, "-o: option requires an argument")
				}
				script.Options = append(script.Options, "-o", args[1])
				args = args[1:]
			case 'l', '-':
			default:
				return p.fail(exitUsage, "-%c: invalid option", letter)
			}
			if letter == '-' {
				break // a long option such as --login
			}
		}
		args = args[1:]
	}
	if len(args) > 0 && (args[0] == "--" || args[0] == "-") {
		args = args[1:]
	}
	var err error
	switch {
	case source == "text" && len(args) == 0:
		return p.fail(exitUsage, "-c: option requires an argument")
	case source == "text":
		text, args = args[0], args[1:]
		if len(args) > 0 {
			script.Name, args = args[0], args[1:]
		}
	case source == "input" || len(args) == 0:
		text, err = readText(p.Stdin, maxScript)
	default:
		if found, wrong := p.Files.Stat(p.path(args[0])); wrong != nil {
			return p.fail(exitNotFound, "%v", reason(args[0], wrong))
		} else if found.IsDir() {
			return p.fail(exitCannotRun, "%s: Is a directory", args[0])
		}
		text, err = readAll(p.Files, p.path(args[0]), maxScript)
		script.Name, args = args[0], args[1:]
	}
	if err != nil {
		return p.fail(exitNotFound, "%v", err)
	}
	script.Text, script.Args = text, args
	code, _ := s.Run(ctx, script) // the exit code suffices here
	return code
}

// builtin implements programs such as echo by running the shell's builtin.
func (s *Shell) builtin(ctx context.Context, p *Process) int {
	name := path.Base(p.Args[0])
	code, _ := s.Run(ctx, Script{ // the exit code suffices here
		Text: name + ` "$@"`, Name: name, Args: p.Args[1:], Dir: p.Dir, Environ: p.Environ,
		Stdin: p.Stdin, Stdout: p.Stdout, Stderr: p.Stderr,
	})
	return code
}

// which prints the paths of commands, as "command -v" does.
func (s *Shell) which(_ context.Context, p *Process) int {
	code := 0
	for _, name := range p.Args[1:] {
		at, _ := s.find(name, p.Dir, p.Getenv("PATH"))
		switch {
		case p.Args[0] == whichName && interp.IsBuiltin(name):
			fmt.Fprintln(p.Stdout, name)
		case at != "":
			fmt.Fprintln(p.Stdout, at)
		default:
			code = 1
		}
	}
	return code
}

// describe implements the builtin type for names that are not functions.
func (s *Shell) describe(_ context.Context, p *Process) int {
	code := 0
	for _, name := range p.Args[1:] {
		at, _ := s.find(name, p.Dir, p.Getenv("PATH"))
		switch {
		case interp.IsBuiltin(name):
			fmt.Fprintf(p.Stdout, "%s is a shell builtin\n", name)
		case at != "":
			fmt.Fprintf(p.Stdout, "%s is %s\n", name, at)
		default:
			fmt.Fprintf(p.Stderr, "%s: not found\n", name)
			code = 1
		}
	}
	return code
}

// env prints the environment, or runs a program in a changed environment.
func (s *Shell) env(ctx context.Context, p *Process) int {
	environ, args := slices.Clone(p.Environ), p.Args[1:]
	for len(args) > 0 {
		switch name, _, assigns := strings.Cut(args[0], "="); {
		case args[0] == "-i" || args[0] == "-":
			environ = nil
		case args[0] == "-S" && len(args) > 1:
			args = append([]string{""}, append(strings.Fields(args[1]), args[2:]...)...)
		case args[0] == "-u" && len(args) > 1:
			environ = without(environ, args[1])
			args = args[1:]
		case assigns && !strings.HasPrefix(args[0], "-"):
			environ = append(without(environ, name), args[0])
		case strings.HasPrefix(args[0], "-"):
			return p.fail(125, "invalid option: %s", args[0])
		default:
			inner := *p
			inner.Args, inner.Environ = args, environ
			if found, _ := s.find(args[0], p.Dir, inner.Getenv("PATH")); found == "" {
				fmt.Fprintf(p.Stderr, "%s: %s: No such file or directory\n", p.Args[0], strings.ReplaceAll(args[0], "\r", "\\r"))
				return exitNotFound
			}
			return s.start(ctx, &inner)
		}
		args = args[1:]
	}
	slices.Sort(environ)
	for _, entry := range dropMask(environ) {
		fmt.Fprintln(p.Stdout, entry)
	}
	return 0
}

func without(environ []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
}

// runArguments implements nohup, setsid, exec and nice. It only runs its
// arguments, because the other effects of these programs have no meaning in a
// guest.
func (s *Shell) runArguments(ctx context.Context, p *Process) int {
	args := p.Args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		args = args[1:]
	}
	if len(args) == 0 {
		return p.fail(exitUsage, "missing command")
	}
	inner := *p
	inner.Args = args
	return s.start(ctx, &inner)
}

// timeout runs a program, and ends the program after a time on the grid's
// clock.
func (s *Shell) timeout(ctx context.Context, p *Process) int {
	if len(p.Args) < 3 {
		return p.fail(125, "missing operand")
	}
	limit, err := parseInterval(p.Args[1])
	if err != nil {
		return p.fail(125, "%v", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan int, 1)
	inner := *p
	inner.Args = p.Args[2:]
	go func() { ended <- s.start(ctx, &inner) }()
	over := make(chan struct{})
	go func() {
		if p.Host.Sleep(ctx, limit) == nil {
			close(over)
		}
	}()
	select {
	case code := <-ended:
		return code
	case <-over:
		cancel()
		defer interruptReads(p.Stdin)()
		<-ended
		return 124
	}
}

// interruptReads makes pending reads of input fail. restore allows reads again.
func interruptReads(input io.Reader) (restore func()) {
	file, ok := input.(*os.File)
	if !ok {
		return func() {}
	}
	_ = file.SetReadDeadline(time.Unix(1, 0)) // an error means that the file does not support deadlines: reads of such a file do not block
	return func() { _ = file.SetReadDeadline(time.Time{}) }
}

// maxDuration is the maximum duration for sleep and timeout.
const maxDuration = 100 * 365 * 24 * time.Hour

// parseInterval parses a duration in the format of sleep, such as "1.5m".
func parseInterval(text string) (time.Duration, error) {
	unit := time.Second
	for suffix, of := range map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour} {
		if number, found := strings.CutSuffix(text, suffix); found {
			text, unit = number, of
			break
		}
	}
	var number float64
	if n, err := fmt.Sscanf(text, "%g", &number); n != 1 || err != nil || number < 0 {
		return 0, fmt.Errorf("invalid time interval '%s'", text)
	}
	if !(number*float64(unit) < float64(maxDuration)) { // also true for infinity and NaN
		return maxDuration, nil
	}
	return time.Duration(number * float64(unit)), nil
}

// xargs runs a program with the words of the standard input as arguments.
func (s *Shell) xargs(ctx context.Context, p *Process) int {
	flags, args, err := options(p.Args[1:], "0r", "nI")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(args) == 0 {
		args = []string{"echo"}
	}
	words, err := inputWords(p.Stdin, flags.has('0'))
	if err != nil {
		return p.fail(1, "%v", err)
	}
	run := func(words []string) int {
		inner := *p
		inner.Args, inner.Stdin = words, strings.NewReader("")
		return s.start(ctx, &inner)
	}
	code := 0
	switch {
	case flags.has('I'):
		for _, word := range words {
			replaced := slices.Clone(args)
			for i := range replaced {
				replaced[i] = strings.ReplaceAll(replaced[i], flags.value('I'), word)
			}
			code = max(code, run(replaced))
		}
		return code
	case len(words) == 0 && flags.has('r'):
		return 0
	}
	each := flags.number('n', max(len(words), 1))
	for first := 0; first == 0 || first < len(words); first += each {
		code = max(code, run(append(slices.Clone(args), words[first:min(first+each, len(words))]...)))
	}
	return code
}

func inputWords(input io.Reader, byNul bool) ([]string, error) {
	text, err := readText(input, maxScript)
	if err != nil {
		return nil, err
	}
	if byNul {
		return strings.FieldsFunc(text, func(r rune) bool { return r == 0 }), nil
	}
	scanner := bufio.NewScanner(strings.NewReader(text))
	scanner.Split(bufio.ScanWords)
	var words []string
	for scanner.Scan() {
		words = append(words, scanner.Text())
	}
	return words, scanner.Err()
}
