// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/packages"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

const rule = "================================================================================"

// yum is one invocation of the package manager of CentOS and RHEL.
type yum struct {
	g   *guest
	p   *shell.Process
	set packages.Set
	yes bool
}

// yum implements "yum [-y] [-q] COMMAND [PACKAGE...]".
func (g *guest) yum(ctx context.Context, p *shell.Process) int {
	y := &yum{g: g, p: p}
	var words []string
	for i := 1; i < len(p.Args); i++ {
		switch option := p.Args[i]; {
		case option == "-y" || option == "--assumeyes":
			y.yes = true
		case option == "-q" || option == "-v" || option == "-C" || option == "--quiet" || option == "--verbose" || option == "--nogpgcheck" ||
			strings.HasPrefix(option, "--enablerepo=") || strings.HasPrefix(option, "--disablerepo=") || strings.HasPrefix(option, "--setopt=") ||
			strings.HasPrefix(option, "--exclude="):
		case option == "-d" || option == "-e" || option == "-c" || option == "-x" || option == "-R":
			i++
		case strings.HasPrefix(option, "-"):
			fmt.Fprintf(p.Stderr, "Usage: yum [options] COMMAND\n\nCommand line error: no such option: %s\n", option)
			return 1
		default:
			words = append(words, option)
		}
	}
	if len(words) == 0 {
		fmt.Fprintln(p.Stderr, "You need to give some command")
		return 1
	}
	changes := []string{"install", "remove", "erase", "update", "upgrade", "reinstall", "groupinstall", "localinstall"}
	if slices.Contains(changes, words[0]) {
		if p.User != "root" {
			fmt.Fprintln(p.Stdout, "Loaded plugins: fastestmirror\nYou need to be root to perform this command.")
			return 1
		}
		g.packagesMu.Lock()
		defer g.packagesMu.Unlock()
	}
	y.set = g.packages()
	fmt.Fprintln(p.Stdout, "Loaded plugins: fastestmirror")
	return y.command(ctx, words[0], words[1:])
}

func (y *yum) command(ctx context.Context, command string, names []string) int {
	needs := command == "install" || command == "remove" || command == "erase" || command == "reinstall" || command == "search"
	if needs && len(names) == 0 {
		fmt.Fprintf(y.p.Stderr, "Error: Need to pass a list of pkgs to %s\n", command)
		return 1
	}
	switch command {
	case "install":
		return y.install(names)
	case "remove", "erase":
		return y.remove(ctx, names)
	case "update", "upgrade":
		return y.update(names)
	case "check-update", "clean", "makecache", "repolist":
		return 0
	case "list":
		return y.list(names)
	case "info":
		return y.info(names)
	case "search":
		return y.search(names)
	case "reinstall", "groupinstall", "localinstall":
		fmt.Fprintf(y.p.Stderr, "Error: a simulated server's yum does not support %s\n", command)
		return 1
	}
	fmt.Fprintf(y.p.Stderr, "No such command: %s. Please use /usr/bin/yum --help\n", command)
	return 1
}

func (y *yum) install(names []string) int {
	fmt.Fprintln(y.p.Stdout, "Setting up Install Process")
	var wanted []string
	installed := 0
	for _, name := range names {
		p, found := y.set.Find(withoutArch(name))
		switch {
		case !found:
			fmt.Fprintf(y.p.Stdout, "No package %s available.\n", name)
		case y.set.Has(p.Name):
			installed++
			fmt.Fprintf(y.p.Stdout, "Package %s already installed and latest version\n", fullName(p))
		default:
			wanted = append(wanted, p.Name)
		}
	}
	if len(wanted) == 0 && installed == 0 {
		fmt.Fprintln(y.p.Stderr, "Error: Nothing to do")
		return 1
	}
	if len(wanted) == 0 {
		fmt.Fprintln(y.p.Stdout, "Nothing to do")
		return 0
	}
	chosen := y.set.Closure(wanted)
	y.plan("Installing", "installed", "Install", wanted, chosen)
	if !y.agreed() {
		return 1
	}
	fmt.Fprintln(y.p.Stdout, "Downloading Packages:\nRunning rpm_check_debug\nRunning Transaction Test\nTransaction Test Succeeded\nRunning Transaction")
	if err := y.g.install(chosen); err != nil {
		fmt.Fprintf(y.p.Stderr, "Error: %v\n", err)
		return 1
	}
	y.done("Installing", "Installed", wanted, chosen)
	return 0
}

