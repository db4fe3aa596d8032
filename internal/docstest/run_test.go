// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package docstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// reader runs commands in the environment of a reader who has followed "Your
// first image" of the README. Both programs are built, and the engine uses
// them.
type reader struct {
	root string
	env  []string
	// alone is true if each command has its own loopback interface. The addresses
	// that a page prints then belong to the page's grid, even if other grids run
	// on the machine.
	alone bool
}

// isolated runs a shell script with its own loopback interface and its own
// folder of running grids.
const isolated = `exec unshare --net --mount sh -c 'ip link set lo up && mount -t tmpfs none /run && mkdir -p -m 700 /run/user/$(id -u) && exec sh -ec "$SCRIPT"'`

// programs holds the folder of both programs, which the README's command builds
// once for all tests.
var programs struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	m.Run()
	if err := os.RemoveAll(programs.dir); err != nil {
		panic(err)
	}
}

// build builds both programs of the repository and links the engine beside them.
func build(ctx context.Context, root, terraform string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "gogrid-documentation-"); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "make", "--no-print-directory", "build", "BIN="+dir)
	cmd.Dir = root
	if output, err := cmd.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("make build: %w\n%s", err, output)
	}
	return dir, os.Symlink(terraform, filepath.Join(dir, "terraform"))
}

// newReader returns a reader with both programs, and skips the test if there is
// no engine.
func newReader(t *testing.T) *reader {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs Terraform: set TF_ACC=1, as \"make test\" does")
	}
	found, err := tfcli.Find(t.Context())
	if err != nil {
		t.Skipf("no engine to run configurations with: %v", err)
	}
	root, err := tfcli.Root()
	if err != nil {
		t.Fatal(err)
	}
	programs.once.Do(func() { programs.dir, programs.err = build(t.Context(), root, found.Path) })
	if programs.err != nil {
		t.Fatal(programs.err)
	}
	probe := exec.CommandContext(t.Context(), "sh", "-c", isolated)
	probe.Env = append(os.Environ(), "SCRIPT=true")
	return &reader{alone: probe.Run() == nil, root: root, env: append(tfcli.Environment(),
		"PATH="+programs.dir+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"TF_CLI_CONFIG_FILE="+filepath.Join(programs.dir, "dev.tfrc"),
		"CHECKPOINT_DISABLE=1",
		"GOGRID_SIMULATOR_SPEED=600")}
}

// own returns a reader whose grid cannot conflict with other grids. If commands
// share the loopback addresses of the machine, the grid gets its own SSH port.
func (r *reader) own(t *testing.T) *reader {
	t.Helper()
	if r.alone {
		return r
	}
	var config net.ListenConfig
	held, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() })
	other := *r
	other.env = append(r.env[:len(r.env):len(r.env)], "GOGRID_SIMULATOR_GUEST_SHARED_ADDRESSES=true",
		fmt.Sprint("GOGRID_SIMULATOR_GUEST_SSH_PORT=", held.Addr().(*net.TCPAddr).Port))
	return &other
}

// follow runs a configuration as printed. The next plan must then be empty, and
// destroy must succeed.
func (r *reader) follow(ctx context.Context, c configuration, s script, dir string) error {
	if err := r.place(c, dir); err != nil {
		return err
	}
	for _, line := range s.lines {
		output, err := r.run(ctx, dir, line)
		if err != nil {
			return err
		}
		if mustNotWarn(line) && strings.Contains(expectedWarnings.Replace(output), "Warning:") {
			return fmt.Errorf("%s warns:\n%s", line, output)
		}
	}
	if s.prefix == "" || !s.applies() {
		return nil
	}
	for _, arguments := range []string{"plan -input=false -detailed-exitcode", "destroy -auto-approve -input=false"} {
		if _, err := r.run(ctx, dir, s.prefix+"terraform "+arguments); err != nil {
			return err
		}
	}
	return nil
}

// applies reports whether the objects still exist after the last command.
func (s script) applies() bool {
	last := s.lines[len(s.lines)-1]
	return strings.Contains(last, "terraform apply")
}

// mustNotWarn reports whether a command is an apply that must not warn. Plans
// may show intended warnings, and the engine warns about -target.
func mustNotWarn(line string) bool {
	return strings.Contains(line, "terraform apply") && !strings.Contains(line, "-target")
}

// expectedWarnings removes two expected warnings of the engine: one about
// provider overrides, and one about a check whose data source is first read
// during the apply.
var expectedWarnings = strings.NewReplacer(
	"Warning: Provider development overrides are in effect", "",
	"Warning: Check block assertion known after apply", "",
)

// place writes a configuration into a folder, with the other files of its
// example.
func (r *reader) place(c configuration, dir string) error {
	beside, err := filepath.Glob(filepath.Join(r.root, "examples", "*", "*", "*.tf"))
	if err != nil {
		return err
	}
	for _, path := range beside {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.TrimSpace(string(content)) != strings.TrimSpace(c.text) {
			continue
		}
		if err := tfcli.CopyConfiguration(dir, filepath.Dir(path)); err != nil {
			return err
		}
		others, err := filepath.Glob(filepath.Join(dir, "*.tf"))
		if err != nil {
			return err
		}
		for _, other := range others {
			if err := os.Remove(other); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(filepath.Join(dir, "main.tf"), []byte(c.text), 0o600)
}

// run runs a command line in a shell and answers every prompt with yes.
func (r *reader) run(ctx context.Context, dir, line string) (string, error) {
	program := `exec sh -ec "$SCRIPT"`
	if r.alone {
		program = isolated
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", program)
	cmd.Dir = dir
	cmd.Env = append(r.env[:len(r.env):len(r.env)], "TF_CLI_ARGS=-no-color", "SCRIPT="+line)
	cmd.Stdin = io.LimitReader(yes{}, 1<<20)
	output, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return string(output), fmt.Errorf("%s: exit code %d\n%s", line, exit.ExitCode(), output)
	case err != nil:
		return string(output), fmt.Errorf("%s: %w", line, err)
	}
	return string(output), nil
}

// yes is an endless stream of the answer "yes".
type yes struct{}

func (yes) Read(into []byte) (int, error) { return copy(into, "yes\n"), nil }
