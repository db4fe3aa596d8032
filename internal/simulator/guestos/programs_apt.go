// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/packages"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// aptFailed is the exit code that apt-get returns after an error.
const aptFailed = 100

// apt is one invocation of the package manager of Debian and Ubuntu.
type apt struct {
	g     *guest
	p     *shell.Process
	set   packages.Set
	yes   bool
	quiet int
	purge bool
}

// apt implements "apt-get [-y] [-q] COMMAND [PACKAGE...]".
func (g *guest) apt(ctx context.Context, p *shell.Process) int {
	a := &apt{g: g, p: p}
	var words []string
	for i := 1; i < len(p.Args); i++ {
		option := p.Args[i]
		switch {
		case option == "-y" || option == "--yes" || option == "--assume-yes" || option == "--force-yes":
			a.yes = true
		case option == "--purge":
			a.purge = true
		case option == "-o" || option == "-t" || option == "-c":
			i++
		case option == "--quiet" || option == "--no-install-recommends" || option == "--install-recommends" || option == "--fix-broken" ||
			option == "--fix-missing" || option == "--no-upgrade" || option == "--reinstall" || strings.HasPrefix(option, "--allow-") || option == "--auto-remove":
		case strings.HasPrefix(option, "--"):
			fmt.Fprintf(p.Stderr, "E: Command line option %s is not understood\n", option)
			return aptFailed
		case strings.HasPrefix(option, "-"):
			for _, letter := range option[1:] {
				switch letter {
				case 'y':
					a.yes = true
				case 'q':
					a.quiet++
				case 'f', 'm', 'u', '=', '0', '1', '2':
				default:
					fmt.Fprintf(p.Stderr, "E: Command line option '%c' [from %s] is not known.\n", letter, option)
					return aptFailed
				}
			}
		default:
			words = append(words, option)
		}
	}
	a.yes = a.yes || a.quiet > 1
	if len(words) == 0 {
		fmt.Fprintf(p.Stdout, "Usage: %s [options] command\n       %[1]s [options] install|remove pkg1 [pkg2 ...]\n", managerName(p))
		return 1
	}
	if slices.Contains([]string{"install", "remove", "purge", "update", "upgrade", "dist-upgrade", "autoremove", "clean", "autoclean"}, words[0]) {
		if p.User != "root" {
			fmt.Fprintln(p.Stderr, "E: Could not open lock file /var/lib/dpkg/lock - open (13: Permission denied)\nE: Unable to lock the administration directory (/var/lib/dpkg/), are you root?")
			return aptFailed
		}
		g.packagesMu.Lock()
		defer g.packagesMu.Unlock()
	}
	a.set = g.packages()
	switch words[0] {
	case "install":
		return a.install(ctx, words[1:])
	case "purge":
		a.purge = true
		return a.remove(ctx, words[1:])
	case "remove":
		return a.remove(ctx, words[1:])
	case "update":
		a.say("Reading package lists...")
		return 0
	case "upgrade", "dist-upgrade", "autoremove":
		a.say("Reading package lists...\nBuilding dependency tree...\nReading state information...")
		a.summary(0, 0)
		return 0
	case "clean", "autoclean", "check":
		return 0
	case "list", "search", "show", "policy":
		if managerName(p) == "apt" {
			return g.aptCache(ctx, p)
		}
	}
	fmt.Fprintf(p.Stderr, "E: Invalid operation %s\n", words[0])
	return aptFailed
}

func (a *apt) say(text string) {
	if a.quiet < 2 {
		fmt.Fprintln(a.p.Stdout, text)
	}
}

func (a *apt) summary(added, removed int) {
	a.say(fmt.Sprintf("0 upgraded, %d newly installed, %d to remove and 0 not upgraded.", added, removed))
}

// known reports whether the catalogue has all named packages. It prints an
// error for each unknown package.
func (a *apt) known(names []string) bool {
	ok := true
	for _, name := range names {
		if _, found := a.set.Find(name); !found {
			fmt.Fprintf(a.p.Stderr, "E: Unable to locate package %s\n", name)
			ok = false
		}
	}
	return ok
}