func (y *yum) remove(ctx context.Context, names []string) int {
	fmt.Fprintln(y.p.Stdout, "Setting up Remove Process")
	var wanted []string
	for _, name := range names {
		if p, found := y.set.Find(withoutArch(name)); found && y.set.Has(p.Name) {
			wanted = append(wanted, p.Name)
			continue
		}
		fmt.Fprintf(y.p.Stdout, "No Match for argument: %s\n", name)
	}
	if len(wanted) == 0 {
		fmt.Fprintln(y.p.Stdout, "No Packages marked for removal")
		return 0
	}
	chosen := y.set.Dependents(wanted)
	if kept := protected(chosen); kept != "" {
		fmt.Fprintf(y.p.Stderr, "Error: Trying to remove \"%s\", which is protected\n", kept)
		return 1
	}
	y.plan("Removing", "erased", "Remove", wanted, chosen)
	if !y.agreed() {
		return 1
	}
	if err := y.g.uninstall(ctx, chosen, func(name string) string { return name + ".rpmsave" }); err != nil {
		fmt.Fprintf(y.p.Stderr, "Error: %v\n", err)
		return 1
	}
	y.done("Erasing", "Removed", wanted, chosen)
	return 0
}

// protected returns the name of the first chosen package that must not be
// removed, or "".
func protected(chosen []packages.Package) string {
	for _, p := range chosen {
		if slices.Contains([]string{"bash", "coreutils", "openssh-server", "initscripts"}, p.Name) {
			return p.Name
		}
	}
	return ""
}

func (y *yum) agreed() bool {
	if y.yes {
		return true
	}
	if confirmed(y.p, "Is this ok [y/N]: ", false) {
		return true
	}
	fmt.Fprintln(y.p.Stdout, "Exiting on user Command")
	return false
}

// plan prints the packages that yum is going to change.
func (y *yum) plan(title, verb, total string, wanted []string, chosen []packages.Package) {
	out := y.p.Stdout
	fmt.Fprintln(out, "Resolving Dependencies\n--> Running transaction check")
	for _, p := range chosen {
		fmt.Fprintf(out, "---> Package %s.%s 0:%s will be %s\n", p.Name, architecture, release(p), verb)
	}
	fmt.Fprintf(out, "--> Finished Dependency Resolution\n\nDependencies Resolved\n\n%s\n %-15s %-10s %-22s %-15s\n%[1]s\n", rule, "Package", "Arch", "Version", "Repository")
	for _, group := range []struct {
		title string
		named bool
	}{{title + ":", true}, {title + " for dependencies:", false}} {
		if !slices.ContainsFunc(chosen, func(p packages.Package) bool { return slices.Contains(wanted, p.Name) == group.named }) {
			continue
		}
		fmt.Fprintln(out, group.title)
		for _, p := range chosen {
			if slices.Contains(wanted, p.Name) == group.named {
				fmt.Fprintf(out, " %-15s %-10s %-22s %-15s\n", p.Name, architecture, release(p), "base")
			}
		}
	}
	fmt.Fprintf(out, "\nTransaction Summary\n%s\n%-13s %d Package(s)\n\n", rule, total, len(chosen))
}

// done prints the packages that yum has changed.
func (y *yum) done(action, title string, wanted []string, chosen []packages.Package) {
	for i, p := range chosen {
		fmt.Fprintf(y.p.Stdout, "  %-10s : %-50s %d/%d\n", action, fullName(p), i+1, len(chosen))
	}
	fmt.Fprintf(y.p.Stdout, "\n%s:\n", title)
	for _, p := range chosen {
		if slices.Contains(wanted, p.Name) {
			fmt.Fprintf(y.p.Stdout, "  %s.%s 0:%s\n", p.Name, architecture, release(p))
		}
	}
	fmt.Fprintln(y.p.Stdout, "\nComplete!")
}

