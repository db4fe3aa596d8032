// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jonboulle/clockwork"
)

// Simulator is a simulated grid in its own process.
type Simulator struct {
	// Endpoint is the base URL of the API.
	Endpoint string `json:"endpoint"`
	// Admin is the base URL of the grid's admin API.
	Admin string `json:"admin"`
	// APIKey and SharedSecret are the credentials of a key with the role super.
	APIKey       string `json:"api_key"`
	SharedSecret string `json:"shared_secret"`
	// CloudStorage is nil if the grid serves no Cloud Storage.
	CloudStorage *CloudStorage `json:"cloud_storage"`
	// PID is the id of the process.
	PID int `json:"pid"`

	clock   clockwork.Clock
	log     string // path of the log file
	cmd     *exec.Cmd
	exited  chan struct{} // closed when the process has ended
	exitErr error         // result of Wait; read it only after exited is closed
}

// CloudStorage is the SFTP server of a simulated grid's Cloud Storage. The
// account's list of passwords holds the login.
type CloudStorage struct {
	Host string `json:"host"`
	Port int    `json:"port"`
	// HostKey is the public key of the server in the format of authorized_keys.
	HostKey string `json:"host_key"`
}

const (
	// startTimeout is the maximum time until a simulator accepts connections.
	startTimeout = time.Minute
	// readyPollInterval is the interval between checks for the ready file.
	readyPollInterval = 20 * time.Millisecond
	// stopTimeout limits how long Stop waits for the process to end. The simulator
	// itself waits up to 5 s for running calls.
	stopTimeout = time.Minute
)

// StartSimulator starts the simulator program with additional flags and waits
// until it accepts connections. It writes the log and the ready file to dir.
// The simulator continues after ctx or this process has ended, until
// [Simulator.Stop] or a signal ends it.
func StartSimulator(ctx context.Context, clock clockwork.Clock, program, dir string, flags ...string) (*Simulator, error) {
	s := &Simulator{clock: clock, log: filepath.Join(dir, "simulator.log"), exited: make(chan struct{})}
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has its own copy
	ready := filepath.Join(dir, "ready.json")
	s.cmd = exec.CommandContext(context.WithoutCancel(ctx), program, append([]string{"--admin", "--ready-file", ready}, flags...)...)
	s.cmd.Env = Environment()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	detach(s.cmd)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the simulator: %w", err)
	}
	go func() {
		s.exitErr = s.cmd.Wait()
		close(s.exited)
	}()
	if err := s.awaitReady(ctx, ready); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Simulator) awaitReady(ctx context.Context, path string) error {
	limit := s.clock.After(startTimeout)
	ticker := s.clock.NewTicker(readyPollInterval)
	defer ticker.Stop()
	for {
		text, err := os.ReadFile(path)
		switch {
		case err == nil:
			return json.Unmarshal(text, s)
		case !errors.Is(err, os.ErrNotExist):
			return fmt.Errorf("wait for the simulator: %w", err)
		}
		select {
		case <-ticker.Chan():
		case <-s.exited:
			text, _ := os.ReadFile(s.log) // if the log cannot be read, the error leaves it out
			return fmt.Errorf("the simulator ended before it accepted connections: %w\n%s", s.exitErr, text)
		case <-limit:
			return fmt.Errorf("the simulator has not accepted connections within %s", startTimeout)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Env returns the environment variables that connect a provider to the grid. If
// the grid serves Cloud Storage, the result also sets the input variables
// cloud_storage_host, cloud_storage_port and cloud_storage_host_key of a
// configuration.
func (s *Simulator) Env() []string {
	env := []string{"GOGRID_ENDPOINT=" + s.Endpoint, "GOGRID_API_KEY=" + s.APIKey, "GOGRID_SHARED_SECRET=" + s.SharedSecret}
	if at := s.CloudStorage; at != nil {
		env = append(env, "TF_VAR_cloud_storage_host="+at.Host, "TF_VAR_cloud_storage_port="+strconv.Itoa(at.Port), "TF_VAR_cloud_storage_host_key="+at.HostKey)
	}
	return env
}

// Stop ends the process and waits until the process has ended. Stopping a
// process that has ended is not an error.
func (s *Simulator) Stop() error {
	if err := terminate(s.cmd.Process); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop the simulator: %w", err)
	}
	select {
	case <-s.exited:
		return nil
	case <-s.clock.After(stopTimeout):
	}
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill the simulator: %w", err)
	}
	<-s.exited
	return fmt.Errorf("the simulator did not stop within %s and was killed", stopTimeout)
}
