// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm/winrmtest"
)

// specialCharacters holds every character that has a special meaning in
// PowerShell, cmd.exe, XML or the C runtime.
const specialCharacters = "a 'b' \"c\" $HOME $(id) `n % %PATH% ^ & | < > ( ) { } [ ] ; # ! * ? ~ \t @ , \\ \\\\ \\\" ‘smart’ ‚low‛ “double” é 日 🦊 ]]> &amp; -- \\"

func TestRun(t *testing.T) {
	t.Parallel()
	server := winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Run = func(_ context.Context, p winrmtest.Program) int {
			fmt.Fprintln(p.Stdout, "one")
			fmt.Fprintln(p.Stderr, "two <&>")
			fmt.Fprintln(p.Stdout, "three é日")
			fmt.Fprintln(p.Stderr, "four")
			return 3
		}
	})
	var got record
	code, err := dial(t, server).Run(testContext(t), Program{Script: "Get-Thing", Stdout: recordStream{&got, "out "}, Stderr: recordStream{&got, "err "}})
	check(t, err)
	if code != 3 {
		t.Errorf("exit code %d, want 3", code)
	}
	if diff := cmp.Diff([]string{"out one", "err two <&>", "out three é日", "err four"}, got.all); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Create", "Command", "Send", "Receive", "Delete"}, server.Messages()); diff != "" {
		t.Error(diff)
	}
	if server.Shells() != 0 {
		t.Error("a shell is left")
	}
}

func TestRunSendsWhatIsMeant(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Write-Output '"+specialCharacters+"'\n", 1000)
	for name, program := range map[string]Program{
		"script":        {Script: "param($x)\n'" + specialCharacters + "' # `"},
		"long script":   {Script: long},
		"comment last":  {Script: "# " + specialCharacters},
		"environment":   {Script: "dir", Environment: map[string]string{"A": specialCharacters, "B_2": "line\nline\r\n'", "C": ""}},
		"argv":          {Argv: []string{`C:\Program Files\it\s.exe`, specialCharacters, "", " ", `\`, `\\`, `"`, `\"`, `a\\"b\\`, "tab\there", "line\nline", "'‘"}},
		"argv and more": {Argv: []string{"net"}, Environment: map[string]string{"SECRET": "s3cr3t value"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got winrmtest.Program
			server := winrmtest.Start(t, func(s *winrmtest.Server) {
				s.Run = func(_ context.Context, p winrmtest.Program) int {
					got = p
					return 0
				}
			})
			program.Stdout, program.Stderr = io.Discard, io.Discard
			code, err := dial(t, server).Run(testContext(t), program)
			check(t, err)
			if code != 0 {
				t.Errorf("code %d", code)
			}
			if got.Script != program.Script || !slices.Equal(got.Argv, program.Argv) {
				t.Errorf("ran %q %q", got.Script, got.Argv)
			}
			for name, value := range program.Environment {
				if got.Environment[name] != value {
					t.Errorf("%s is %q", name, got.Environment[name])
				}
			}
			if len(got.Environment) != len(program.Environment) {
				t.Errorf("environment %q", got.Environment)
			}
			if lines := server.CommandLines(); len(lines) != 1 || len(lines[0]) > 400 {
				t.Errorf("the command line, which all users of the server can see, contains the program: %q", lines)
			}
		})
	}
}

func TestRunTakesOutputInPieces(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("é日🦊 x\n", 12_000)
	server := winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Legacy = true
		s.Run = func(_ context.Context, p winrmtest.Program) int {
			fmt.Fprint(p.Stdout, big)
			fmt.Fprint(p.Stderr, big)
			return -1073741510
		}
	})
	code, stdout, stderr, err := script(testContext(t), dial(t, server), "x")
	check(t, err)
	if stdout != big || stderr != big {
		t.Errorf("got %d bytes of output and %d bytes of errors, want the %d bytes that the program wrote to each", len(stdout), len(stderr), len(big))
	}
	if code != -1073741510 {
		t.Errorf("code %d", code)
	}
}

func TestRunWaitsForAServerWithNothingToTell(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	polled := make(chan struct{})
	server := winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Answer = func(_ http.ResponseWriter, _ *http.Request, m winrmtest.Message) bool {
			if m.Action == "Receive" && asked.Add(1) == 4 {
				close(polled)
			}
			return false
		}
		s.Run = func(_ context.Context, p winrmtest.Program) int {
			<-polled
			fmt.Fprint(p.Stdout, "at last")
			return 0
		}
	})
	client := dial(t, server, func(c *Config) { c.Poll = 20 * time.Millisecond })
	if _, stdout, _, err := script(testContext(t), client, "x"); err != nil || stdout != "at last" {
		t.Errorf("%q, error %v", stdout, err)
	}
}

func TestCancelEndsTheProgram(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		t.Run(fmt.Sprintf("plain %v", plain), func(t *testing.T) {
			t.Parallel()
			started, ended := make(chan struct{}), make(chan struct{})
			server := winrmtest.Start(t, func(s *winrmtest.Server) {
				s.Plain = plain
				s.Run = func(ctx context.Context, _ winrmtest.Program) int {
					close(started)
					<-ctx.Done()
					close(ended)
					return 1
				}
			})
			ctx, cancel := context.WithCancelCause(testContext(t))
			why := errors.New("enough")
			go func() {
				<-started
				cancel(why)
			}()
			_, _, _, err := script(ctx, dial(t, server), "x")
			if !errors.Is(err, why) {
				t.Errorf("error %v", err)
			}
			<-ended
			messages := server.Messages()
			if diff := cmp.Diff([]string{"Signal terminate", "Delete"}, messages[len(messages)-2:]); diff != "" {
				t.Error(diff)
			}
			if server.Shells() != 0 {
				t.Error("a shell is left")
			}
		})
	}
}

// The client must not repeat a message, because the server may have executed it.
func TestBrokenConnectionIsNotRetried(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"Create", "Command", "Send", "Receive"} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			var times atomic.Int32
			server := winrmtest.Start(t, func(s *winrmtest.Server) {
				s.Answer = func(_ http.ResponseWriter, _ *http.Request, m winrmtest.Message) bool {
					if m.Action != action {
						return false
					}
					times.Add(1)
					panic(http.ErrAbortHandler)
				}
			})
			_, _, _, err := script(testContext(t), dial(t, server), "x")
			var rejected *AuthError
			if err == nil || errors.As(err, &rejected) || context.Cause(t.Context()) != nil {
				t.Errorf("error %v", err)
			}
			if times.Load() != 1 {
				t.Errorf("sent %d times", times.Load())
			}
			if server.Shells() != 0 {
				t.Error("a shell is left")
			}
		})
	}
}

func TestOutputThatCannotBeTakenEndsTheProgram(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	server := winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Run = func(ctx context.Context, p winrmtest.Program) int {
			fmt.Fprint(p.Stdout, "more than fits")
			<-ctx.Done()
			close(ended)
			return 1
		}
	})
	_, err := dial(t, server).Run(testContext(t), Program{Script: "x", Stdout: &boundedBuffer{limit: 3}, Stderr: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "more than the 3 bytes") {
		t.Errorf("error %v", err)
	}
	<-ended
}