func (y *yum) update(names []string) int {
	fmt.Fprintln(y.p.Stdout, "Setting up Update Process")
	for _, name := range names {
		p, found := y.set.Find(withoutArch(name))
		switch {
		case !found:
			fmt.Fprintf(y.p.Stdout, "No Match for argument: %s\nNo package %[1]s available.\n", name)
		case !y.set.Has(p.Name):
			fmt.Fprintf(y.p.Stdout, "Package(s) %s available, but not installed.\n", name)
		}
	}
	fmt.Fprintln(y.p.Stdout, "No Packages marked for Update")
	return 0
}

func (y *yum) list(names []string) int {
	which := "all"
	if len(names) > 0 && slices.Contains([]string{"all", "installed", "available", "updates"}, names[0]) {
		which, names = names[0], names[1:]
	}
	any := false
	for _, group := range []struct {
		title     string
		installed bool
		shown     bool
	}{{"Installed Packages", true, which == "all" || which == "installed"}, {"Available Packages", false, which == "all" || which == "available"}} {
		titled := false
		for _, p := range y.set.All() {
			if !group.shown || y.set.Has(p.Name) != group.installed || !matches(names, p.Name) {
				continue
			}
			if !titled {
				fmt.Fprintln(y.p.Stdout, group.title)
				titled, any = true, true
			}
			repository := "base"
			if group.installed {
				repository = "@base"
			}
			fmt.Fprintf(y.p.Stdout, "%-39s %-30s %s\n", p.Name+"."+architecture, release(p), repository)
		}
	}
	if !any && (len(names) > 0 || which != "updates") {
		fmt.Fprintln(y.p.Stderr, "Error: No matching Packages to list")
		return 1
	}
	return 0
}

func (y *yum) info(names []string) int {
	shown := 0
	for _, p := range y.set.All() {
		if !matches(names, p.Name) {
			continue
		}
		title, repository := "Available Packages", "base"
		if y.set.Has(p.Name) {
			title, repository = "Installed Packages", "installed"
		}
		fmt.Fprintf(y.p.Stdout, "%s\nName        : %s\nArch        : %s\nVersion     : %s\nRelease     : 1.el6\nRepo        : %s\nSummary     : %s\n\n", title, p.Name, architecture, p.Version, repository, p.Summary)
		shown++
	}
	if shown == 0 {
		fmt.Fprintln(y.p.Stderr, "Error: No matching Packages to list")
		return 1
	}
	return 0
}

func (y *yum) search(words []string) int {
	shown := 0
	for _, p := range y.set.All() {
		if slices.ContainsFunc(words, func(word string) bool {
			return strings.Contains(strings.ToLower(p.Name+" "+p.Summary), strings.ToLower(word))
		}) {
			fmt.Fprintf(y.p.Stdout, "%s.%s : %s\n", p.Name, architecture, p.Summary)
			shown++
		}
	}
	if shown == 0 {
		fmt.Fprintln(y.p.Stdout, "Warning: No matches found for: "+strings.Join(words, " ")+"\nNo Matches found")
	}
	return 0
}

const architecture = "x86_64"

func release(p packages.Package) string  { return p.Version + "-1.el6" }
func fullName(p packages.Package) string { return p.Name + "-" + release(p) + "." + architecture }

func withoutArch(name string) string { return strings.TrimSuffix(name, "."+architecture) }

// matches reports whether a name matches one of the patterns, or there are no
// patterns.
func matches(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool {
		found, err := path.Match(withoutArch(pattern), name)
		return err == nil && found
	})
}

