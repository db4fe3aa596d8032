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

// run is a running command of the engine, in its own process group as in a
// terminal.
type run struct {
	t       testing.TB
	grid    *grid
	command *exec.Cmd
	printed *transcript
	ended   chan struct{} // closed when the engine has ended
	killed  bool
}

// start starts a command of the engine. At the end of the test, the remaining
// processes of the command are killed.
func (s *scenario) start(args ...string) *run {
	s.t.Helper()
	return s.begin(s.workspace.Command(s.t.Context(), args...))
}

// begin starts any command in the way that start does.
func (s *scenario) begin(command *exec.Cmd) *run {
	s.t.Helper()
	r := &run{t: s.t, grid: s.grid, command: command, printed: &transcript{}, ended: make(chan struct{})}
	r.command.Stdout, r.command.Stderr = r.printed, r.printed
	r.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.command.Start(); err != nil {
		s.t.Fatalf("start %s: %v", command.Path, err)
	}
	go func() {
		_ = r.command.Wait() // the test checks the exit code
		close(r.ended)
	}()
	s.t.Cleanup(r.cleanUp)
	return r
}

// cleanUp kills the remaining processes: the engine if the test failed early,
// or the provider of a killed engine.
func (r *run) cleanUp() {
	if r.killed || !r.hasEnded() {
		_ = syscall.Kill(-r.pid(), syscall.SIGKILL) // fails only if all processes of the group have ended
		<-r.ended
	}
}

func (r *run) pid() int { return r.command.Process.Pid }

// end waits until the engine has ended. It returns the output and the exit
// code, or -1 if the engine was killed.
func (r *run) end() (string, int) {
	r.t.Helper()
	r.grid.waitFor("the engine to end", r.hasEnded)
	return r.printed.String(), r.command.ProcessState.ExitCode()
}

// endAtOnce is like end, but does not advance the grid's clock, so that running
// jobs do not finish meanwhile. The engine must end without waiting for a job.
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

// killEngine kills only the engine, with SIGKILL. Then it waits until the
// provider has ended by itself.
func (r *run) killEngine() {
	r.t.Helper()
	providers := children(r.t, r.pid())
	r.killed = r.command.Process.Kill() == nil // false if the engine has ended
	<-r.ended
	waitFor(r.t, "the provider to end", func() bool { return !slices.ContainsFunc(providers, alive) })
	r.killed = false // cleanUp must not use the process id, which the system may reuse
}

// alive reports whether a process exists and is not a zombie.
func alive(pid int) bool {
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		_, state, _ := strings.Cut(string(stat), ") ")
		return !strings.HasPrefix(state, "Z")
	}
	return syscall.Kill(pid, 0) == nil
}

// killProvider kills the provider processes of the engine with SIGKILL. It
// reports whether the engine had any.
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

// interrupt sends the signal of Ctrl-C to the whole process group.
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

// children returns the ids of the child processes of parent, without zombies.
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
			continue // the process has ended
		}
		// The second field is the program's name in parentheses. The name may contain
		// spaces and parentheses.
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

// childrenByPS is like children, for systems without /proc.
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

// transcript is a buffer that a test can read while a command writes to it.
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