func (a *apt) install(ctx context.Context, names []string) int {
	a.say("Reading package lists...\nBuilding dependency tree...\nReading state information...")
	if !a.known(names) {
		return aptFailed
	}
	var wanted []string
	for _, name := range names {
		if a.set.Has(name) {
			a.say(name + " is already the newest version.")
		} else {
			wanted = append(wanted, name)
		}
	}
	chosen := a.set.Closure(wanted)
	if len(chosen) == 0 {
		a.summary(0, 0)
		return 0
	}
	var extra, all []string
	for _, p := range chosen {
		all = append(all, p.Name)
		if !slices.Contains(wanted, p.Name) {
			extra = append(extra, p.Name)
		}
	}
	if len(extra) > 0 {
		a.say("The following extra packages will be installed:\n  " + strings.Join(extra, " "))
	}
	a.say("The following NEW packages will be installed:\n  " + strings.Join(all, " "))
	a.summary(len(chosen), 0)
	if len(extra) > 0 && !a.agreed() {
		return 1
	}
	for _, p := range chosen {
		a.say("Selecting previously deselected package " + p.Name + ".\nUnpacking " + p.Name + " (from .../" + p.Name + "_" + p.Version + "_amd64.deb) ...")
	}
	if err := a.g.install(chosen); err != nil {
		fmt.Fprintf(a.p.Stderr, "E: %v\n", err)
		return aptFailed
	}
	for _, p := range chosen {
		a.say("Setting up " + p.Name + " (" + p.Version + ") ...")
		if p.Service != nil && !a.start(ctx, p) {
			return aptFailed
		}
	}
	return 0
}

// start enables and starts the service of a newly installed package, as Debian
// does.
func (a *apt) start(ctx context.Context, p packages.Package) bool {
	if code := a.g.control(ctx, a.p, "enable", p.Service.Name); code != 0 {
		return false
	}
	if code := a.g.control(ctx, a.p, "start", p.Service.Name); code != 0 {
		fmt.Fprintf(a.p.Stderr, "invoke-rc.d: initscript %s, action \"start\" failed.\ndpkg: error processing %s (--configure):\n"+
			" subprocess installed post-installation script returned error exit status %d\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n", p.Service.Name, p.Name, code)
		return false
	}
	return true
}

func (a *apt) agreed() bool {
	if a.yes || confirmed(a.p, "Do you want to continue [Y/n]? ", true) {
		return true
	}
	fmt.Fprintln(a.p.Stdout, "Abort.")
	return false
}

func (a *apt) remove(ctx context.Context, names []string) int {
	a.say("Reading package lists...\nBuilding dependency tree...\nReading state information...")
	if !a.known(names) {
		return aptFailed
	}
	for _, name := range names {
		if !a.set.Has(name) {
			a.say("Package " + name + " is not installed, so not removed")
		}
	}
	chosen := a.set.Dependents(names)
	if kept := protected(chosen); kept != "" {
		fmt.Fprintf(a.p.Stderr, "E: Removing essential system-critical packages is not permitted: %s\n", kept)
		return aptFailed
	}
	if len(chosen) == 0 {
		a.summary(0, 0)
		return 0
	}
	var all []string
	for _, p := range chosen {
		all = append(all, p.Name)
	}
	a.say("The following packages will be REMOVED:\n  " + strings.Join(all, " "))
	a.summary(0, len(chosen))
	if !a.agreed() {
		return 1
	}
	kept := func(name string) string { return name } // changed files keep their names until the package is purged
	if err := a.g.uninstall(ctx, chosen, kept); err != nil {
		fmt.Fprintf(a.p.Stderr, "E: %v\n", err)
		return aptFailed
	}
	for _, p := range chosen {
		a.say("Removing " + p.Name + " ...")
		if a.purge {
			for name := range p.Files {
				if strings.HasPrefix(name, "/etc/") {
					_ = a.g.disk.Remove(name) // it may be gone
				}
			}
		}
	}
	return 0
}

// aptCache implements "apt-cache search|show|policy NAME".
func (g *guest) aptCache(_ context.Context, p *shell.Process) int {
	set := g.packages()
	words := slices.DeleteFunc(slices.Clone(p.Args[1:]), func(arg string) bool { return strings.HasPrefix(arg, "-") })
	if len(words) == 0 {
		fmt.Fprintln(p.Stderr, "E: Invalid operation")
		return aptFailed
	}
	shown := 0
	for _, each := range set.All() {
		installed := "(none)"
		if set.Has(each.Name) {
			installed = each.Version
		}
		switch words[0] {
		case "search":
			if len(words) > 1 && !strings.Contains(each.Name+" "+each.Summary, words[1]) {
				continue
			}
			fmt.Fprintf(p.Stdout, "%s - %s\n", each.Name, each.Summary)
		case "show", "policy":
			if !slices.Contains(words[1:], each.Name) {
				continue
			}
			shown++
			if words[0] == "show" {
				fmt.Fprintf(p.Stdout, "Package: %s\nVersion: %s\nArchitecture: amd64\nDescription: %s\n\n", each.Name, each.Version, each.Summary)
			} else {
				fmt.Fprintf(p.Stdout, "%s:\n  Installed: %s\n  Candidate: %s\n", each.Name, installed, each.Version)
			}
		case "list":
			if matches(words[1:], each.Name) {
				fmt.Fprintf(p.Stdout, "%s %s amd64\n", each.Name, each.Version)
			}
		default:
			fmt.Fprintf(p.Stderr, "E: Invalid operation %s\n", words[0])
			return aptFailed
		}
	}
	if words[0] == "show" && shown == 0 {
		fmt.Fprintln(p.Stderr, "E: No packages found")
		return aptFailed
	}
	return 0
}

