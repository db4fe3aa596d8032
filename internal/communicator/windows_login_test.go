// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm/winrmtest"
)

func TestWindowsLoginsThatAreRejected(t *testing.T) {
	t.Parallel()
	denied := func(s *winrmtest.Server) {
		s.Answer = func(w http.ResponseWriter, _ *http.Request, m winrmtest.Message) bool {
			m.Fault(w, "AccessDenied", "5", "Access is denied.")
			return true
		}
	}
	for name, c := range map[string]struct {
		server   func(*winrmtest.Server)
		password string
	}{
		"NTLM":                       {nil, "wrong-password"},
		"Basic":                      {func(s *winrmtest.Server) { s.Offers = []string{`Basic realm="WSMAN"`} }, "wrong-password"},
		"an account without a right": {denied, winrmtest.Password},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := winrmtest.Start(t, func(s *winrmtest.Server) {
				if c.server != nil {
					c.server(s)
				}
			})
			target := windowsTarget(server)
			target.Password = c.password
			// A booting server may reject a correct password, so only the end of the
			// context ends the attempts.
			var log logRecorder
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			clock := newFastClock(t, defaultRetryDelay)
			started := clock.Now()
			_, err := Connect(ctx, target, Options{Clock: clock, Handshake: longTimeout, Idle: longTimeout, Log: func(ctx context.Context, line string) {
				log.log(ctx, line)
				if strings.Count(log.String(), "waiting for") == 4 {
					cancel()
				}
			}})
			var rejected *AuthError
			if !errors.As(err, &rejected) || !strings.Contains(err.Error(), "rejected the login with the password") {
				t.Errorf("error %v", err)
			}
			if passed := clock.Since(started); strings.Count(log.String(), "waiting for") != 4 || passed < 3*waitLogInterval || passed > 6*waitLogInterval {
				t.Errorf("the log does not have one line a minute for %s:\n%s", passed, log.String())
			}
			if text := log.String() + fmt.Sprint(err); strings.Contains(text, c.password) {
				t.Errorf("the password is shown: %s", text)
			}
		})
	}
}

// Connect returns an error at once if a retry cannot succeed.
func TestWindowsPermanentErrors(t *testing.T) {
	t.Parallel()
	server := winrmtest.Start(t)
	for name, c := range map[string]struct {
		change func(*Target)
		want   string
	}{
		"an untrusted certificate": {func(t *Target) { t.CACertificates = "" }, "its certificate is not trusted: x509: certificate signed by unknown authority"},
		"no certificates":          {func(t *Target) { t.CACertificates = "none" }, "they must be PEM"},
		"no password":              {func(t *Target) { t.Password = "" }, "a user name and a password are needed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := windowsTarget(server)
			c.change(&target)
			var log logRecorder
			_, err := connectTo(t, target, func(o *Options) { o.Log = log.log })
			var permanent *permanentError
			if !errors.As(err, &permanent) || !strings.Contains(err.Error(), c.want) || log.String() != "" {
				t.Errorf("error %v\n%s", err, log.String())
			}
		})
	}
	insecure := windowsTarget(server)
	insecure.CACertificates, insecure.Insecure = "", true
	if _, err := connectTo(t, insecure); err != nil {
		t.Errorf("insecure: %v", err)
	}
}

// While a server boots, its WinRM service returns various errors or does not
// answer; Connect retries after each.
func TestWindowsServerBoots(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	server := winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Answer = func(w http.ResponseWriter, _ *http.Request, m winrmtest.Message) bool {
			switch tries.Add(1) {
			case 1:
				http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
			case 2:
				m.Fault(w, "InternalError", "2150858770", "The service is starting.")
			case 3:
				panic(http.ErrAbortHandler)
			case 4:
				http.NotFound(w, nil)
			default:
				return false
			}
			return true
		}
	})
	var log logRecorder
	windowsSessionTo(t, server, func(o *Options) {
		o.Log, o.Clock, o.RetryDelay = log.log, newFastClock(t, waitLogInterval), waitLogInterval
	})
	if text := log.String(); strings.Count(text, "waiting for") != 4 || !strings.Contains(text, "HTTP 503") || !strings.Contains(text, "The service is starting.") {
		t.Error(text)
	}
}

func TestWindowsServerThatNeverComes(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	silent, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	// No process can listen on the local port of an open connection, so connecting
	// to that port is refused.
	other, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", silent.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	for want, c := range map[string]struct {
		address   net.Addr
		handshake time.Duration
	}{
		"has not answered within 30ms": {silent.Addr(), 30 * time.Millisecond},
		"connection refused":           {other.LocalAddr(), longTimeout},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			target := Target{Protocol: WinRM, Host: "127.0.0.1", Port: c.address.(*net.TCPAddr).Port, Password: "password"}
			options := Options{Handshake: c.handshake, RetryDelay: time.Millisecond}
			if _, err := Dial(t.Context(), target, options); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("one attempt: error %v", err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if _, err := Connect(ctx, target, options); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("many attempts: error %v", err)
			}
		})
	}
}
