// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
)

func doNothing(context.Context, *Process) int { return 0 }

// kill always fails, because nothing in a guest has a process id.
func kill(_ context.Context, p *Process) int {
	return p.fail(1, "No such process")
}

func baseName(_ context.Context, p *Process) int {
	if len(p.Args) < 2 {
		return p.fail(1, "missing operand")
	}
	name := path.Base(p.Args[1])
	if len(p.Args) > 2 && name != p.Args[2] {
		name = strings.TrimSuffix(name, p.Args[2])
	}
	fmt.Fprintln(p.Stdout, name)
	return 0
}

func dirName(_ context.Context, p *Process) int {
	if len(p.Args) < 2 {
		return p.fail(1, "missing operand")
	}
	for _, name := range p.Args[1:] {
		fmt.Fprintln(p.Stdout, path.Dir(name))
	}
	return 0
}

func sleep(ctx context.Context, p *Process) int {
	if len(p.Args) < 2 {
		return p.fail(1, "missing operand")
	}
	var total time.Duration
	for _, text := range p.Args[1:] {
		d, err := parseInterval(text)
		if err != nil {
			return p.fail(1, "%v", err)
		}
		total += d
	}
	if p.Host.Sleep(ctx, total) != nil {
		return exitTerminated
	}
	return 0
}

func hostname(_ context.Context, p *Process) int {
	flags, args, err := options(p.Args[1:], "fsd", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	if len(args) > 0 {
		p.Host.SetHostname(args[0])
		return 0
	}
	name := p.Host.Hostname()
	if flags.has('s') {
		name, _, _ = strings.Cut(name, ".")
	}
	fmt.Fprintln(p.Stdout, name)
	return 0
}

func systemName(_ context.Context, p *Process) int {
	flags, _, err := options(p.Args[1:], "asnrmvpo", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	var parts []string
	for _, part := range []struct{ letters, text string }{
		{"as", "Linux"}, {"an", p.Host.Hostname()}, {"ar", "2.6.32-gogrid"}, {"av", "#1 SMP"}, {"am", "x86_64"}, {"ao", "GNU/Linux"},
	} {
		if flags.any(part.letters) || part.letters == "as" && len(flags) == 0 {
			parts = append(parts, part.text)
		}
	}
	fmt.Fprintln(p.Stdout, strings.Join(parts, " "))
	return 0
}

// identity implements id, whoami and groups. It reads the ids of accounts from
// /etc/passwd.
func identity(_ context.Context, p *Process) int {
	flags, args, err := options(p.Args[1:], "ungG", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	user := p.User
	if len(args) > 0 {
		user = args[0]
	}
	id := accountID(p, user)
	switch {
	case id == "":
		return p.fail(1, "'%s': no such user", user)
	case path.Base(p.Args[0]) != "id" || flags.has('n'):
		fmt.Fprintln(p.Stdout, user)
	case flags.any("ugG"):
		fmt.Fprintln(p.Stdout, id)
	default:
		fmt.Fprintf(p.Stdout, "uid=%[1]s(%[2]s) gid=%[1]s(%[2]s) groups=%[1]s(%[2]s)\n", id, user)
	}
	return 0
}

func accountID(p *Process, user string) string {
	text, err := readAll(p.Files, "/etc/passwd", maxScript)
	if err == nil {
		for line := range strings.SplitSeq(text, "\n") {
			if fields := strings.Split(line, ":"); len(fields) > 2 && fields[0] == user {
				return fields[2]
			}
		}
	}
	if user == "root" {
		return "0"
	}
	return ""
}

func sequence(ctx context.Context, p *Process) int {
	numbers := []int{1, 1, 1}
	args := p.Args[1:]
	for i, text := range args {
		number, err := strconv.Atoi(text)
		if err != nil || len(args) > 3 {
			return p.fail(1, "invalid argument '%s'", text)
		}
		args := len(args)
		switch {
		case args == 1:
			numbers[2] = number
		case args == 2 && i == 1:
			numbers[2] = number
		default:
			numbers[i] = number
		}
	}
	if len(args) == 0 || numbers[1] == 0 {
		return p.fail(1, "missing operand")
	}
	for n := numbers[0]; (numbers[1] > 0) == (n <= numbers[2]) || n == numbers[2]; n += numbers[1] {
		if _, err := fmt.Fprintln(p.Stdout, n); err != nil || ctx.Err() != nil {
			return 1
		}
	}
	return 0
}
