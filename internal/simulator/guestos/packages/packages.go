// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package packages holds the software that simulated servers can install: a
// small catalogue for each family of Linux distributions.
package packages

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Family is a group of distributions with the same package manager.
type Family string

// The supported families.
const (
	RedHat Family = "redhat" // CentOS and RHEL: yum and rpm
	Debian Family = "debian" // Debian and Ubuntu: apt-get and dpkg
)

// FamilyOf returns the family of an operating system, such as
// "CentOS 6.2 (64-bit)".
func FamilyOf(system string) Family {
	name := strings.ToLower(system)
	for _, word := range []string{"centos", "rhel", "red hat"} {
		if strings.Contains(name, word) {
			return RedHat
		}
	}
	return Debian
}

// Package is one package of a family.
type Package struct {
	Name    string
	Version string
	Summary string
	// Base reports whether every base image contains the package.
	Base bool
	// Requires names the packages that must also be installed.
	Requires []string
	// Programs names the commands of the package. Without the package, a shell
	// does not find these commands.
	Programs []string
	// Folders and Files are created on the disk. Existing files are kept.
	Folders []string
	Files   map[string]string
	// Service describes the daemon, if the package has one.
	Service *Service
}

// Service is the daemon of a package.
type Service struct {
	Name string
	// Command starts the daemon. It returns as soon as the daemon accepts
	// connections, unless Foreground is set.
	Command    string
	Foreground bool
	// Check is the command that checks the configuration before a reload; empty
	// if the daemon has no such command.
	Check string
}

// catalogue holds the packages of a family, and maps each program to the
// packages that contain it.
type catalogue struct {
	packages map[string]Package
	owners   map[string][]string
}

var catalogues = map[Family]func() catalogue{
	RedHat: sync.OnceValue(func() catalogue { return newCatalogue(RedHat) }),
	Debian: sync.OnceValue(func() catalogue { return newCatalogue(Debian) }),
}

func newCatalogue(family Family) catalogue {
	c := catalogue{map[string]Package{}, map[string][]string{}}
	for _, p := range append(common(), familyPackages(family)...) {
		c.packages[p.Name] = p
		for _, program := range p.Programs {
			c.owners[program] = append(c.owners[program], p.Name)
		}
	}
	return c
}

// Set is the set of a guest's packages.
type Set struct {
	Family  Family
	all     map[string]Package // shared by all sets of the family
	owners  map[string][]string
	changes map[string]bool
}

// NewSet returns the packages of a guest: the packages of the base image, plus
// later installations (true in changes), minus later removals (false).
func NewSet(family Family, changes map[string]bool) Set {
	c := catalogues[family]()
	return Set{family, c.packages, c.owners, changes}
}

// Find returns the package of the catalogue with the given name.
func (s Set) Find(name string) (Package, bool) {
	p, found := s.all[name]
	return p, found
}

// Has reports whether a package is installed.
func (s Set) Has(name string) bool {
	if installed, changed := s.changes[name]; changed {
		_, found := s.all[name]
		return installed && found
	}
	return s.all[name].Base
}

// All returns the catalogue in order of name.
func (s Set) All() []Package {
	return slices.SortedFunc(maps.Values(s.all), func(a, b Package) int { return cmp.Compare(a.Name, b.Name) })
}

// Installed returns the installed packages in order of name.
func (s Set) Installed() []Package {
	return slices.DeleteFunc(s.All(), func(p Package) bool { return !s.Has(p.Name) })
}

// HasProgram reports whether a program is available. A program that belongs to no
// package is always available.
func (s Set) HasProgram(program string) bool {
	if manager, found := managers[program]; found {
		return manager == s.Family
	}
	owners, owned := s.owners[program]
	if owned {
		return slices.ContainsFunc(owners, s.Has)
	}
	for family, other := range catalogues {
		if _, theirs := other().owners[program]; theirs && family != s.Family {
			return false
		}
	}
	return true
}

// managers maps each program of a package manager to the only family that has
// the program.
var managers = map[string]Family{
	"yum": RedHat, "rpm": RedHat, "chkconfig": RedHat,
	"apt-get": Debian, "apt": Debian, "apt-cache": Debian, "dpkg": Debian, "dpkg-query": Debian, "update-rc.d": Debian,
}

// Service returns the daemon with the given name, if an installed package has
// such a daemon.
func (s Set) Service(name string) (Service, bool) {
	var found Service
	ok := false
	for _, p := range s.Installed() {
		if p.Service != nil && p.Service.Name == name && (!ok || !p.Base) {
			found, ok = *p.Service, true
		}
	}
	return found, ok
}

// Closure returns the named packages and all packages that they require, except
// those that are already installed. Each package follows the packages that it
// requires.
func (s Set) Closure(names []string) []Package {
	var missing []Package
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		p, found := s.all[name]
		if !found || seen[name] || s.Has(name) {
			return
		}
		seen[name] = true
		for _, required := range p.Requires {
			visit(required)
		}
		missing = append(missing, p)
	}
	for _, name := range names {
		visit(name)
	}
	return missing
}

// Dependents returns those of the named packages that are installed, and all
// installed packages that require them. Each package precedes the packages that
// it requires.
func (s Set) Dependents(names []string) []Package {
	var found []Package
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] || !s.Has(name) {
			return
		}
		seen[name] = true
		for _, p := range s.Installed() {
			if slices.Contains(p.Requires, name) {
				visit(p.Name)
			}
		}
		found = append(found, s.all[name])
	}
	for _, name := range names {
		visit(name)
	}
	return found
}