// dpkg implements "dpkg -l [PATTERN...]", "-s NAME", "-L NAME" and
// "--get-selections". dpkg-query also supports "-W".
func (g *guest) dpkg(_ context.Context, p *shell.Process) int {
	set := g.packages()
	action, names := "", []string(nil)
	for _, arg := range p.Args[1:] {
		if strings.HasPrefix(arg, "-") && action == "" {
			action = arg
		} else if !strings.HasPrefix(arg, "-") {
			names = append(names, arg)
		}
	}
	switch action {
	case "-l", "--list":
		return dpkgList(p, set, names)
	case "--get-selections":
		for _, each := range set.Installed() {
			fmt.Fprintf(p.Stdout, "%s\t\t\t\t\tinstall\n", each.Name)
		}
		return 0
	case "-s", "--status", "-L", "--listfiles", "-W", "--show":
	case "-i", "--install", "-r", "--remove", "-P", "--purge", "--unpack", "--configure":
		return p.Fail(2, "error: a simulated server can only install packages of its catalogue; use apt-get")
	default:
		return p.Fail(2, "error: unknown option %s", action)
	}
	if len(names) == 0 {
		return p.Fail(2, "error: %s needs at least one package name argument", action)
	}
	for _, name := range names {
		found, _ := set.Find(name)
		switch {
		case !set.Has(name) && action != "-s" && action != "--status":
			return p.Fail(1, "no packages found matching %s", name)
		case !set.Has(name):
			fmt.Fprintf(p.Stderr, "Package `%s' is not installed and no info is available.\nUse dpkg --info (= dpkg-deb --info) to examine archive files,\nand dpkg --contents (= dpkg-deb --contents) to list their contents.\n", name)
			return 1
		case action == "-L" || action == "--listfiles":
			fmt.Fprintln(p.Stdout, strings.Join(filesOf(found), "\n"))
		case action == "-W" || action == "--show":
			fmt.Fprintf(p.Stdout, "%s\t%s\n", found.Name, found.Version)
		default:
			fmt.Fprintf(p.Stdout, "Package: %s\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\nDescription: %s\n", found.Name, found.Version, found.Summary)
		}
	}
	return 0
}

func dpkgList(p *shell.Process, set packages.Set, names []string) int {
	fmt.Fprintln(p.Stdout, "Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n"+
		"|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n||/ Name           Version        Description\n+++-==============-==============-============================================")
	shown := 0
	for _, each := range set.Installed() {
		if matches(names, each.Name) {
			fmt.Fprintf(p.Stdout, "ii  %-14s %-14s %s\n", each.Name, each.Version, each.Summary)
			shown++
		}
	}
	if len(names) > 0 && shown == 0 {
		fmt.Fprintf(p.Stderr, "No packages found matching %s.\n", strings.Join(names, " "))
		return 1
	}
	return 0
}

// updateRC implements "update-rc.d NAME defaults|enable|disable|remove".
func (g *guest) updateRC(ctx context.Context, p *shell.Process) int {
	words := slices.DeleteFunc(slices.Clone(p.Args[1:]), func(arg string) bool { return strings.HasPrefix(arg, "-") })
	if len(words) < 2 {
		return p.Fail(1, "usage: update-rc.d NAME defaults|enable|disable|remove")
	}
	if _, err := g.unit(words[0]); err != nil && words[1] != "remove" {
		return p.Fail(1, "/etc/init.d/%s: file does not exist", words[0])
	}
	switch words[1] {
	case "defaults", "enable", "start":
		return g.control(ctx, p, "enable", words[0])
	case "disable", "remove":
		return g.changeDevice(p, func(r *deviceRecord) {
			r.Units = slices.DeleteFunc(r.Units, func(u string) bool { return u == words[0] })
		})
	}
	return p.Fail(1, "error: unknown action %s", words[1])
}
