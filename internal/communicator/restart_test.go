// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm/winrmtest"
)

// bootedSession is a session that belongs to one boot of a server.
type bootedSession struct {
	Session // nil, so a call of any other method panics

	id      string
	err     error // result of BootID
	refused error // result of RequestRestart
	closed  int
}

func (s *bootedSession) BootID(context.Context) (string, error) { return s.id, s.err }
func (s *bootedSession) RequestRestart(context.Context) error   { return s.refused }
func (s *bootedSession) Close() error                           { s.closed++; return nil }
func logins(all ...*bootedSession) func(context.Context) (Session, error) {
	return func(ctx context.Context) (Session, error) {
		if len(all) == 0 {
			return nil, errors.New("no further login was expected")
		}
		next := all[0]
		all = all[1:]
		return next, ctx.Err()
	}
}

// TestRestartWaitsForAnotherBoot checks that Restart logs in again if a login reaches
// the old boot or breaks before the server returns its boot id.
func TestRestartWaitsForAnotherBoot(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClock()
	old, dying, broken, fresh := &bootedSession{id: "a"}, &bootedSession{id: "a"}, &bootedSession{err: errors.New("broke")}, &bootedSession{id: "b"}
	done := make(chan Session, 1)
	go func() {
		session, err := Restart(t.Context(), old, logins(dying, broken, fresh), Options{Clock: clock, RetryDelay: time.Second})
		if err != nil {
			t.Error(err)
		}
		done <- session
	}()
	for range 2 {
		if err := clock.BlockUntilContext(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Second)
	}
	if session := <-done; session != fresh || fresh.closed > 0 {
		t.Errorf("the new session is %+v, want the open session of the new boot", session)
	}
	for name, session := range map[string]*bootedSession{"old": old, "dying": dying, "broken": broken} {
		if session.closed == 0 {
			t.Errorf("the %s session is still open", name)
		}
	}
}

// TestRestartFails checks that each failure ends the restart and closes the sessions.
func TestRestartFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		old     *bootedSession
		connect func(context.Context) (Session, error)
		want    string
	}{
		"no boot id":    {&bootedSession{err: errors.New("no such file")}, logins(), "no such file"},
		"not permitted": {&bootedSession{id: "a", refused: errors.New("must be root")}, logins(), "must be root"},
		"no login":      {&bootedSession{id: "a"}, logins(), "no further login"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Restart(t.Context(), tc.old, tc.connect, Options{})
			if err == nil || !strings.Contains(err.Error(), tc.want) || tc.old.closed == 0 {
				t.Errorf("the error is %v, want %q; the old session was closed %d times", err, tc.want, tc.old.closed)
			}
		})
	}
	t.Run("the boot does not end", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancelCause(t.Context())
		over := errors.New("the time is over")
		again := &bootedSession{id: "a"}
		connect := func(context.Context) (Session, error) {
			cancel(over)
			return again, nil
		}
		_, err := Restart(ctx, &bootedSession{id: "a"}, connect, Options{Clock: clockwork.NewFakeClock()})
		if !errors.Is(err, over) || !strings.Contains(err.Error(), "still runs the boot") || again.closed == 0 {
			t.Errorf("the error is %v, want an error about the old boot; the session was closed %d times", err, again.closed)
		}
	})
}

// TestWindowsRestarts checks a restart of a Windows server that goes down after or
// before it has answered.
func TestWindowsRestarts(t *testing.T) {
	t.Parallel()
	for name, atOnce := range map[string]bool{"after the answer": false, "before the answer": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var server *winrmtest.Server
			server = winrmtest.Start(t, func(s *winrmtest.Server) {
				s.Run = func(ctx context.Context, program winrmtest.Program) int {
					switch program.Script {
					case windowsBootID:
						_, _ = fmt.Fprintf(program.Stdout, "services.exe 500 %d\r\n", server.Boots())
					case windowsRestart:
						go server.Restart(3)
						if atOnce {
							<-ctx.Done()
						}
					default:
						t.Errorf("unexpected script: %s", program.Script)
					}
					return 0
				}
			})
			target, options := windowsTarget(server), Options{Clock: newFastClock(t, defaultRetryDelay)}
			old, err := Dial(t.Context(), target, options)
			if err != nil {
				t.Fatal(err)
			}
			fresh, err := Restart(t.Context(), old, func(ctx context.Context) (Session, error) { return Connect(ctx, target, options) }, options)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = fresh.Close() }()
			if id, err := fresh.BootID(t.Context()); err != nil || id != "services.exe 500 1" || server.Boots() != 1 {
				t.Errorf("the server has restarted %d times; its boot id is %q, error: %v", server.Boots(), id, err)
			}
		})
	}
}

// TestWindowsRestartIsRefused checks that the error shows what shutdown.exe printed.
func TestWindowsRestartIsRefused(t *testing.T) {
	t.Parallel()
	server := winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Run = func(_ context.Context, program winrmtest.Program) int {
			if program.Script == windowsBootID {
				_, _ = fmt.Fprintln(program.Stdout, "services.exe 500 0")
				return 0
			}
			_, _ = fmt.Fprintln(program.Stderr, "Access is denied.(5)")
			return 5
		}
	})
	session, err := Dial(t.Context(), windowsTarget(server), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var exit *ExitError
	_, err = Restart(t.Context(), session, logins(), Options{})
	if !errors.As(err, &exit) || exit.Code != 5 || !strings.Contains(err.Error(), "Access is denied") {
		t.Errorf("the error is %v, want the code and the output of shutdown.exe", err)
	}
}
