// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guests

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guests/shell"
)

// unit is a service, as its file describes it.
type unit struct {
	name    string
	command string
	dir     string
	environ []string
	// oneshot is done when its command has ended, and waited for; remains tells
	// that it counts as active after that.
	oneshot, remains bool
	// forking is the daemon of a package: its command ends when it serves, or with
	// a code when it cannot.
	forking bool
	// check reports problems of the configuration; empty: there is no such command.
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
			u.remains = value == "yes" || value == "true"
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

	life *life
	ctx  context.Context //nolint:containedctx // ends when it is stopped
	stop context.CancelFunc
	done chan struct{} // closed when the command has ended
	over chan struct{} // closed when nothing of it is left

	mu   sync.Mutex
	code int    // of the command, once that has ended
	live int    // its command, and what that has left
	said string // the beginning of what its command wrote to the standard error
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
	r := &running{unit: u, life: l, done: make(chan struct{}), over: make(chan struct{}), live: 1}
	r.ctx, r.stop = context.WithCancel(context.WithValue(l.ctx, unitKey{}, r))
	l.units[u.name] = r
	l.running.Go(func() { r.run(g) })
	return r
}

func (r *running) run(g *guest) {
	log := &logWriter{g: g}
	problems := &said{Writer: log}
	sh := g.shell("root")
	sh.Life = r
	code, err := sh.Run(r.ctx, shell.Script{
		Text: r.command, Dir: r.dir, Environ: r.environ, Stdin: strings.NewReader(""), Stdout: log, Stderr: problems,
	})
	if err == nil && code != 0 {
		g.note(fmt.Sprintf("%s ended with code %d", r.name, code))
	}
	r.mu.Lock()
	r.code, r.said = code, problems.text()
	r.mu.Unlock()
	r.leave()
	close(r.done)
}

// mostSaid is how much of a daemon's complaints its starter repeats, in bytes.
const mostSaid = 4 << 10

// said keeps the beginning of what is written.
type said struct {
	io.Writer

	mu   sync.Mutex
	kept []byte
}

// Write passes the text on.
func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	s.kept = append(s.kept, p[:min(len(p), mostSaid-len(s.kept))]...)
	s.mu.Unlock()
	return s.Writer.Write(p)
}

func (s *said) text() string {
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
		r.leave()
		ended()
	}, true
}

func (r *running) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live--; r.live == 0 {
		close(r.over)
	}
}

// active tells whether anything of it runs, or it is one that remains.
func (r *running) active() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil {
		return false
	}
	return r.live > 0 || r.remains && r.code == 0
}

// end stops it and waits until nothing of it is left, or who asks is gone,
// which may be a part of it.
func (r *running) end(ctx context.Context) {
	r.mu.Lock() // so that nothing begins any more
	r.stop()
	r.mu.Unlock()
	select {
	case <-r.over:
	case <-ctx.Done():
	}
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
