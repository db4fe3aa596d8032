// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package communicator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/testport"
)

// sshd is an OpenSSH server on a loopback port.
type sshd struct {
	dir    string
	port   int
	target Target
	pid    int
}

// sshdSetup configures how a server is started.
type sshdSetup struct {
	// config precedes the other configuration, so its values take precedence.
	config string
	// sftp is the SFTP server; empty means the one inside sshd.
	sftp string
	// shell is the login shell of the user; empty means the user's own.
	shell string
}

// startSSHD starts a server that accepts a key for the user who runs the test. The
// server has host keys of two types.
func startSSHD(t *testing.T, change ...func(*sshdSetup)) *sshd {
	t.Helper()
	setup := sshdSetup{sftp: "internal-sftp"}
	for _, set := range change {
		set(&setup)
	}
	program, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		t.Skip("OpenSSH's server is not installed (Debian package openssh-server)")
	}
	current, err := user.Current()
	if err != nil {
		t.Skipf("the user who runs this test is unknown: %v", err)
	}
	s := &sshd{dir: t.TempDir(), port: testport.New(t)}
	for name, kind := range map[string]string{"host_ed25519": "ed25519", "host_ecdsa": "ecdsa", "user": "ed25519"} {
		run(t, "ssh-keygen", "-q", "-t", kind, "-N", "", "-f", filepath.Join(s.dir, name))
	}
	public, err := os.ReadFile(filepath.Join(s.dir, "user.pub"))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(s.dir, "authorized_keys"), public, 0o600))
	// With SHLVL set, bash does not read ~/.bashrc of the user who runs this test.
	config := fmt.Sprintf(`%[3]s
SetEnv SHLVL=1
Port %[1]d
ListenAddress 127.0.0.1
HostKey %[2]s/host_ed25519
HostKey %[2]s/host_ecdsa
AuthorizedKeysFile %[2]s/authorized_keys
PidFile %[2]s/pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
AllowTcpForwarding yes
Subsystem sftp %[4]s
`, s.port, s.dir, setup.config, setup.sftp)
	check(t, os.WriteFile(filepath.Join(s.dir, "config"), []byte(config), 0o600))
	if os.Getuid() == 0 {
		check(t, os.MkdirAll("/run/sshd", 0o755)) // sshd uses it as the root of its unprivileged process
	}
	args := []string{program, "-D", "-e", "-f", filepath.Join(s.dir, "config")}
	if setup.shell != "" {
		args = append(withLoginShell(t, s.dir, current.Username, setup.shell), args...)
	}
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var log bytes.Buffer
	cmd.Stderr = &log
	check(t, cmd.Start())
	s.pid = cmd.Process.Pid
	t.Cleanup(func() {
		_ = syscall.Kill(-s.pid, syscall.SIGKILL)
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	key, err := os.ReadFile(filepath.Join(s.dir, "user"))
	check(t, err)
	s.target = Target{Protocol: SSH, Host: "127.0.0.1", Port: s.port, Username: current.Username, PrivateKey: string(key)}
	return s
}

// withLoginShell returns a command prefix that runs another command with a
// modified /etc/passwd. Only that command sees the modified file.
func withLoginShell(t *testing.T, dir, user, shell string) []string {
	t.Helper()
	text, err := os.ReadFile("/etc/passwd")
	check(t, err)
	entries := strings.Split(string(text), "\n")
	for i, entry := range entries {
		if fields := strings.Split(entry, ":"); fields[0] == user {
			fields[len(fields)-1] = shell
			entries[i] = strings.Join(fields, ":")
		}
	}
	at := filepath.Join(dir, "passwd")
	check(t, os.WriteFile(at, []byte(strings.Join(entries, "\n")), 0o644))
	command := []string{"unshare", "-m", "sh", "-c", `mount --bind "$0" /etc/passwd && exec "$@"`, at}
	if text, err := exec.CommandContext(t.Context(), command[0], append(command[1:], "true")...).CombinedOutput(); err != nil {
		t.Skipf("changing the login shell needs root and mount namespaces (Debian packages util-linux and mount): %v: %s", err, text)
	}
	return command
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if text, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
}

func (s *sshd) connect(t *testing.T, change ...func(*Target, *Options)) Session {
	t.Helper()
	target, options := s.target, Options{Clock: clockwork.NewRealClock(), RetryDelay: 20 * time.Millisecond, Handshake: longTimeout, Idle: longTimeout}
	for _, set := range change {
		set(&target, &options)
	}
	ctx, cancel := context.WithTimeout(t.Context(), longTimeout)
	defer cancel()
	session, err := Connect(ctx, target, options)
	check(t, err)
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// withNetworkClock makes a session measure its network limits on the given clock.
func withNetworkClock(clock clockwork.Clock) func(*Target, *Options) {
	return func(_ *Target, o *Options) { o.Network = clock }
}

// output runs a command and returns its output.
func output(t *testing.T, session Session, command Command) (string, error) {
	t.Helper()
	var text strings.Builder
	command.Output = func(line string) { text.WriteString(line + "\n") }
	err := session.Run(t.Context(), command)
	return text.String(), err
}

// specialCharacters holds every character that has a special meaning in a shell.
const specialCharacters = "a 'b' \"c\" $HOME `id` $(id) \\ \\n % ^ & | < > ( ) { } [ ] ; # ! * ? ~ \t - é 日 '' \"\" $$ \\'"

func TestSSHDRunsCommands(t *testing.T) {
	t.Parallel()
	session := startSSHD(t).connect(t)
	for name, c := range map[string]struct {
		command Command
		want    string
	}{
		"arguments arrive as they are":  {Command{Argv: []string{"printf", "%s|", specialCharacters, "", "two  blanks"}}, specialCharacters + "||two  blanks|\n"},
		"the environment as it is":      {Command{Script: `printf '%s' "$TROUBLE"`, Environment: map[string]string{"TROUBLE": specialCharacters}}, specialCharacters + "\n"},
		"and for arguments":             {Command{Argv: []string{"sh", "-c", `printf '%s' "$TROUBLE"`}, Environment: map[string]string{"TROUBLE": specialCharacters}}, specialCharacters + "\n"},
		"a script as it is":             {Command{Script: "cat <<'END'\n" + specialCharacters + "\nEND\n"}, specialCharacters + "\n"},
		"a script that reads its input": {Command{Script: "cat; read line; echo \"<$line>\"; echo end"}, "<>\nend\n"},
		"a script for bash":             {Command{Script: "#!/bin/bash\nlist=(a b c)\necho ${#list[@]}"}, "3\n"},
		"a script for another program":  {Command{Script: "#!/usr/bin/env -S perl -l\nprint 6 * 7;"}, "42\n"},
		"both outputs":                  {Command{Script: "echo out; echo err >&2; echo out"}, ""},
		"a comment at the end":          {Command{Script: "echo one # and no end of line"}, "one\n"},
		"standard error alone":          {Command{Script: "printf 'no end of line' >&2"}, "no end of line\n"},
	} {
		text, err := output(t, session, c.command)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.want != "" && text != c.want {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
	}
	for script, want := range map[string]int{"exit 7": 7, "false": 1, "no-such-program": 127, "set -e; false; true": 1, "if": 2} {
		_, err := output(t, session, Command{Script: script})
		var exit *ExitError
		if !errors.As(err, &exit) || exit.Code != want {
			t.Errorf("%q ended with %v, want code %d", script, err, want)
		}
	}
	_, err := output(t, session, Command{Script: "for i in $(seq 100); do echo line $i; done; exit 3", Name: "commands[0]"})
	if text := fmt.Sprint(err); !strings.Contains(text, `"commands[0]" ended with code 3`) || !strings.Contains(text, "line 100") || strings.Contains(text, "line 80\n") {
		t.Errorf("the error does not show the end of the output: %s", text)
	}
}

// A cancelled command must end, together with all processes that it started.
func TestSSHDCancelEndsTheCommand(t *testing.T) {
	t.Parallel()
	server := startSSHD(t)
	for name, script := range map[string]string{
		"a child in the foreground":   "echo $$ >&2; sleep 1000",
		"children in the background":  "sleep 1000 & sleep 1000 & echo $! >&2; wait",
		"a pipeline":                  "echo $$ >&2; sleep 1000 | cat | cat",
		"one that ignores the signal": "trap '' TERM; echo $$ >&2; while :; do sleep 1; done",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := clockwork.NewFakeClock()
			session := server.connect(t, withNetworkClock(clock))
			ctx, cancel := context.WithCancel(t.Context())
			// Output on standard error arrives after the id of the process group.
			started, ended := make(chan string, 9), make(chan error, 1)
			go func() {
				ended <- session.Run(ctx, Command{Script: script, Output: func(line string) { started <- line }})
			}()
			pid, err := strconv.Atoi(<-started)
			check(t, err)
			cancel()
			if strings.HasPrefix(script, "trap") {
				// Three timers run: keepalive, cleanupTimeout and terminateTimeout.
				check(t, clock.BlockUntilContext(t.Context(), 3))
				clock.Advance(terminateTimeout)
			}
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("the command ended with %v, want context.Canceled", err)
			}
			awaitExit(t, pid)
			if _, err := output(t, session, Command{Script: "true"}); err != nil {
				t.Errorf("the session does not work after the cancellation: %v", err)
			}
		})
	}
}

