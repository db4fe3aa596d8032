// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"bufio"
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

var accountName = regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,31}$`)

const firstUserID = 1000

// useradd creates an account without a password.
func (g *guest) useradd(_ context.Context, p *shell.Process) int {
	name, home := "", ""
	for i := 1; i < len(p.Args); i++ {
		switch arg := p.Args[i]; {
		case arg == "-m" || arg == "-M" || arg == "-r" || arg == "-N":
		case strings.Contains(" -d -s -g -G -c -u -p ", " "+arg+" ") && i+1 < len(p.Args):
			if arg == "-d" {
				home = p.Args[i+1]
			}
			i++
		case strings.HasPrefix(arg, "-"):
			return p.Fail(2, "invalid option %s", arg)
		default:
			name = arg
		}
	}
	g.accountsMu.Lock()
	defer g.accountsMu.Unlock()
	record := g.device.read()
	switch _, exists := record.Accounts[name]; {
	case !accountName.MatchString(name):
		return p.Fail(3, "invalid user name '%s'", name)
	case exists:
		return p.Fail(9, "user '%s' already exists", name)
	}
	if home == "" {
		home = "/home/" + name
	}
	text, err := readFile(g.disk, "/etc/passwd")
	if err == nil {
		id := firstUserID + len(record.Accounts) - 1
		text += fmt.Sprintf("%[1]s:x:%[2]d:%[2]d::%[3]s:/bin/sh\n", name, id, home)
		err = replaceFile(g.disk, "/etc/passwd", text, 0o644)
	}
	if err == nil {
		err = g.disk.MkdirAll(home, 0o755)
	}
	if err != nil {
		return p.Fail(1, "%v", err)
	}
	return g.changeDevice(p, func(r *deviceRecord) { r.Accounts[name] = account{Home: path.Clean(home)} })
}

func (g *guest) userdel(_ context.Context, p *shell.Process) int {
	name := p.Args[len(p.Args)-1]
	g.accountsMu.Lock()
	defer g.accountsMu.Unlock()
	if _, exists := g.device.read().Accounts[name]; !exists || name == "root" {
		return p.Fail(6, "user '%s' does not exist or cannot be deleted", name)
	}
	text, err := readFile(g.disk, "/etc/passwd")
	if err == nil {
		var kept []string
		for line := range strings.SplitSeq(text, "\n") {
			if !strings.HasPrefix(line, name+":") {
				kept = append(kept, line)
			}
		}
		err = replaceFile(g.disk, "/etc/passwd", strings.Join(kept, "\n"), 0o644)
	}
	if err != nil {
		return p.Fail(1, "%v", err)
	}
	return g.changeDevice(p, func(r *deviceRecord) { delete(r.Accounts, name) })
}

// passwd always reads the password from standard input, as with --stdin,
// because it cannot prompt on a terminal.
func (g *guest) passwd(_ context.Context, p *shell.Process) int {
	name := p.User
	for _, arg := range p.Args[1:] {
		switch {
		case arg == "--stdin":
		case strings.HasPrefix(arg, "-"):
			return p.Fail(2, "invalid option %s; the password is read from the standard input", arg)
		default:
			name = arg
		}
	}
	scanner := bufio.NewScanner(p.Stdin)
	scanner.Scan()
	return g.setPassword(p, name, scanner.Text())
}

// chpasswd reads lines of the form "account:password".
func (g *guest) chpasswd(_ context.Context, p *shell.Process) int {
	scanner := bufio.NewScanner(p.Stdin)
	for scanner.Scan() {
		name, password, found := strings.Cut(scanner.Text(), ":")
		if !found {
			return p.Fail(1, "every line must have the form account:password")
		}
		if code := g.setPassword(p, name, password); code != 0 {
			return code
		}
	}
	return 0
}

func (g *guest) setPassword(p *shell.Process, name, password string) int {
	if _, exists := g.device.read().Accounts[name]; !exists {
		return p.Fail(1, "unknown user name '%s'", name)
	}
	if password == "" {
		return p.Fail(1, "no password was given")
	}
	return g.changeDevice(p, func(r *deviceRecord) {
		a := r.Accounts[name]
		a.Password = password
		r.Accounts[name] = a
	})
}
