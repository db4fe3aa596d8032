// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Names that errors and logs use for the commands of a restart.
const (
	bootIDName  = "read the boot id"
	restartName = "restart the operating system"
)

// Restart restarts the operating system of a server and closes the session. Once the
// server has a new boot id, Restart returns a new session. A login alone does not
// prove a restart, because the old system may accept logins until it is down.
//
// connect must log in to the same server and wait until the login succeeds. It gets
// ctx, which limits the whole restart. Restart uses only the clock and the retry delay
// of options.
func Restart(ctx context.Context, session Session, connect func(context.Context) (Session, error), options Options) (Session, error) {
	options = options.WithDefaults()
	defer func() { _ = session.Close() }() // the restart ends the session anyway
	before, err := session.BootID(ctx)
	if err != nil {
		return nil, err
	}
	if err := session.RequestRestart(ctx); err != nil {
		return nil, err
	}
	_ = session.Close()
	for {
		next, err := connect(ctx)
		if err != nil {
			return nil, err
		}
		after, err := next.BootID(ctx)
		if err == nil && after != before {
			return next, nil
		}
		_ = next.Close() // this session breaks when the old system is down, or is already broken
		if err == nil {
			err = errors.New("the server still runs the boot from before the restart")
		}
		select {
		case <-options.Clock.After(options.RetryDelay):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", err, context.Cause(ctx))
		}
	}
}

// linuxBootID prints a random id that the kernel generates at each boot.
const linuxBootID = "cat /proc/sys/kernel/random/boot_id"

// linuxRestart makes init restart the system, so the restart does not depend on the
// session. Only root may restart the system, and PATH lacks /sbin for other accounts.
const linuxRestart = `PATH=$PATH:/sbin:/usr/sbin
if [ "$(id -u)" = 0 ]; then shutdown -r now; else sudo -n shutdown -r now; fi`

// BootID returns the boot id of the kernel; see Session.
func (s *sshSession) BootID(ctx context.Context) (string, error) {
	return readBootID(ctx, s, linuxBootID)
}

// RequestRestart runs shutdown; see Session. The shutdown may end the command or the
// connection before the exit code arrives.
func (s *sshSession) RequestRestart(ctx context.Context) error {
	err := s.Run(ctx, Command{Script: linuxRestart, Name: restartName})
	var exit *ExitError
	if errors.As(err, &exit) && exit.Killed() {
		return nil
	}
	return ignoreLost(ctx, err)
}

// windowsBootID prints the process id and the start time of services.exe. Windows
// starts services.exe once in each boot and cannot run without it. LastBootUpTime
// would change when the clock is set.
const windowsBootID = `$process = Get-WmiObject Win32_Process -Filter "Name='services.exe'"
$started = [Management.ManagementDateTimeConverter]::ToDateTime($process.CreationDate).ToUniversalTime().Ticks
"services.exe $($process.ProcessId) $started"`

// windowsRestart makes Windows restart after one second, so that the exit code can
// arrive before the connection breaks.
const windowsRestart = "shutdown.exe /r /f /t 1"

// BootID returns the process id and the start time of services.exe; see Session.
func (s *windowsSession) BootID(ctx context.Context) (string, error) {
	return readBootID(ctx, s, windowsBootID)
}

// RequestRestart runs shutdown.exe; see Session.
func (s *windowsSession) RequestRestart(ctx context.Context) error {
	return ignoreLost(ctx, s.Run(ctx, Command{Script: windowsRestart, Name: restartName}))
}

// readBootID runs a script that prints the boot id as its last line.
func readBootID(ctx context.Context, session Session, script string) (string, error) {
	id := ""
	err := session.Run(ctx, Command{Script: script, Name: bootIDName, Output: func(line string) { id = strings.TrimSpace(line) }})
	if err == nil && id == "" {
		err = fmt.Errorf("%q printed nothing", bootIDName)
	}
	return id, err
}

// ignoreLost returns nil for a lost connection unless ctx has ended.
func ignoreLost(ctx context.Context, err error) error {
	if IsConnectionLost(err) && ctx.Err() == nil {
		return nil
	}
	return err
}