// rpm implements "rpm -q|-qa|-ql|-qi [PACKAGE...]" and "rpm -e PACKAGE...".
func (g *guest) rpm(ctx context.Context, p *shell.Process) int {
	letters, names := "", []string(nil)
	for _, arg := range p.Args[1:] {
		switch {
		case arg == "--query":
			letters += "q"
		case arg == "--erase":
			letters += "e"
		case arg == "--all":
			letters += "a"
		case arg == "--quiet" || arg == "--nosignature" || arg == "--nodigest":
		case strings.HasPrefix(arg, "--"):
			return p.Fail(1, "%s: unknown option", arg)
		case strings.HasPrefix(arg, "-"):
			letters += arg[1:]
		default:
			names = append(names, arg)
		}
	}
	if at := strings.Trim(letters, "qaliec"); at != "" && !strings.ContainsAny(letters, "UFV") {
		return p.Fail(1, "-%s: unknown option", at[:1])
	}
	set := g.packages()
	switch {
	case strings.ContainsAny(letters, "UFV"), strings.Contains(letters, "i") && !strings.Contains(letters, "q"):
		return p.Fail(1, "a simulated server can only install packages of its catalogue; use yum")
	case strings.Contains(letters, "e"):
		return g.rpmErase(ctx, p, set, names)
	case !strings.Contains(letters, "q"):
		return p.Fail(1, "no operation was given")
	case strings.Contains(letters, "a"):
		for _, each := range set.Installed() {
			if matches(names, each.Name) {
				fmt.Fprintln(p.Stdout, fullName(each))
			}
		}
		return 0
	case len(names) == 0:
		return p.Fail(1, "no arguments given for query")
	}
	code := 0
	for _, name := range names {
		found, known := set.Find(withoutArch(name))
		switch {
		case !known || !set.Has(found.Name):
			fmt.Fprintf(p.Stdout, "package %s is not installed\n", name)
			code++
		case strings.ContainsAny(letters, "lc"):
			fmt.Fprintln(p.Stdout, strings.Join(filesOf(found), "\n"))
		case strings.Contains(letters, "i"):
			fmt.Fprintf(p.Stdout, "Name        : %s\nVersion     : %s\nRelease     : 1.el6\nArchitecture: %s\nSummary     : %s\n", found.Name, found.Version, architecture, found.Summary)
		default:
			fmt.Fprintln(p.Stdout, fullName(found))
		}
	}
	return code
}

func (g *guest) rpmErase(ctx context.Context, p *shell.Process, set packages.Set, names []string) int {
	g.packagesMu.Lock()
	defer g.packagesMu.Unlock()
	if p.User != "root" {
		return p.Fail(1, "can't create transaction lock on /var/lib/rpm/.rpm.lock (Permission denied)")
	}
	for _, name := range names {
		if found, known := set.Find(withoutArch(name)); !known || !set.Has(found.Name) {
			fmt.Fprintf(p.Stderr, "error: package %s is not installed\n", name)
			return 1
		}
	}
	chosen := set.Dependents(names)
	for _, each := range chosen {
		if !slices.Contains(names, each.Name) {
			fmt.Fprintf(p.Stderr, "error: Failed dependencies:\n\t%s is needed by (installed) %s\n", strings.Join(names, " "), fullName(each))
			return 1
		}
	}
	if kept := protected(chosen); kept != "" {
		return p.Fail(1, "%s: servers need this package", kept)
	}
	if err := g.uninstall(ctx, chosen, func(name string) string { return name + ".rpmsave" }); err != nil {
		return p.Fail(1, "%v", err)
	}
	return 0
}

// chkconfig implements "chkconfig NAME on|off", "--add NAME", "--del NAME" and
// "--list".
func (g *guest) chkconfig(ctx context.Context, p *shell.Process) int {
	args := p.Args[1:]
	for len(args) > 1 && args[0] == "--level" {
		args = args[min(2, len(args)):]
	}
	if len(args) == 0 || args[0] == "--list" {
		enabled := g.device.read().Units
		for _, each := range g.packages().Installed() {
			if each.Service == nil || len(args) > 1 && args[1] != each.Service.Name {
				continue
			}
			state := "off"
			if slices.Contains(enabled, each.Service.Name) {
				state = "on"
			}
			fmt.Fprintf(p.Stdout, "%-15s\t0:off\t1:off\t2:%[2]s\t3:%[2]s\t4:%[2]s\t5:%[2]s\t6:off\n", each.Service.Name, state)
		}
		return 0
	}
	if (args[0] == "--add" || args[0] == "--del") && len(args) == 2 {
		args = []string{args[1], map[string]string{"--add": "", "--del": "off"}[args[0]]}
	}
	if _, err := g.unit(args[0]); err != nil {
		fmt.Fprintf(p.Stderr, "error reading information on service %s: No such file or directory\n", args[0])
		return 1
	}
	switch {
	case len(args) == 1:
		if !slices.Contains(g.device.read().Units, args[0]) {
			return 1
		}
		return 0
	case args[1] == "on":
		return g.control(ctx, p, "enable", args[0])
	case args[1] == "off":
		return g.control(ctx, p, "disable", args[0])
	case args[1] == "":
		return 0
	}
	return p.Fail(1, "usage: chkconfig NAME on|off, --add NAME, --del NAME or --list")
}
