// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm"
	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm/winrmtest"
)

// windowsTarget returns the address and valid credentials of a server.
func windowsTarget(server *winrmtest.Server) Target {
	return Target{
		Protocol: WinRM, Host: server.Host, Port: server.Port, Username: winrmtest.Username, Password: winrmtest.Password,
		CACertificates: server.CA,
	}
}

// logRecorder keeps the lines of a log.
type logRecorder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *logRecorder) log(_ context.Context, line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text.WriteString(line + "\n")
}

func (j *logRecorder) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// longTimeout is long enough for the slowest machine.
const longTimeout = 2 * time.Minute

// advanceUntilEnd advances the clock until the operation ends, and returns its error.
func advanceUntilEnd(clock *clockwork.FakeClock, ended <-chan error) error {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-ticker.C:
			clock.Advance(longTimeout)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newFastClock returns a clock that advances by a step as soon as something waits
// for it.
func newFastClock(t *testing.T, step time.Duration) *clockwork.FakeClock {
	t.Helper()
	clock := clockwork.NewFakeClock()
	go func() {
		for clock.BlockUntilContext(t.Context(), 1) == nil {
			clock.Advance(step)
		}
	}()
	return clock
}

// connectTo connects to a server within longTimeout.
func connectTo(t *testing.T, target Target, change ...func(*Options)) (Session, error) {
	t.Helper()
	options := Options{RetryDelay: 5 * time.Millisecond, Handshake: longTimeout, Idle: longTimeout}
	for _, set := range change {
		set(&options)
	}
	ctx, cancel := context.WithTimeout(t.Context(), longTimeout)
	t.Cleanup(cancel)
	session, err := Connect(ctx, target, options)
	if err == nil {
		t.Cleanup(func() { _ = session.Close() })
	}
	return session, err
}

func windowsSessionTo(t *testing.T, server *winrmtest.Server, change ...func(*Options)) Session {
	t.Helper()
	session, err := connectTo(t, windowsTarget(server), change...)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func TestWindowsRunsCommands(t *testing.T) {
	t.Parallel()
	var ran winrmtest.Program
	server := winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Run = func(_ context.Context, p winrmtest.Program) int {
			ran = p
			fmt.Fprint(p.Stdout, "installing\r\nwith t0p-secret and ")
			fmt.Fprint(p.Stderr, "a warning\x1b[2J\r\n")
			fmt.Fprintf(p.Stdout, "%s\r\nno end of line", winrmtest.Password)
			if p.Script == "fails" {
				return 1603
			}
			return 0
		}
	})
	var log logRecorder
	session := windowsSessionTo(t, server, func(o *Options) { o.Secrets, o.Log = []string{"t0p-secret"}, log.log })
	if session.HostKey() != "" {
		t.Errorf("host key %q", session.HostKey())
	}
	var lines []string
	command := Command{Script: "install t0p-secret", Environment: map[string]string{"TOKEN": "t0p-secret"}, Output: func(line string) { lines = append(lines, line) }}
	if err := session.Run(t.Context(), command); err != nil {
		t.Fatal(err)
	}
	if ran.Script != command.Script || ran.Environment["TOKEN"] != "t0p-secret" {
		t.Errorf("ran %+v", ran)
	}
	want := []string{"installing", "a warning", "with (secret) and (secret)", "no end of line"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	var exit *ExitError
	err := session.Run(t.Context(), Command{Script: "fails"})
	if !errors.As(err, &exit) || exit.Code != 1603 || exit.Name != "fails" {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff(want, exit.Tail); diff != "" {
		t.Error(diff)
	}
	if text := log.String() + err.Error(); strings.Contains(text, "t0p-secret") || !strings.Contains(text, "running on Administrator@127.0.0.1") {
		t.Error(text)
	}
	if err := session.Run(t.Context(), Command{Argv: []string{`C:\a b.exe`, "x y", ""}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`C:\a b.exe`, "x y", ""}, ran.Argv); diff != "" {
		t.Error(diff)
	}
}

func TestWindowsRefusesCommands(t *testing.T) {
	t.Parallel()
	session := windowsSessionTo(t, winrmtest.Start(t))
	for want, command := range map[string]Command{
		"no command to run":  {Script: " \n"},
		"cannot be the name": {Script: "x", Environment: map[string]string{"A=B": "x"}},
		"holds a zero byte":  {Script: "x", Environment: map[string]string{"A": "top\x00secret"}},
		"digits and underscores, and must not start with a digit": {Argv: []string{"x"}, Environment: map[string]string{"A'; exit #": "x"}},
	} {
		if err := session.Run(t.Context(), command); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestWindowsEndsCommands(t *testing.T) {
	t.Parallel()
	started := make(chan struct{})
	server := winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Run = func(ctx context.Context, _ winrmtest.Program) int {
			close(started)
			<-ctx.Done()
			return 1
		}
	})
	// The clock does not advance, so terminating the command does not time out.
	session := windowsSessionTo(t, server, func(o *Options) { o.Network = clockwork.NewFakeClock() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-started
		cancel()
	}()
	err := session.Run(ctx, Command{Script: "wait", Name: "commands[0]"})
	if !errors.Is(err, context.Canceled) || err.Error() != `"commands[0]" was ended: context canceled` {
		t.Errorf("error %v", err)
	}
	if server.Shells() != 0 {
		t.Error("the command still runs")
	}
}

func TestWindowsFiles(t *testing.T) {
	t.Parallel()
	server := winrmtest.Start(t)
	var log logRecorder
	session := windowsSessionTo(t, server, func(o *Options) { o.Log = log.log })
	content := strings.Repeat("content\r\n", 20_000)
	sum := sha256.Sum256([]byte(content))
	file := File{
		Destination: `C:\app\app.config`, SHA256: hex.EncodeToString(sum[:]),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}
	if err := session.Upload(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	got, err := session.Read(t.Context(), file.Destination, int64(len(content)))
	if err != nil || string(got) != content {
		t.Errorf("read %d bytes, error %v", len(got), err)
	}
	if _, err := session.Read(t.Context(), file.Destination, 10); err == nil || !strings.Contains(err.Error(), `read C:\app\app.config on 127.0.0.1`) || !strings.Contains(err.Error(), "larger than 10 bytes") {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(log.String(), `uploading to Administrator@127.0.0.1`) {
		t.Error(log.String())
	}

	changed := file
	changed.Destination, changed.SHA256 = `C:\changed`, strings.Repeat("0", 64)
	var source *SourceChangedError
	if err := session.Upload(t.Context(), changed); !errors.As(err, &source) || source.Got != file.SHA256 || source.Want != changed.SHA256 || source.Destination != `C:\changed` {
		t.Errorf("error %v", err)
	}
	for _, destination := range []string{"/etc/passwd", "app.config", `app\app.config`, `C:app`, ""} {
		relative := file
		relative.Destination = destination
		if err := session.Upload(t.Context(), relative); err == nil || !strings.Contains(err.Error(), "absolute path with its drive") {
			t.Errorf("%q: error %v", destination, err)
		}
	}
	missing := file
	missing.Open = func() (io.ReadCloser, error) { return nil, errors.New("the source is gone") }
	if err := session.Upload(t.Context(), missing); err == nil || !strings.Contains(err.Error(), "the source is gone") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]string{`C:\app\app.config`}, server.Files()); diff != "" {
		t.Error(diff)
	}
}

// If a server freezes while a command runs, the command fails after Options.Idle.
func TestWindowsServerFreezes(t *testing.T) {
	t.Parallel()
	frozen := make(chan struct{})
	server := winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Answer = func(_ http.ResponseWriter, r *http.Request, m winrmtest.Message) bool {
			if m.Action == "Receive" {
				close(frozen)
				<-r.Context().Done()
			}
			return m.Action == "Receive"
		}
	})
	clock := clockwork.NewFakeClock()
	session := windowsSessionTo(t, server, func(o *Options) { o.Network = clock })
	ended := make(chan error, 1)
	go func() { ended <- session.Run(t.Context(), Command{Script: "x"}) }()
	<-frozen
	err := advanceUntilEnd(clock, ended)
	var silent *winrm.SilenceError
	if !errors.As(err, &silent) || !strings.Contains(err.Error(), `run "x" on 127.0.0.1`) {
		t.Errorf("error %v", err)
	}
}

// An unexpected answer from a server may quote the request and its credentials.
func TestWindowsErrorsShowNoSecrets(t *testing.T) {
	t.Parallel()
	server := winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Offers = []string{`Basic realm="WSMAN"`}
		s.Answer = func(w http.ResponseWriter, r *http.Request, m winrmtest.Message) bool {
			if m.Action == "Create" {
				return false
			}
			fmt.Fprintf(w, "you sent %s, which is %s", r.Header.Get("Authorization"), winrmtest.Password)
			return true
		}
	})
	err := windowsSessionTo(t, server).Run(t.Context(), Command{Script: "x"})
	var unexpected *winrm.AnswerError
	if !errors.As(err, &unexpected) || !strings.Contains(err.Error(), "you sent Basic (secret), which is (secret)") {
		t.Errorf("error %v", err)
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(winrmtest.Username + ":" + winrmtest.Password))
	if strings.Contains(fmt.Sprint(err), encoded) || strings.Contains(fmt.Sprint(err), winrmtest.Password) {
		t.Errorf("the password is shown: %v", err)
	}
}