func awaitPID(t *testing.T, at string) int {
	t.Helper()
	pid := 0
	await(t, "the command did not start", func() bool {
		text, err := os.ReadFile(at)
		if err == nil {
			pid, err = strconv.Atoi(strings.TrimSuffix(string(text), "\n"))
		}
		return err == nil && strings.HasSuffix(string(text), "\n")
	})
	return pid
}

func awaitExit(t *testing.T, pid int) {
	t.Helper()
	await(t, fmt.Sprintf("process %d still runs", pid), func() bool {
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
			return true
		}
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err == nil && strings.Contains(string(text), ") Z ") // a zombie has ended
	})
}

// await polls done until it returns true. After longTimeout it fails the test with
// the given message.
func await(t *testing.T, failure string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longTimeout)
	defer cancel()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !done() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatal(failure)
		}
	}
}

func TestSSHDFrozenServerIsGivenUp(t *testing.T) {
	t.Parallel()
	server := startSSHD(t)
	clock := clockwork.NewFakeClock()
	session := server.connect(t, withNetworkClock(clock))
	at := filepath.Join(t.TempDir(), "pid")
	ended := make(chan error, 1)
	go func() { ended <- session.Run(t.Context(), Command{Script: "echo $PPID > " + at + "; sleep 1000"}) }()
	connection := awaitPID(t, at)
	// The parent of the shell serves the connection. With privilege separation,
	// the parent of that process could also answer, so stop both.
	for _, pid := range []int{connection, parentOf(t, connection)} {
		if pid != server.pid {
			check(t, syscall.Kill(pid, syscall.SIGSTOP))
			t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
		}
	}
	if err := advanceUntilEnd(clock, ended); err == nil || !strings.Contains(err.Error(), "no sign of life") {
		t.Errorf("the command ended with %v, want an error about a server that gives no sign of life", err)
	}
}

