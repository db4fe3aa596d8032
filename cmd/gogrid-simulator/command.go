// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// serveFor serves a grid while set.command runs and returns the command's exit
// code. The grid stops only after the command has ended, so that an interrupted
// apply can still finish the operations that it started.
func serveFor(ctx context.Context, set *settings, env []string, stdout, stderr io.Writer) (int, error) {
	// Signals no longer end this process: the command handles them.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, forwarded()...)
	defer signal.Stop(signals)

	srv, err := start(ctx, set, stderr)
	if err != nil {
		return exitFailed, err
	}
	code, err := srv.run(ctx, signals, set, env, stdout, stderr)
	return code, errors.Join(err, srv.stop(ctx))
}

// run starts the command, forwards signals and waits until the command ends.
func (s *server) run(ctx context.Context, signals <-chan os.Signal, set *settings, env []string, stdout, stderr io.Writer) (int, error) {
	command := exec.CommandContext(ctx, set.command[0], set.command[1:]...)
	command.Env = s.environment(env, set)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, stdout, stderr
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	pass := separate(command)
	if err := command.Start(); err != nil {
		return startFailure(err), fmt.Errorf("start %s: %w", set.command[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for {
		select {
		case sig := <-signals:
			if pass(sig) {
				// The signal fails if the command has just ended.
				_ = command.Process.Signal(sig)
			}
		case err := <-ended:
			return exitCode(command, err)
		}
	}
}

// environment returns the given environment with the variables that describe the
// grid: endpoint, keys, Cloud Storage, and the defaults of guests and time. The
// defaults do not replace values that are set, unless those values describe
// another grid. All other variables are replaced.
func (s *server) environment(given []string, set *settings) []string {
	env := append(given[:len(given):len(given)],
		"GOGRID_ENDPOINT="+s.facts.Endpoint,
		"GOGRID_API_KEY="+s.facts.APIKey,
		"GOGRID_SHARED_SECRET="+s.facts.SharedSecret)
	if at := s.facts.CloudStorage; at != nil {
		env = append(env,
			"TF_VAR_cloud_storage_host="+at.Host,
			"TF_VAR_cloud_storage_port="+strconv.Itoa(at.Port),
			"TF_VAR_cloud_storage_host_key="+at.HostKey,
			"GOGRID_CLOUD_STORAGE_PROTOCOL=sftp",
			"GOGRID_CLOUD_STORAGE_HOST="+at.Host,
			"GOGRID_CLOUD_STORAGE_PORT="+strconv.Itoa(at.Port),
			"GOGRID_CLOUD_STORAGE_HOST_KEY="+at.HostKey)
	}
	if s.security != nil && s.security.generated {
		env = append(env, "GOGRID_CA_CERTIFICATE_FILE="+s.facts.CAFile) // replaces a file that the user set: only this authority signed the grid's certificate
	}
	for _, entry := range s.defaults(set) {
		name, _, _ := strings.Cut(entry, "=")
		if value, _ := lookup(given, name); value == "" || otherGrid(given, name) {
			env = append(env, entry)
		}
	}
	return env
}

// otherGrid reports whether a variable describes another grid. If the endpoint is
// set, the user exported the variables that another grid printed. The poll
// interval fits any grid.
func otherGrid(env []string, name string) bool {
	endpoint, _ := lookup(env, "GOGRID_ENDPOINT")
	return endpoint != "" && name != "GOGRID_POLL_INTERVAL"
}

// defaults returns the variables that adapt the provider's connection, waits
// and logins to the grid. The user may override them.
func (s *server) defaults(set *settings) []string {
	variables := []string{
		"GOGRID_POLL_INTERVAL=" + pollInterval(set.options.Speed).String(),
		"GOGRID_SPEED=" + fmt.Sprintf("%g", s.facts.Speed),
		"GOGRID_SSH_PORT=" + s.facts.sshPort(),
	}
	if set.guests {
		variables = append(variables, "TF_VAR_ssh_port="+s.facts.sshPort())
	}
	if s.facts.CAFile != "" {
		variables = append(variables, "GOGRID_CA_CERTIFICATE_FILE="+s.facts.CAFile)
	}
	return variables
}

// exitCode returns the command's exit code, or 128 plus the number of the signal
// that ended the command.
func exitCode(command *exec.Cmd, err error) (int, error) {
	if command.ProcessState == nil {
		return exitFailed, err
	}
	if status, ok := command.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitSignalBase + int(status.Signal()), nil
	}
	return command.ProcessState.ExitCode(), nil
}

func startFailure(err error) int {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return exitNotFound
	}
	return exitCannotRun
}
