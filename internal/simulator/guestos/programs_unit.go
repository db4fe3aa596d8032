// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// Exit codes of systemctl.
const (
	unitFailed   = 1
	unitInactive = 3
	unitMissing  = 5
)

// systemctl starts and stops services, and enables services to start at boot.
func (g *guest) systemctl(ctx context.Context, p *shell.Process) int {
	args := slices.DeleteFunc(slices.Clone(p.Args[1:]), func(arg string) bool { return strings.HasPrefix(arg, "-") })
	if len(args) == 0 || args[0] == "daemon-reload" {
		return 0
	}
	for _, unit := range args[1:] {
		name := strings.TrimSuffix(unit, ".service")
		code := g.control(ctx, p, args[0], name)
		if code == 0 && args[0] == "enable" && slices.Contains(p.Args, "--now") {
			code = g.control(ctx, p, "start", name)
		}
		if code != 0 {
			return code
		}
	}
	return 0
}

// service implements "service NAME ACTION", the older form of systemctl.
func (g *guest) service(ctx context.Context, p *shell.Process) int {
	if len(p.Args) != 3 {
		return p.Fail(1, "usage: service NAME ACTION")
	}
	name := strings.TrimSuffix(p.Args[1], ".service")
	if _, err := g.unit(name); err != nil && name != "sshd" {
		return p.Fail(1, "%s: unrecognized service", name)
	}
	return g.control(ctx, p, p.Args[2], name)
}

// control runs an action of systemctl or service on a unit.
func (g *guest) control(ctx context.Context, p *shell.Process, action, name string) int {
	if name == "sshd" {
		return 0 // the SSH server always runs
	}
	sys := g.current()
	if sys == nil {
		return p.Fail(1, "the machine is going down")
	}
	u, err := g.unit(name)
	if err != nil {
		return p.Fail(unitMissing, "%v", err)
	}
	switch action {
	case "enable", "disable", "is-enabled":
		return g.enable(p, action, name)
	case "start":
		return g.startUnit(ctx, p, sys, u)
	case "stop":
		sys.stopUnit(ctx, name)
		return 0
	case "restart", "force-reload":
		sys.stopUnit(ctx, name)
		return g.startUnit(ctx, p, sys, u)
	case "condrestart", "try-restart":
		if !sys.isActive(name) {
			return 0
		}
		sys.stopUnit(ctx, name)
		return g.startUnit(ctx, p, sys, u)
	case "configtest":
		return g.checkUnit(ctx, p, u)
	case "reload":
		return g.reload(ctx, p, sys, u)
	case "status", "is-active":
		if !sys.isActive(name) {
			fmt.Fprintln(p.Stdout, "inactive")
			return unitInactive
		}
		fmt.Fprintln(p.Stdout, "active")
		return 0
	}
	return p.Fail(1, "Unknown operation %s.", action)
}

func (g *guest) enable(p *shell.Process, action, name string) int {
	enabled := slices.Contains(g.device.read().Units, name)
	switch {
	case action == "is-enabled" && enabled:
		fmt.Fprintln(p.Stdout, "enabled")
		return 0
	case action == "is-enabled":
		fmt.Fprintln(p.Stdout, "disabled")
		return 1
	case action == "enable" && !enabled:
		return g.changeDevice(p, func(r *deviceRecord) { r.Units = append(r.Units, name) })
	case action == "disable":
		return g.changeDevice(p, func(r *deviceRecord) {
			r.Units = slices.DeleteFunc(r.Units, func(u string) bool { return u == name })
		})
	}
	return 0
}

// startUnit starts a unit. If the unit is oneshot or forking, startUnit waits
// until its command ends.
func (g *guest) startUnit(ctx context.Context, p *shell.Process, sys *runningSystem, u unit) int {
	r := g.begin(sys, u)
	if r == nil {
		return p.Fail(1, "the machine is going down")
	}
	if !u.oneshot && !u.forking {
		return 0
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		return unitFailed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.code != 0 {
		_, _ = io.WriteString(p.Stderr, r.errorText) // fails only if the reader has closed its end
		return p.Fail(unitFailed, "Job for %s.service failed because the control process exited with error code.", u.name)
	}
	return 0
}

func (sys *runningSystem) lastStart(name string) *running {
	sys.mu.Lock()
	defer sys.mu.Unlock()
	return sys.units[name]
}

func (sys *runningSystem) isActive(name string) bool {
	r := sys.lastStart(name)
	return r != nil && r.active() || sys.hasDaemon(name)
}

func (sys *runningSystem) stopUnit(ctx context.Context, name string) {
	if r := sys.lastStart(name); r != nil {
		r.end(ctx)
	}
	sys.endDaemon(name)
}

// checkUnit runs the command that checks a daemon's configuration.
func (g *guest) checkUnit(ctx context.Context, p *shell.Process, u unit) int {
	if u.check == "" {
		return 0
	}
	code, _ := g.shell("root").Run(ctx, shell.Script{ // do not use the caller's context, which may have ended
		Text: u.check, Dir: u.dir, Stdin: strings.NewReader(""), Stdout: p.Stdout, Stderr: p.Stderr,
	})
	return code
}

// reload makes a daemon read its configuration again. If the new configuration
// is invalid, the daemon continues with the old configuration.
func (g *guest) reload(ctx context.Context, p *shell.Process, sys *runningSystem, u unit) int {
	if !sys.isActive(u.name) {
		return p.Fail(unitFailed, "%s.service is not active, cannot reload.", u.name)
	}
	if !u.forking || u.check == "" {
		return 0
	}
	if code := g.checkUnit(ctx, p, u); code != 0 {
		return code
	}
	sys.stopUnit(ctx, u.name)
	return g.startUnit(ctx, p, sys, u)
}
