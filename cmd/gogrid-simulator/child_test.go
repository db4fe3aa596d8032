// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// roleVariable is the environment variable that gives a copy of the test binary
// a role: the program itself, or the command of "gogrid-simulator run". Without
// the variable the binary runs the tests.
const roleVariable = "GOGRID_SIMULATOR_TEST_ROLE"

func TestMain(m *testing.M) {
	role, argument, _ := strings.Cut(os.Getenv(roleVariable), ":")
	switch role {
	case "":
		os.Exit(m.Run())
	case "program":
		if err := os.Setenv(roleVariable, argument); err != nil {
			panic(err)
		}
		main()
	case "passwords":
		os.Exit(run(context.Background(), append([]string{"passwords"}, strings.Fields(argument)...), os.Environ(), os.Stdout, os.Stderr))
	case "report":
		os.Exit(reportEnvironment())
	case "exit":
		code, _ := strconv.Atoi(argument)
		os.Exit(code)
	case "die":
		os.Exit(dieBySignal())
	case "count":
		os.Exit(countInterrupts())
	default:
		fmt.Fprintf(os.Stderr, "unknown role %q\n", role)
		os.Exit(1)
	}
}

// reportEnvironment prints the input and the variables of the command as JSON.
func reportEnvironment() int {
	input, _ := io.ReadAll(os.Stdin)
	report := map[string]string{"stdin": string(input), "kept": os.Getenv("KEPT")}
	for _, name := range []string{"GOGRID_ENDPOINT", "GOGRID_API_KEY", "GOGRID_SHARED_SECRET", "GOGRID_POLL_INTERVAL", "GOGRID_SPEED", "GOGRID_SSH_PORT"} {
		report[name] = os.Getenv(name)
	}
	report["grid"] = askGrid()
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		return 1
	}
	return 0
}

// askGrid lists the servers of the grid in the environment. It returns "answers",
// or the error.
func askGrid() string {
	settings := []client.Setting{client.WithEndpoint(os.Getenv("GOGRID_ENDPOINT")), client.WithMaxRetries(0)}
	if file := os.Getenv("GOGRID_CA_CERTIFICATE_FILE"); file != "" {
		pool, err := client.CACertificates(context.Background(), file)
		if err != nil {
			return err.Error()
		}
		settings = append(settings, client.WithCACertificates(pool))
	}
	c, err := client.New(os.Getenv("GOGRID_API_KEY"), os.Getenv("GOGRID_SHARED_SECRET"), settings...)
	if err != nil {
		return err.Error()
	}
	if _, err := c.Servers.List(context.Background(), client.ServerFilter{}); err != nil {
		return err.Error()
	}
	return "answers"
}

func dieBySignal() int {
	self, err := os.FindProcess(os.Getpid())
	if err != nil || self.Signal(os.Kill) != nil {
		return 1
	}
	select {}
}

// countInterrupts counts interrupts until SIGTERM, and returns 40 plus the
// number of interrupts. After each interrupt it prints whether the grid still
// answers.
func countInterrupts() int {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	fmt.Println("waiting")
	count := 0
	for sig := range signals {
		if sig == syscall.SIGTERM {
			break
		}
		count++
		fmt.Println("interrupted, grid", askGrid())
	}
	return 40 + count
}

// program is the simulator in its own process. Its command is a copy of this
// test binary that plays a role. Tests read the standard output line by line.
type program struct {
	*exec.Cmd

	lines  *bufio.Scanner
	stderr *strings.Builder
}

func prepare(t *testing.T, role string, args ...string) program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, append(append([]string{"run"}, args...), "--", self)...)
	command.Env = append(os.Environ(), roleVariable+"=program:"+role)
	// If a test fails early, the program stops its command, and the test waits at
	// most a minute for both.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = time.Minute
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := &strings.Builder{}
	command.Stderr = stderr
	return program{Cmd: command, lines: bufio.NewScanner(stdout), stderr: stderr}
}

// expect reads a line and fails the test unless the line equals want.
func (p program) expect(t *testing.T, want string) {
	t.Helper()
	if !p.lines.Scan() {
		t.Fatalf("standard output ended before %q; standard error:\n%s", want, p.stderr)
	}
	if got := strings.TrimRight(p.lines.Text(), "\r"); got != want {
		t.Fatalf("got line %q, want %q", got, want)
	}
}

// end waits for the program and returns its exit code.
func (p program) end(t *testing.T) int {
	t.Helper()
	for p.lines.Scan() {
		t.Errorf("unexpected line %q", p.lines.Text())
	}
	// Wait returns an error if the exit code is not 0; callers check the code.
	_ = p.Wait()
	return p.ProcessState.ExitCode()
}