func parentOf(t *testing.T, pid int) int {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "ps", "-o", "ppid=", "-p", strconv.Itoa(pid)).Output()
	check(t, err)
	parent, err := strconv.Atoi(strings.TrimSpace(string(text)))
	check(t, err)
	return parent
}

func TestSSHDUpload(t *testing.T) {
	t.Parallel()
	session := startSSHD(t).connect(t)
	const size = 200 << 20
	dir := t.TempDir()
	random := func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(rand.NewChaCha8([32]byte{1}), size)), nil
	}
	sum := sha256.New()
	content, err := random()
	check(t, err)
	_, err = io.Copy(sum, content)
	check(t, err)
	at := filepath.Join(dir, "new", "folder", "it's big")
	check(t, session.Upload(t.Context(), File{Destination: at, Mode: 0o750, Open: random, SHA256: hex.EncodeToString(sum.Sum(nil))}))
	found, err := os.Stat(at)
	check(t, err)
	if found.Size() != size || found.Mode() != 0o750 {
		t.Errorf("the file has %d bytes and mode %v, want %d and 0750", found.Size(), found.Mode(), size)
	}
	arrived := sha256.New()
	file, err := os.Open(at)
	check(t, err)
	defer func() { _ = file.Close() }()
	_, err = io.Copy(arrived, file)
	check(t, err)
	if !bytes.Equal(arrived.Sum(nil), sum.Sum(nil)) {
		t.Error("the file on the server differs from its source")
	}
	if _, err := session.Read(t.Context(), at, 100); err == nil || !strings.Contains(err.Error(), "larger than 100 bytes") {
		t.Errorf("reading a larger file with a limit of 100 bytes: got %v, want an error that names the limit", err)
	}
}

func TestSSHDUploadLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	session := startSSHD(t).connect(t)
	dir := t.TempDir()
	at := filepath.Join(dir, "file")
	check(t, os.WriteFile(at, []byte("before"), 0o600))
	text := func(s string) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
	}
	err := session.Upload(t.Context(), File{Destination: at, Open: text("after"), SHA256: strings.Repeat("0", 64)})
	var changed *SourceChangedError
	if !errors.As(err, &changed) {
		t.Errorf("a changed source: got error %v", err)
	}
	broken := io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), brokenReader{}))
	err = session.Upload(t.Context(), File{Destination: at, Open: func() (io.ReadCloser, error) { return broken, nil }})
	if !errors.Is(err, errBroken) {
		t.Errorf("a source that fails: got error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	endless := io.NopCloser(io.MultiReader(strings.NewReader("x"), cancelReader{cancel}, zeros{}))
	err = session.Upload(ctx, File{Destination: at, Open: func() (io.ReadCloser, error) { return endless, nil }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled upload: got error %v", err)
	}
	if err := session.Upload(t.Context(), File{Destination: dir, Open: text("x")}); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("an upload over a directory: got error %v", err)
	}
	entries, err := os.ReadDir(dir)
	check(t, err)
	if text, err := os.ReadFile(at); err != nil || string(text) != "before" || len(entries) != 1 {
		t.Errorf("the directory holds %v and the file holds %q (%v)", entries, text, err)
	}
	check(t, session.Upload(t.Context(), File{Destination: at, Open: text("after")}))
	if text, err := session.Read(t.Context(), at, 100); err != nil || string(text) != "after" {
		t.Errorf("the file holds %q (%v)", text, err)
	}
}

var errBroken = errors.New("broken")

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

type cancelReader struct{ cancel func() }

func (c cancelReader) Read([]byte) (int, error) { c.cancel(); return 0, io.EOF }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestSSHDHostKeys(t *testing.T) {
	t.Parallel()
	server := startSSHD(t)
	shown := server.connect(t).HostKey()
	public := func(kind string) string {
		text, err := os.ReadFile(filepath.Join(server.dir, "host_"+kind+".pub"))
		check(t, err)
		return strings.Join(strings.Fields(string(text))[:2], " ")
	}
	fingerprint := func(kind, hash string) string {
		text, err := exec.CommandContext(t.Context(), "ssh-keygen", "-l", "-E", hash, "-f", filepath.Join(server.dir, "host_"+kind+".pub")).Output()
		check(t, err)
		return strings.Fields(string(text))[1]
	}
	kind := "ecdsa"
	if shown == public("ed25519") {
		kind = "ed25519"
	}
	if shown != public(kind) {
		t.Errorf("the key shown is %q", shown)
	}
	known := fmt.Sprintf("# a comment\nother %s\n[127.0.0.1]:%d %s\n", public("ecdsa"), server.port, public("ed25519"))
	hashed := filepath.Join(server.dir, "known_hosts")
	check(t, os.WriteFile(hashed, []byte(known), 0o600))
	run(t, "ssh-keygen", "-q", "-H", "-f", hashed)
	hashedText, err := os.ReadFile(hashed)
	check(t, err)
	for name, key := range map[string]string{
		"one kind": public("ed25519"), "the other kind": public("ecdsa"), "with a comment": public("ecdsa") + " root@somewhere\n",
		"known_hosts": known, "hashed known_hosts": string(hashedText),
		"fingerprint":     fingerprint(kind, "sha256"),
		"old fingerprint": fingerprint(kind, "md5"),
	} {
		session := server.connect(t, func(target *Target, _ *Options) { target.HostKey = key })
		if _, err := output(t, session, Command{Script: "true"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	target := server.target
	target.HostKey = public("ed25519")
	other := startSSHD(t)
	target.Port, target.PrivateKey = other.port, other.target.PrivateKey
	other.connect(t) // waits until the server is up
	_, err = Connect(t.Context(), target, Options{Clock: clockwork.NewRealClock()})
	var changed *HostKeyError
	if !errors.As(err, &changed) || changed.Want != fingerprint("ed25519", "sha256") || !strings.HasPrefix(changed.Got, "SHA256:") || changed.Got == changed.Want {
		t.Errorf("another key: got error %v", err)
	}
}

func TestSSHDBastion(t *testing.T) {
	t.Parallel()
	server, bastion := startSSHD(t), startSSHD(t)
	bastion.connect(t) // waits until the bastion is up
	session := server.connect(t, func(target *Target, _ *Options) { target.Bastion = &bastion.target })
	text, err := output(t, session, Command{Script: "echo $SSH_CONNECTION"})
	if err != nil || !strings.HasSuffix(strings.TrimSpace(text), strconv.Itoa(server.port)) {
		t.Errorf("through the bastion: %q, %v", text, err)
	}
	wrong := bastion.target
	wrong.HostKey = server.connect(t).HostKey()
	target := server.target
	target.Bastion = &wrong
	if _, err := Dial(t.Context(), target, Options{}); err == nil || !strings.Contains(err.Error(), "the bastion: ") {
		t.Errorf("a bastion with another key: got error %v", err)
	}
}
