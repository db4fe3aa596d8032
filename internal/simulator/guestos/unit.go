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

// unit is a service, as its file describes it.
type unit struct {
	name    string
	command string
	dir     string
	environ []string
	// oneshot is done when its command has ended, and waited for; remains tells
	// that it counts as active after that.
	oneshot, remainsActive bool
	// forking means that the command ends once the daemon serves, or with an
	// exit code if the daemon cannot serve.
	forking bool
	// check is the command that checks the configuration; empty if there is
	// none.
	check string
}

// unit reads a unit's file.
func (g *guest) unit(name string) (unit, error) {
	u := unit{name: name, dir: "/"}
	text, err := readFile(g.disk, "/etc/systemd/system/"+name+".service")
	if daemon, known := g.packages().Service(name); known && errors.Is(err, fs.ErrNotExist) {
		u.command, u.check, u.forking = daemon.Command, daemon.Check, !daemon.Foreground
		return u, nil
	}
	if err != nil {
		return u, fmt.Errorf("Unit %s.service not found.", name) //nolint:staticcheck // it is what systemctl says
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
		return u, fmt.Errorf("Unit %s.service has no ExecStart= setting. Refusing.", name) //nolint:staticcheck // likewise
	}
	return u, nil
}

// running is a unit that was started: its command, and all that this has left
// in the background.
type running struct {
	unit

	life    *life
	ctx     context.Context //nolint:containedctx // ends when it is stopped
	stop    context.CancelFunc
	done    chan struct{} // closed when the command has ended
	allDone chan struct{} // closed when nothing of it is left

	mu        sync.Mutex
	code      int    // exit code of the command, once it has ended
	live      int    // number of running processes: the command and its background jobs
	errorText string // the beginning of the command's standard error
}

type unitKey struct{}

// begin starts a unit in a boot; one that is active stays as it is. Nil means
// that the machine goes down.
func (g *guest) begin(l *life, u unit) *running {
	last := l.lastStart(u.name)
	if last != nil && last.active() {
		return last
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		return nil
	}
	if other := l.units[u.name]; other != last { // somebody was quicker
		return other
	}
	r := &running{unit: u, life: l, done: make(chan struct{}), allDone: make(chan struct{}), live: 1}
	r.ctx, r.stop = context.WithCancel(context.WithValue(l.ctx, unitKey{}, r))
	l.units[u.name] = r
	l.running.Go(func() { r.run(g) })
	return r
}

func (r *running) run(g *guest) {
	log := &logWriter{g: g}
	problems := &errorHead{Writer: log}
	sh := g.shell("root")
	sh.Life = r
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

// maxErrorText is how much of a daemon's standard error "service" prints, in bytes.
const maxErrorText = 4 << 10

// errorHead passes writes on and keeps the beginning of the text.
type errorHead struct {
	io.Writer

	mu   sync.Mutex
	kept []byte
}

// Write keeps the beginning of the text and passes all of it on.
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

// Begin counts what is in the background of the unit.
func (r *running) Begin() (ctx context.Context, end func(), ok bool) {
	_, ended, ok := r.life.Begin()
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

// active tells whether anything of it runs, or it is one that remains.
func (r *running) active() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil {
		return false
	}
	return r.live > 0 || r.remainsActive && r.code == 0
}

// end stops it and waits until nothing of it is left, or who asks is gone,
// which may be a part of it.
func (r *running) end(ctx context.Context) {
	r.mu.Lock() // so that nothing begins any more
	r.stop()
	r.mu.Unlock()
	select {
	case <-r.allDone:
	case <-ctx.Done():
	}
}

// waitOrDaemonise is the end of a program that serves: in the foreground the program ends
// with what it serves or with its context, else it leaves a daemon. It returns
// the exit code.
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

// daemonise lets what a command has begun to serve be a part of the unit that
// the command runs in.
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
	stop := context.AfterFunc(over, end) //nolint:contextcheck // it outlives its command
	r.life.running.Go(func() {
		defer leave()
		defer stop()
		<-ended
	})
}
