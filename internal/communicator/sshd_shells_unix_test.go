// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package communicator

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
)

func withShell(shell string) func(*sshdSetup) { return func(s *sshdSetup) { s.shell = shell } }

func withConfig(config string) func(*sshdSetup) { return func(s *sshdSetup) { s.config = config } }

// noisyShell writes a login shell that prints text on both outputs before it runs a
// command, like a shell with a greeting and an invalid locale.
func noisyShell(t *testing.T) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), "noisy")
	check(t, os.WriteFile(at, []byte("#!/bin/sh\necho Welcome\nprintf 'bash: warning: setlocale: ' >&2\nexec /bin/sh \"$@\"\n"), 0o755))
	return at
}

// Commands work whatever the login shell of the account is.
func TestSSHDLoginShells(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		program string // the Debian package has the same name
		change  func(*sshdSetup)
		noise   string
	}{
		"fish":                     {"fish", withShell("/usr/bin/fish"), ""},
		"tcsh":                     {"tcsh", withShell("/usr/bin/tcsh"), ""},
		"csh":                      {"csh", withShell("/bin/csh"), ""},
		"dash":                     {"dash", withShell("/bin/dash"), ""},
		"a shell that prints text": {"sh", withShell(noisyShell(t)), "Welcome\nbash: warning: setlocale: \n"},
		"a forced command":         {"sh", withConfig(`ForceCommand sh -c "$SSH_ORIGINAL_COMMAND"; exit $?`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(c.program); err != nil {
				t.Skipf("%s is not installed (Debian package %s)", c.program, c.program)
			}
			session := startSSHD(t, c.change).connect(t)
			text, err := output(t, session, Command{
				Script: "#!/bin/bash\nlist=(a b)\necho \"${#list[@]} $TROUBLE\"\nexit 7", Environment: map[string]string{"TROUBLE": specialCharacters},
			})
			var exit *ExitError
			if want := "2 " + specialCharacters + "\n"; !errors.As(err, &exit) || exit.Code != 7 || withoutNoise(text, c.noise) != want {
				t.Errorf("output %q, error %v, want %q and code 7", text, err, want)
			}
			if strings.Contains(text, "gogrid-") {
				t.Errorf("the output shows the mark: %q", text)
			}
			// A cancelled command ends.
			ctx, cancel := context.WithCancel(t.Context())
			at := filepath.Join(t.TempDir(), "pid")
			ended := make(chan error, 1)
			go func() { ended <- session.Run(ctx, Command{Script: "echo $$ > " + at + "; sleep 1000; true"}) }()
			pid := awaitPID(t, at)
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("the cancelled command: %v", err)
			}
			awaitExit(t, pid)
		})
	}
}

// withoutNoise removes the lines of noise, which may arrive in any order.
func withoutNoise(text, noise string) string {
	for line := range strings.Lines(noise) {
		text = strings.Replace(text, line, "", 1)
	}
	return text
}

// If an account cannot run commands, the error quotes what the server printed.
func TestSSHDAccountsWithoutShell(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*sshdSetup)
		want   string
	}{
		"a forced command":                  {withConfig("ForceCommand echo Please login as the user centos rather than root.; exit 142"), "Please login as the user centos"},
		"a command that waits":              {withConfig("ForceCommand echo Please wait while we get your server ready...; exit 0"), "Please wait while we get"},
		"a command that repeats":            {withConfig(`ForceCommand echo "$SSH_ORIGINAL_COMMAND"; cat`), "exec /bin/sh"},
		"a login shell that is not a shell": {withShell("/usr/sbin/nologin"), "This account is currently not available"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startSSHD(t, c.change)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			refusals := 0
			_, err := Connect(ctx, server.target, Options{
				Clock: newFastClock(t, waitLogInterval), RetryDelay: waitLogInterval, Handshake: longTimeout, Idle: longTimeout,
				Log: func(_ context.Context, line string) {
					if strings.Contains(line, "accepted the login") { // earlier attempts may fail because sshd is not listening yet
						if refusals++; refusals == 2 {
							cancel()
						}
					}
				},
			})
			var noShell *NoShellError
			if !errors.As(err, &noShell) || !strings.Contains(strings.Join(noShell.Output, "\n"), c.want) {
				t.Errorf("error %v, want one that quotes %q", err, c.want)
			}
		})
	}
}

