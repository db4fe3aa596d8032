// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// run is an engine's command that is under way, in a process group of its own
// as a terminal gives it one.
type run struct {
	t       testing.TB
	grid    *grid
	command *exec.Cmd
	printed *transcript
	ended   chan struct{} // closed when the engine has ended
	killed  bool
}

// start starts an engine's command. What is left of its processes ends with
// the test.
func (s *scenario) start(args ...string) *run {
	s.t.Helper()
	return s.begin(s.workspace.Command(s.t.Context(), args...))
}

// begin starts a command the way start does.
func (s *scenario) begin(command *exec.Cmd) *run {
	s.t.Helper()
	r := &run{t: s.t, grid: s.grid, command: command, printed: &transcript{}, ended: make(chan struct{})}
	r.command.Stdout, r.command.Stderr = r.printed, r.printed
	r.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.command.Start(); err != nil {
		s.t.Fatalf("start %s: %v", command.Path, err)
	}
	go func() {
		_ = r.command.Wait() // the exit code is judged by the test
		close(r.ended)
	}()
	s.t.Cleanup(r.cleanUp)
	return r
}

// cleanUp ends what is left: an engine that a failed test did not wait for, or
// the provider of one that was killed.
func (r *run) cleanUp() {
	if r.killed || !r.hasEnded() {
		_ = syscall.Kill(-r.pid(), syscall.SIGKILL) // the last may end by itself meanwhile
		<-r.ended
	}
}

func (r *run) pid() int { return r.command.Process.Pid }

// end waits for the engine's end and returns what it printed and its exit
// code, -1 when it was killed.
func (r *run) end() (string, int) {
	r.t.Helper()
	r.grid.waitFor("the engine to end", r.hasEnded)
	return r.printed.String(), r.command.ProcessState.ExitCode()
}

// endAtOnce is end for an engine that waits for nothing on the grid, where what
// is under way must not come to its end meanwhile.
func (r *run) endAtOnce() (string, int) {
	r.t.Helper()
	waitFor(r.t, "the engine to end", r.hasEnded)
	return r.end()
}

func (r *run) hasEnded() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// killEngine kills the engine alone, as kill -9 does. Nobody would ever end its
// provider, so that ends by itself.
func (r *run) killEngine() {
	r.t.Helper()
	providers := children(r.t, r.pid())
	r.killed = r.command.Process.Kill() == nil // it may have ended
	<-r.ended
	waitFor(r.t, "the provider to end", func() bool { return !slices.ContainsFunc(providers, alive) })
	r.killed = false // nothing is left, and another process may get its id
}

// alive tells whether a process is there and not only waits to be reaped.
func alive(pid int) bool {
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		_, state, _ := strings.Cut(string(stat), ") ")
		return !strings.HasPrefix(state, "Z")
	}
	return syscall.Kill(pid, 0) == nil
}

// killProvider kills the engine's provider processes, as kill -9 does, and
// tells whether there were any.
func (r *run) killProvider() bool {
	r.t.Helper()
	providers := children(r.t, r.pid())
	for _, pid := range providers {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			r.t.Fatal(err)
		}
	}
	return len(providers) > 0
}

// interrupt presses Ctrl-C: the whole process group gets the signal.
func (r *run) interrupt() {
	r.t.Helper()
	if err := syscall.Kill(-r.pid(), syscall.SIGINT); err != nil {
		r.t.Fatal(err)
	}
}

// awaitPrinted waits until the engine has printed a text.
func (r *run) awaitPrinted(text string) {
	r.t.Helper()
	waitFor(r.t, "the engine to print "+strconv.Quote(text), func() bool {
		return strings.Contains(r.printed.String(), text)
	})
}

// children are the processes whose parent is the given one.
func children(t testing.TB, parent int) []int {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		return childrenByPS(t, parent)
	}
	var found []int
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// The second field is the program's name in brackets and may hold anything.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 2 || fields[0] == "Z" || fields[1] != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			found = append(found, pid)
		}
	}
	return found
}

// childrenByPS is children where there is no /proc.
func childrenByPS(t testing.TB, parent int) []int {
	t.Helper()
	table, err := exec.CommandContext(t.Context(), "ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		t.Fatalf("list processes: %v", err)
	}
	var found []int
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(fields[0]); err == nil {
			found = append(found, pid)
		}
	}
	return found
}

// transcript is a buffer that can be read while a command writes it.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *transcript) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(text)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
