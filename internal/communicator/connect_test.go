// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/crypto/ssh"
)

// onFastClock returns options with a fake clock on which delays pass at once.
func onFastClock(t *testing.T) (Options, *clockwork.FakeClock, *logRecorder) {
	t.Helper()
	clock, log := newFastClock(t, defaultRetryDelay), &logRecorder{}
	return Options{Clock: clock, Handshake: longTimeout, Idle: longTimeout, Log: log.log}, clock, log
}

// withRun replaces the shell of a server.
func withRun(run func(line string, channel ssh.Channel)) func(*freezeServer) {
	return func(s *freezeServer) { s.run = run }
}

// printAndExit returns a shell that prints a text instead of running a command.
func printAndExit(text string, code uint32) func(string, ssh.Channel) {
	return func(_ string, channel ssh.Channel) {
		_, _ = io.WriteString(channel, text)
		exitWith(channel, code)
	}
}

// Connect waits for servers that accept the login but cannot run commands yet.
func TestConnectWaitsForAShell(t *testing.T) {
	t.Parallel()
	const wait = "Please wait while we get your server ready..."
	for name, early := range map[string]func(string, ssh.Channel){
		"code 0": printAndExit(wait+"\n", 0),
		"code 1": printAndExit(wait+"\n", 1),
		"on standard error": func(_ string, channel ssh.Channel) {
			_, _ = io.WriteString(channel.Stderr(), wait)
			exitWith(channel, 0)
		},
		"without an exit code": func(_ string, channel ssh.Channel) { _, _ = io.WriteString(channel, wait) },
		"an echo of the command": func(line string, channel ssh.Channel) {
			_, _ = io.WriteString(channel.Stderr(), wait+"\n"+line+"\n")
			_, _ = io.Copy(channel, channel)
			exitWith(channel, 0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int32
			server := startFreezeServer(t, "", func(s *freezeServer) {
				s.run = func(line string, channel ssh.Channel) {
					if tries.Add(1) < 20 {
						early(line, channel)
					} else {
						s.shell(line, channel)
					}
				}
			})
			options, _, log := onFastClock(t)
			session, err := Connect(t.Context(), server.target, options)
			check(t, err)
			check(t, session.Close())
			if lines := strings.Count(log.String(), "waiting for"); lines != 2 || !strings.Contains(log.String(), wait) {
				t.Errorf("the log has %d lines for 95 s, want 2 that quote the server:\n%s", lines, log.String())
			}

			// The error at the end of the wait also quotes the server.
			tries.Store(-1_000_000)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			options.Log = func(_ context.Context, line string) {
				if strings.Contains(line, "(attempt ") {
					cancel()
				}
			}
			_, err = Connect(ctx, server.target, options)
			var noShell *NoShellError
			if !errors.As(err, &noShell) || !strings.Contains(err.Error(), wait) || !strings.Contains(err.Error(), "did not succeed within") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A command that did not run is a failure, even if the server reports success.
func TestCommandsProveThatTheyRan(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	server := startFreezeServer(t, "", func(s *freezeServer) {
		s.run = func(line string, channel ssh.Channel) {
			if broken.Load() {
				printAndExit("This account is currently not available.\n", 0)(line, channel)
			} else {
				s.shell(line, channel)
			}
		}
	})
	options, _, _ := onFastClock(t)
	session, err := Connect(t.Context(), server.target, options)
	check(t, err)
	defer func() { _ = session.Close() }()
	check(t, session.Run(t.Context(), Command{Script: "true"}))
	broken.Store(true)
	err = session.Run(t.Context(), Command{Script: "true", Name: "commands[0]"})
	var noShell *NoShellError
	if !errors.As(err, &noShell) || !strings.Contains(err.Error(), `did not run "commands[0]"`) ||
		!strings.Contains(err.Error(), "This account is currently not available.") || !strings.Contains(err.Error(), "ended with code 0") {
		t.Errorf("error %v", err)
	}
}

// Text around the mark must not hide the mark or make it part of the output.
func TestNoiseAroundTheMark(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after, want string }{
		"nothing":                {"", "out\n", "out\n"},
		"a warning":              {"bash: warning: setlocale: LC_ALL\n", "out\n", "bash: warning: setlocale: LC_ALL\nout\n"},
		"an unfinished line":     {"motd: ", "out", "motd: \nout\n"},
		"many lines":             {strings.Repeat("noise\n", 3), "", strings.Repeat("noise\n", 3)},
		"the mark as a question": {"GOGRID", "", "GOGRID\n"},
	} {
		for _, size := range []int{1, 7, 1 << 20} {
			var got strings.Builder
			m := newMark()
			reader := newMarkReader(m, &lines{sink: newSink(newRedactor(nil), func(line string) { got.WriteString(line + "\n") })})
			text := strings.ReplaceAll(c.before, "GOGRID", m.left+`""`+m.right+":$$ >&2; exec /bin/sh") + m.text() + "4711\n" + c.after
			for piece := range slices.Chunk([]byte(text), size) {
				if n, err := reader.Write(piece); n != len(piece) || err != nil {
					t.Fatalf("%s: wrote %d of %d bytes: %v", name, n, len(piece), err)
				}
			}
			reader.finish()
			want := strings.ReplaceAll(c.want, "GOGRID", m.left+`""`+m.right+":$$ >&2; exec /bin/sh")
			if reader.group() != "4711" || got.String() != want {
				t.Errorf("%s: group %q, output %q, want %q", name, reader.group(), got.String(), want)
			}
		}
	}
}

// Connect retries while a booting server rejects the account.
func TestConnectWaitsForTheAccount(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	server := startFreezeServer(t, "", func(s *freezeServer) {
		accept := s.config.PasswordCallback
		s.config.PasswordCallback = func(m ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if tries.Add(1) <= 10 {
				return nil, errors.New("no such account yet")
			}
			return accept(m, password)
		}
	})
	options, clock, log := onFastClock(t)
	started := clock.Now()
	session, err := Connect(t.Context(), server.target, options)
	check(t, err)
	check(t, session.Close())
	passed := clock.Since(started)
	if most := maxRejectedDelay * defaultRetryDelay * 10; passed > most || strings.Count(log.String(), "waiting for") > int(passed/time.Minute)+1 {
		t.Errorf("%s passed, want at most %s, with one log line a minute:\n%s", passed, most, log.String())
	}
}

// The exit status ends a command, even if a child holds its output open.
func TestExitStatusEndsACommand(t *testing.T) {
	t.Parallel()
	for name, chatty := range map[string]bool{"a silent child": false, "a child that prints forever": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startFreezeServer(t, "", withRun(func(line string, channel ssh.Channel) {
				_, _ = io.WriteString(channel.Stderr(), printedMark(line))
				_, _ = io.WriteString(channel, "started")
				exitWith(channel, 3)
				for chatty {
					if _, err := io.WriteString(channel, "again\n"); err != nil {
						return
					}
				}
				<-t.Context().Done()
			}))
			clock, log := clockwork.NewFakeClock(), &logRecorder{}
			session, err := Dial(t.Context(), server.target, Options{Network: clock, Handshake: longTimeout, Idle: 10_000 * time.Hour, Log: log.log})
			check(t, err)
			var returned atomic.Bool
			ended := make(chan error, 1)
			go func() {
				err := session.Run(t.Context(), Command{Script: "sleep 361 &", Name: "commands[0]", Output: func(string) {
					if returned.Load() {
						t.Error("output arrived after the command had ended")
					}
				}})
				returned.Store(true)
				ended <- err
			}()
			err = advanceWhileWaiting(t, clock, ended)
			var exit *ExitError
			if !errors.As(err, &exit) || exit.Code != 3 || !chatty && !strings.Contains(err.Error(), "started") {
				t.Errorf("error %v, want code 3 and the output", err)
			}
			if text := log.String(); !strings.Contains(text, "commands[0] has ended, but another process") {
				t.Errorf("the log does not mention the remaining process: %s", text)
			}
			check(t, session.Close())
		})
	}
}

// Each algorithm of the library works as the only one that a server offers. If
// no algorithm is common, the connection fails at once, and the error lists the
// algorithms of both sides.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	secure, all := offeredAlgorithms(false), offeredAlgorithms(true)
	type only struct{ keyExchange, cipher, mac string }
	for _, c := range []struct {
		kind  string
		names []string
		only  func(string) only
		plain []string
	}{
		{"key exchange", all.keyExchanges, func(name string) only { return only{keyExchange: name} }, secure.keyExchanges},
		{"client to server cipher", all.ciphers, func(name string) only { return only{cipher: name} }, secure.ciphers},
		{"client to server MAC", all.macs, func(name string) only { return only{cipher: ssh.CipherAES128CTR, mac: name} }, secure.macs},
	} {
		for _, name := range c.names {
			t.Run(c.kind+" "+name, func(t *testing.T) {
				t.Parallel()
				server := startFreezeServer(t, "", func(s *freezeServer) {
					chosen := c.only(name)
					for to, one := range map[*[]string]string{&s.config.KeyExchanges: chosen.keyExchange, &s.config.Ciphers: chosen.cipher, &s.config.MACs: chosen.mac} {
						if one != "" {
							*to = []string{one}
						}
					}
				})
				options, _, log := onFastClock(t)
				target := server.target
				session, err := Connect(t.Context(), target, options)
				if slices.Contains(c.plain, name) {
					check(t, err)
					check(t, session.Close())
					return
				}
				var refused *AlgorithmError
				if !errors.As(err, &refused) || refused.What != c.kind || !slices.Contains(refused.Insecure, name) ||
					!strings.Contains(err.Error(), "The server offers "+name) || !strings.Contains(err.Error(), "the provider offers "+c.plain[0]) || log.String() != "" {
					t.Errorf("error %v, log %s", err, log.String())
				}
				target.InsecureAlgorithms = true
				session, err = Connect(t.Context(), target, options)
				check(t, err)
				check(t, session.Close())
			})
		}
	}
}

