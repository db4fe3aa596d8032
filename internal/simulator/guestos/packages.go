// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/packages"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// packages returns the guest's current packages.
func (g *guest) packages() packages.Set {
	return packages.NewSet(packages.FamilyOf(g.server().OS), g.device.packages())
}

// hasProgram reports whether a program is available on the guest.
func (g *guest) hasProgram(program string) bool { return g.packages().HasProgram(program) }

// install writes the files of packages to the disk. It keeps existing files.
func (g *guest) install(chosen []packages.Package) error {
	for _, p := range chosen {
		for _, folder := range p.Folders {
			if err := g.disk.MkdirAll(folder, 0o755); err != nil {
				return err
			}
		}
		for name, text := range p.Files {
			if err := g.addFile(name, text, 0o644); err != nil {
				return err
			}
		}
		if p.Service != nil {
			script := fmt.Sprintf("#!/bin/sh\n# Controls the service %[1]s.\nexec service %[1]s \"$@\"\n", p.Service.Name)
			if err := g.addFile("/etc/init.d/"+p.Service.Name, script, 0o755); err != nil {
				return err
			}
		}
		if err := g.record(p.Name, true); err != nil {
			return err
		}
	}
	return nil
}

func (g *guest) addFile(name, text string, mode fs.FileMode) error {
	if _, err := g.disk.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return writeFile(g.disk, name, text, mode)
}

// record stores whether a package was installed or removed.
func (g *guest) record(name string, installed bool) error {
	return g.device.change(func(r *deviceRecord) {
		if r.Packages == nil {
			r.Packages = map[string]bool{}
		}
		r.Packages[name] = installed
	})
}

// uninstall stops the services of packages and removes the packages. If a file
// was changed, uninstall renames it to the name that kept returns.
func (g *guest) uninstall(ctx context.Context, chosen []packages.Package, kept func(name string) string) error {
	for _, p := range chosen {
		if p.Service != nil {
			if sys := g.current(); sys != nil {
				sys.stopUnit(ctx, p.Service.Name)
			}
			name := p.Service.Name
			if err := g.device.change(func(r *deviceRecord) {
				r.Units = slices.DeleteFunc(r.Units, func(u string) bool { return u == name })
			}); err != nil {
				return err
			}
			if err := g.disk.Remove("/etc/init.d/" + name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		for name, text := range p.Files {
			if err := g.removeFile(name, text, kept); err != nil {
				return err
			}
		}
		if err := g.record(p.Name, false); err != nil {
			return err
		}
	}
	return nil
}

func (g *guest) removeFile(name, text string, kept func(name string) string) error {
	found, err := readFile(g.disk, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case found == text:
		return g.disk.Remove(name)
	case kept(name) != name:
		return g.disk.Rename(name, kept(name))
	}
	return nil
}

// filesOf returns the paths of a package's files and folders, in order of name.
func filesOf(p packages.Package) []string {
	all := slices.Clone(p.Folders)
	for name := range p.Files {
		all = append(all, name)
	}
	for _, program := range p.Programs {
		all = append(all, "/usr/bin/"+program)
	}
	if p.Service != nil {
		all = append(all, "/etc/init.d/"+p.Service.Name)
	}
	slices.Sort(all)
	return all
}

// confirmed prints a prompt and reports whether the answer on standard input is
// yes. For an empty line, confirmed returns standard.
func confirmed(p *shell.Process, prompt string, standard bool) bool {
	fmt.Fprint(p.Stdout, prompt)
	var line []byte
	for one := make([]byte, 1); len(line) < 100; {
		n, err := p.Stdin.Read(one)
		if n == 1 && one[0] == '\n' {
			if len(strings.TrimSpace(string(line))) == 0 {
				return standard
			}
			break
		}
		line = append(line, one[:n]...)
		if err != nil {
			break
		}
	}
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(string(line))), "y")
}

// managerName returns the name by which a package manager was called.
func managerName(p *shell.Process) string { return path.Base(p.Args[0]) }
