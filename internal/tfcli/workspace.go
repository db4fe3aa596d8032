// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Workspace is a directory with a configuration, a provider and its own
// environment. The engine and the provider do not write outside the directory.
type Workspace struct {
	Engine *Engine
	// Dir holds the configuration and the state.
	Dir string
	// Env is added to the environment of every command.
	Env []string

	config string // CLI configuration file
}

// mirrorVersion is the version of the provider in the mirror.
const mirrorVersion = "99.0.0"

// hosts are the registries where a configuration may look for the provider.
var hosts = []string{"registry.terraform.io", "registry.opentofu.org"}

// NewWorkspace prepares a workspace below dir for a provider program. It
// creates the empty folder dir/configuration for the configuration, and the
// folder dir/plugins, which is a mirror that holds only this provider.
func NewWorkspace(engine *Engine, dir, providerProgram string) (*Workspace, error) {
	w := &Workspace{Engine: engine, Dir: filepath.Join(dir, "configuration"), config: filepath.Join(dir, "cli.tfrc")}
	if err := os.MkdirAll(w.Dir, 0o755); err != nil {
		return nil, err
	}
	mirror := filepath.Join(dir, "plugins")
	for _, host := range hosts {
		into := filepath.Join(mirror, host, "gogrid", "gogrid", mirrorVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := installProvider(providerProgram, into); err != nil {
			return nil, err
		}
	}
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(mirror))
	return w, os.WriteFile(w.config, []byte(text), 0o600)
}

// installProvider links a program into a directory under the file name that a
// provider mirror requires.
func installProvider(program, into string) error {
	if err := os.MkdirAll(into, 0o755); err != nil {
		return err
	}
	name := "terraform-provider-gogrid_v" + mirrorVersion
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	target := filepath.Join(into, name)
	if err := os.Link(program, target); err == nil {
		return nil
	}
	return copyProgram(program, target)
}

func copyProgram(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // only read
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		return errors.Join(err, target.Close())
	}
	return target.Close()
}

// Write writes a file of the configuration.
func (w *Workspace) Write(name, text string) error {
	return os.WriteFile(filepath.Join(w.Dir, name), []byte(text), 0o600)
}

// Environ returns the environment of the workspace's commands: the result of
// [Environment] plus the settings of the workspace.
func (w *Workspace) Environ() []string {
	env := append(Environment(), "TF_CLI_CONFIG_FILE="+w.config, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	return append(env, w.Env...)
}

// Environment returns the environment of this process without settings of the
// engine, the provider and the simulator.
func Environment() []string {
	var env []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "TF_") && !strings.HasPrefix(entry, "GOGRID_") {
			env = append(env, entry)
		}
	}
	return env
}

// interruptTimeout is the time between interrupting and killing an engine. The
// engine waits for the provider, which responds to an interrupt at once.
const interruptTimeout = 30 * time.Second

// Command returns a command of the engine without starting it. The command runs
// in its own process group, so that keys of a terminal do not interrupt it.
// When ctx ends, the command is interrupted as by Ctrl-C. It is killed if it
// does not end within interruptTimeout.
func (w *Workspace) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.Engine.Path, args...)
	cmd.Dir = w.Dir
	cmd.Env = w.Environ()
	detach(cmd)
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.WaitDelay = interruptTimeout
	return cmd
}

// Reap kills the remaining processes of an ended command's process group,
// because a killed engine leaves its providers running.
func Reap(cmd *exec.Cmd) {
	if cmd.Process != nil {
		killGroup(cmd.Process.Pid)
	}
}

// CLIConfig returns the path of the CLI configuration. The CLI configuration
// makes the engine install the provider from the workspace, and nothing from a
// registry.
func (w *Workspace) CLIConfig() string { return w.config }

// Run runs a command of the engine and returns its output and exit code. It
// returns an error only if the command could not be run.
func (w *Workspace) Run(ctx context.Context, args ...string) (output string, code int, err error) {
	cmd := w.Command(ctx, args...)
	defer Reap(cmd)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return string(out), 0, nil
	case errors.As(err, &exit):
		return string(out), exit.ExitCode(), nil
	default:
		return string(out), -1, fmt.Errorf("run %s %s: %w", w.Engine.Path, strings.Join(args, " "), err)
	}
}