// A login shell that prints text breaks an SFTP server outside of sshd.
func TestSSHDTextBeforeSFTP(t *testing.T) {
	t.Parallel()
	const program = "/usr/lib/openssh/sftp-server"
	if _, err := os.Stat(program); err != nil {
		t.Skip("OpenSSH's SFTP server is not installed (Debian package openssh-sftp-server)")
	}
	session := startSSHD(t, withShell(noisyShell(t)), func(s *sshdSetup) { s.sftp = program }).connect(t)
	err := session.Upload(t.Context(), File{Destination: filepath.Join(t.TempDir(), "x"), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("x")), nil
	}})
	if err == nil || !strings.Contains(err.Error(), "Welcome") || !strings.Contains(err.Error(), "login shell") {
		t.Errorf("error %v", err)
	}
}

func TestSSHDChildHoldsTheSession(t *testing.T) {
	t.Parallel()
	clock, log := clockwork.NewFakeClock(), &logRecorder{}
	session := startSSHD(t).connect(t, withNetworkClock(clock), func(_ *Target, o *Options) { o.Idle, o.Log = 10_000*time.Hour, log.log })
	at := filepath.Join(t.TempDir(), "pid")
	ended := make(chan error, 1)
	go func() {
		ended <- session.Run(t.Context(), Command{Script: "sleep 361 & echo $! > " + at, Name: "commands[0]"})
	}()
	// Advance only after the command has ended: the clock also limits its start.
	pid := awaitPID(t, at)
	await(t, "the exit status did not arrive", func() bool {
		select {
		case err := <-ended:
			ended <- err
			return true
		default:
			clock.Advance(drainQuiet / 10)
			return false
		}
	})
	check(t, <-ended)
	if text := log.String(); !strings.Contains(text, "commands[0] has ended, but another process") {
		t.Errorf("the log is %q", text)
	}
	child, err := os.FindProcess(pid)
	check(t, err)
	check(t, child.Kill()) // fails if the child is already gone
}

// Connect works with servers that offer only a single old algorithm.
func TestSSHDAlgorithms(t *testing.T) {
	t.Parallel()
	for config, insecure := range map[string]bool{
		"KexAlgorithms diffie-hellman-group-exchange-sha256": false,
		"KexAlgorithms diffie-hellman-group14-sha1":          false,
		"KexAlgorithms diffie-hellman-group16-sha512":        false,
		"Ciphers aes256-ctr\nMACs hmac-sha1":                 false,
		"KexAlgorithms diffie-hellman-group-exchange-sha1":   true,
		"KexAlgorithms diffie-hellman-group1-sha1":           true,
		"Ciphers aes128-cbc":                                 true,
		"Ciphers 3des-cbc":                                   true,
	} {
		t.Run(strings.ReplaceAll(config, "\n", " "), func(t *testing.T) {
			t.Parallel()
			server := startSSHD(t, withConfig(config))
			session := server.connect(t, func(target *Target, _ *Options) { target.InsecureAlgorithms = insecure })
			if text, err := output(t, session, Command{Script: "echo $((6 * 7))"}); err != nil || text != "42\n" {
				t.Errorf("output %q, error %v", text, err)
			}
			if !insecure {
				return
			}
			_, err := Connect(t.Context(), server.target, Options{})
			var refused *AlgorithmError
			if !errors.As(err, &refused) || !strings.Contains(config, strings.Join(refused.Insecure, ",")) {
				t.Errorf("error %v", err)
			}
		})
	}
}
