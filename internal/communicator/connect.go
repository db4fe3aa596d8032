// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// waitLogInterval is the time between two log lines while Connect waits for a server.
	waitLogInterval = time.Minute
	// maxRejectedDelay is the longest delay after a rejected login, as a multiple of
	// Options.RetryDelay. Delays grow after each rejection, because some servers lock out
	// an address after many failed logins.
	maxRejectedDelay = 6
)

// Dial logs in once. The session must be closed.
func Dial(ctx context.Context, target Target, options Options) (Session, error) {
	target, options = target.WithDefaults(), options.WithDefaults()
	switch target.Protocol {
	case SSH, "":
		return dialSSH(ctx, target, options)
	case WinRM:
		return dialWindows(ctx, target, options)
	}
	return nil, &permanentError{fmt.Errorf("log in to %s: protocol %q must be ssh or winrm", target, target.Protocol)}
}

// Connect logs in to a server that may still be booting, and checks that it
// runs commands. It retries until that succeeds, ctx ends, or an error shows
// that a retry cannot succeed. Connect also retries after a rejected login,
// because a booting server accepts connections before its accounts are set up.
func Connect(ctx context.Context, target Target, options Options) (Session, error) {
	target, options = target.WithDefaults(), options.WithDefaults()
	w := waiting{target: target, options: options, started: options.Clock.Now(), delay: options.RetryDelay}
	for {
		session, err := connectOnce(ctx, target, options)
		if err == nil {
			options.Log(ctx, "logged in to "+target.String())
			return session, nil
		}
		var permanent *permanentError
		if errors.As(err, &permanent) {
			return nil, err
		}
		w.failed(ctx, err)
		select {
		case <-options.Clock.After(w.delay):
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return nil, w.giveUp(ctx)
		}
	}
}

// connectOnce logs in and checks that the server runs commands.
func connectOnce(ctx context.Context, target Target, options Options) (Session, error) {
	session, err := Dial(ctx, target, options)
	if err != nil {
		return nil, err
	}
	if shell, ok := session.(*sshSession); ok {
		// WinRM needs no probe: its login already opened a shell.
		if err := shell.execute(ctx, execution{shell: "/bin/sh -s", stdin: ":\n", name: probeName}); err != nil {
			return nil, errors.Join(err, session.Close())
		}
	}
	return session, nil
}

// probeName names the command that checks whether a server runs commands.
const probeName = "a test command"

// waiting holds the state of Connect while it waits for one server.
type waiting struct {
	target  Target
	options Options
	started time.Time
	logged  time.Time // when failed last wrote a log line; zero if never
	tries   int
	delay   time.Duration // until the next attempt
	last    error
}

// failed records a failed attempt. It logs at most once per waitLogInterval.
func (w *waiting) failed(ctx context.Context, err error) {
	w.tries++
	over := hasEnded(ctx)
	if !over || w.last == nil { // the error of an attempt that ctx cut short explains nothing
		w.last = err
	}
	var rejected *AuthError
	if errors.As(err, &rejected) {
		if w.tries > 1 {
			w.delay = min(2*w.delay, maxRejectedDelay*w.options.RetryDelay)
		}
	} else {
		w.delay = w.options.RetryDelay
	}
	now := w.options.Clock.Now()
	if over || !w.logged.IsZero() && now.Sub(w.logged) < waitLogInterval {
		return
	}
	w.logged = now
	attempts := ""
	if w.tries > 1 {
		attempts = fmt.Sprintf(" (attempt %d)", w.tries)
	}
	w.options.Log(ctx, fmt.Sprintf("waiting for %s%s: %v", w.target, attempts, err))
}

// hasEnded reports whether ctx has ended or its deadline has passed. A dial fails at the
// deadline, which may be a moment before ctx ends.
func hasEnded(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return ctx.Err() != nil || limited && !time.Now().Before(deadline)
}

// giveUp returns the error after ctx has ended the wait.
func (w *waiting) giveUp(ctx context.Context) error {
	return fmt.Errorf("%w; the login to %s did not succeed within %s, in %d attempts: %w",
		w.last, w.target, w.options.Clock.Since(w.started).Round(time.Second), w.tries, ctx.Err())
}
