// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/demo"
	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// builds compiles provider and simulator for all tests.
var builds = tfcli.NewBuilds("", "cmd/gogrid-simulator")

func TestMain(m *testing.M) {
	m.Run()
	if err := builds.Close(); err != nil {
		panic(err)
	}
}

// options returns the options of a quick demo that writes to out. It skips the
// test if there is no engine.
func options(t *testing.T, out io.Writer) demo.Options {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs Terraform: set TF_ACC=1, as \"make test\" does")
	}
	found, err := tfcli.Find(t.Context())
	if err != nil {
		t.Skipf("no engine to run the demo with: %v", err)
	}
	root, err := tfcli.Root()
	if err != nil {
		t.Fatal(err)
	}
	programs, err := builds.Programs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return demo.Options{
		Root: root, Engine: found, Programs: programs, TempDir: t.TempDir(),
		Speed: 3000, Out: out, Clock: clockwork.NewRealClock(), Guests: runtime.GOOS == "linux",
	}
}

// nothingLeft checks that a demo has removed every file and ended every
// process.
func nothingLeft(t *testing.T, o demo.Options) {
	t.Helper()
	entries, err := os.ReadDir(o.TempDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		t.Errorf("%s was left in the temporary directory", entry.Name())
	}
	for _, command := range processes(t, o.TempDir) {
		t.Errorf("a process was left running: %s", command)
	}
}

// processes returns the command lines of all processes that mention a
// directory.
func processes(t *testing.T, dir string) []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil // without /proc the test checks only files
	}
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil && bytes.Contains(text, []byte(dir)) {
			found = append(found, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return found
}

// tripwire calls a function when a text has been written to it.
type tripwire struct {
	bytes.Buffer
	text string
	trip func()
}

func (w *tripwire) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.text) {
		w.trip()
	}
	return n, err
}

// keptGrid holds the commands that the demo prints for a kept grid.
type keptGrid struct {
	enter, remove string
	use           []string
	passwords     []string // passwords of a server and of Cloud Storage
}

func parseKept(t *testing.T, output string) keptGrid {
	t.Helper()
	found := regexp.MustCompile(`(?s)First, in a shell:\n\n +(cd [^\n]+)\n\n(.*)\nTo remove everything:\n\n(.*)\n\n`).FindStringSubmatch(output)
	if found == nil {
		t.Fatalf("the output does not say how to use and to remove the grid:\n%s", output)
	}
	k := keptGrid{enter: found[1], remove: found[3]}
	for line := range strings.Lines(found[2]) {
		line = strings.TrimSpace(line)
		if _, password, is := strings.Cut(line, "the password is "); is {
			k.passwords = append(k.passwords, password)
		}
		if line != "" && !strings.HasPrefix(line, "#") {
			k.use = append(k.use, line)
		}
	}
	return k
}

// askpass is the program that SSH runs to get a password. It chooses the
// password by user name.
func (k keptGrid) askpass(t *testing.T) string {
	t.Helper()
	script := "#!/bin/sh\nexit 1\n"
	if len(k.passwords) == 2 {
		script = "#!/bin/sh\ncase $1 in *root@*) echo " + k.passwords[0] + ";; *) echo " + k.passwords[1] + ";; esac\n"
	}
	path := filepath.Join(t.TempDir(), "askpass")
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil { //nolint:gosec // the file is a program
		t.Fatal(err)
	}
	return path
}

// awaitProcessesEnd waits until all processes of a directory have ended.
func awaitProcessesEnd(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for len(processes(t, dir)) > 0 {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return // the remaining processes fail the test
		}
	}
}