// If the server does not offer the type of the pinned host key, Connect fails
// at once and names both types.
func TestPinnedKeyOfAnotherType(t *testing.T) {
	t.Parallel()
	server := startFreezeServer(t, "") // its key is of type ed25519
	options, _, log := onFastClock(t)
	target := server.target
	target.HostKey = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg="
	_, err := Connect(t.Context(), target, options)
	var refused *AlgorithmError
	if !errors.As(err, &refused) || !refused.Pinned || !strings.Contains(err.Error(), "ssh-ed25519") || !strings.Contains(err.Error(), "ecdsa-sha2-nistp256") || log.String() != "" {
		t.Errorf("error %v, log %s", err, log.String())
	}
	target.HostKey = "ssh-xmss@openssh.com AAAAFHNzaC14bXNzQG9wZW5zc2guY29t"
	if _, err = Connect(t.Context(), target, options); !errors.Is(err, ErrNoHostKey) || !strings.Contains(err.Error(), "ssh-xmss@openssh.com") || !strings.Contains(err.Error(), "ssh-ed25519") {
		t.Errorf("error %v", err)
	}
}

// A login shell that prints text breaks SFTP. The error names this cause and
// quotes the text.
func TestTextBeforeSFTP(t *testing.T) {
	t.Parallel()
	server := startFreezeServer(t, "", func(s *freezeServer) { s.greeting = "Welcome to web01!\n" })
	options, _, _ := onFastClock(t)
	session, err := Dial(t.Context(), server.target, options)
	check(t, err)
	defer func() { _ = session.Close() }()
	_, err = session.Read(t.Context(), "/etc/motd", 10)
	if text := err.Error(); !strings.Contains(text, "packet too long") || !strings.Contains(text, "Welcome to web01!") || !strings.Contains(text, "login shell") {
		t.Errorf("error %s", text)
	}
}
