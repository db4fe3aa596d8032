// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// unit is a service with the settings from its unit file.
type unit struct {
	name    string
	command string
	dir     string
	environ []string
	// A oneshot unit is complete when its command ends. If remainsActive is
	// set, the unit still counts as active afterwards.
	oneshot, remainsActive bool
	// The command of a forking unit ends as soon as the daemon accepts
	// connections. If the daemon cannot start, the command fails.
	forking bool
	// check is the command that checks the configuration; empty if the service
	// has no such command.
	check string
}

// unit reads a unit file. If the file does not exist, unit returns the service
// of an installed package.
func (g *guest) unit(name string) (unit, error) {
	u := unit{name: name, dir: "/"}
	text, err := readFile(g.disk, "/etc/systemd/system/"+name+".service")
	if daemon, known := g.packages().Service(name); known && errors.Is(err, fs.ErrNotExist) {
		u.command, u.check, u.forking = daemon.Command, daemon.Check, !daemon.Foreground
		return u, nil
	}
	if err != nil {
		return u, fmt.Errorf("Unit %s.service not found.", name) //nolint:staticcheck // systemctl uses these words
	}
	for line := range strings.SplitSeq(text, "\n") {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "ExecStart":
			u.command = value
		case "Type":
			u.oneshot, u.forking = value == "oneshot", value == "forking"
		case "RemainAfterExit":
			u.remainsActive = value == "yes" || value == "true"
		case "WorkingDirectory":
			u.dir = value
		case "Environment":
			u.environ = append(u.environ, strings.Trim(value, `"`))
		}
	}
	if u.command == "" {
		return u, fmt.Errorf("Unit %s.service has no ExecStart= setting. Refusing.", name) //nolint:staticcheck // systemctl uses these words
	}
	return u, nil
}

// running is a started unit: its command and all background processes of the
// command.
type running struct {
	unit

	system  *runningSystem
	ctx     context.Context //nolint:containedctx // ends when the unit is stopped
	stop    context.CancelFunc
	done    chan struct{} // closed when the command has ended
	allDone chan struct{} // closed when the last process has ended

	mu        sync.Mutex
	code      int    // exit code of the command, once it has ended
	live      int    // number of running processes: the command and its background jobs
	errorText string // the beginning of the command's standard error
}

type unitKey struct{}

// begin starts a unit that is not already active. It returns the running unit,
// or nil if the machine is going down.
func (g *guest) begin(sys *runningSystem, u unit) *running {
	last := sys.lastStart(u.name)
	if last != nil && last.active() {
		return last
	}
	sys.mu.Lock()
	defer sys.mu.Unlock()
	if sys.ctx.Err() != nil {
		return nil
	}
	if other := sys.units[u.name]; other != last { // another caller has started the unit
		return other
	}
	r := &running{unit: u, system: sys, done: make(chan struct{}), allDone: make(chan struct{}), live: 1}
	r.ctx, r.stop = context.WithCancel(context.WithValue(sys.ctx, unitKey{}, r))
	sys.units[u.name] = r
	sys.running.Go(func() { r.run(g) })
	return r
}

func (r *running) run(g *guest) {
	log := &logWriter{g: g}
	problems := &errorHead{Writer: log}
	sh := g.shell("root")
	sh.Lifetime = r
	code, err := sh.Run(r.ctx, shell.Script{
		Text: r.command, Dir: r.dir, Environ: r.environ, Stdin: strings.NewReader(""), Stdout: log, Stderr: problems,
	})
	if err == nil && code != 0 {
		g.note(fmt.Sprintf("%s ended with code %d", r.name, code))
	}
	r.mu.Lock()
	r.code, r.errorText = code, problems.text()
	r.mu.Unlock()
	r.processEnded()
	close(r.done)
}

// maxErrorText is the maximum number of bytes of a daemon's standard error that
// "service" prints.
const maxErrorText = 4 << 10

// errorHead forwards all text and keeps a copy of the beginning.
type errorHead struct {
	io.Writer

	mu   sync.Mutex
	kept []byte
}

// Write forwards p, and copies it until maxErrorText bytes are kept.
func (s *errorHead) Write(p []byte) (int, error) {
	s.mu.Lock()
	s.kept = append(s.kept, p[:min(len(p), maxErrorText-len(s.kept))]...)
	s.mu.Unlock()
	return s.Writer.Write(p)
}

func (s *errorHead) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.kept)
}

// Begin is like runningSystem.Begin, but also registers the background process
// with the unit.
func (r *running) Begin() (ctx context.Context, end func(), ok bool) {
	_, ended, ok := r.system.Begin()
	if !ok {
		return nil, nil, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil || r.live == 0 {
		ended()
		return nil, nil, false
	}
	r.live++
	return r.ctx, func() {
		r.processEnded()
		ended()
	}, true
}

func (r *running) processEnded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live--; r.live == 0 {
		close(r.allDone)
	}
}

// active reports whether a process of the unit is running, or the unit remains
// active because its command has succeeded.
func (r *running) active() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil {
		return false
	}
	return r.live > 0 || r.remainsActive && r.code == 0
}

// end stops the unit. It waits until all processes of the unit have ended, or
// ctx ends. The caller may be a process of the unit itself.
func (r *running) end(ctx context.Context) {
	r.mu.Lock() // Begin also locks mu, so no process can start during the stop
	r.stop()
	r.mu.Unlock()
	select {
	case <-r.allDone:
	case <-ctx.Done():
	}
}

// waitOrDaemonise is the last step of a program that runs a server. In the
// foreground it waits until the server or ctx ends. Otherwise it leaves the
// server running as a daemon. It returns the exit code of the program.
func waitOrDaemonise(ctx context.Context, foreground bool, ended <-chan struct{}, end func()) int {
	if !foreground {
		daemonise(ctx, ended, end)
		return 0
	}
	select {
	case <-ended:
	case <-ctx.Done():
		end()
		<-ended
	}
	return 0
}

// daemonise registers a running server with the unit whose command started the
// server.
func daemonise(ctx context.Context, ended <-chan struct{}, end func()) {
	r, ok := ctx.Value(unitKey{}).(*running)
	if !ok {
		return
	}
	over, leave, ok := r.Begin()
	if !ok {
		end()
		return
	}
	stop := context.AfterFunc(over, end) //nolint:contextcheck // the daemon outlives its command
	r.system.running.Go(func() {
		defer leave()
		defer stop()
		<-ended
	})
}
