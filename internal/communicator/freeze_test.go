// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// freezeServer is an SSH server that stops answering at one point of the protocol.
// It still answers keepalives.
type freezeServer struct {
	t      *testing.T
	at     string
	target Target
	config *ssh.ServerConfig
	// frozen is closed when the server has reached the point.
	frozen chan struct{}
	once   sync.Once
	// greeting comes before the first SFTP packet.
	greeting string
	// run replaces the simulated shell if it is set.
	run func(line string, channel ssh.Channel)
}

// Points at which a server freezes.
const (
	freezeVersion     = "before its version"
	freezeHalfVersion = "in its version"
	freezeKeys        = "before the key exchange"
	freezeLogin       = "before the answer to the login"
	freezeForward     = "before it opens a forwarded connection"
	freezeChannel     = "before it opens a channel"
	freezeExec        = "before the answer to exec"
	freezeShell       = "before the shell's first output"
	freezeExit        = "before the exit status"
	freezeSubsystem   = "before the answer to the SFTP request"
	freezeSFTPVersion = "before the SFTP version"
)

// freezePacket returns the point before the answer to an SFTP packet.
func freezePacket(kind byte) string { return fmt.Sprintf("before the answer to SFTP packet %d", kind) }

// Types of SFTP packets.
const (
	packetInit      = 1
	packetOpen      = 3
	packetClose     = 4
	packetRead      = 5
	packetWrite     = 6
	packetSetstat   = 9
	packetRemove    = 13
	packetMkdir     = 14
	packetStat      = 17
	packetRename    = 18
	packetExtension = 200
)

const freezePassword = "freeze-password"

func startFreezeServer(t *testing.T, at string, change ...func(*freezeServer)) *freezeServer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	key, err := ssh.NewSignerFromKey(private)
	check(t, err)
	s := &freezeServer{t: t, at: at, frozen: make(chan struct{})}
	s.config = &ssh.ServerConfig{PasswordCallback: func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
		s.stopAt(freezeLogin)
		if string(password) != freezePassword {
			return nil, errors.New("wrong password")
		}
		return nil, nil
	}}
	s.config.AddHostKey(key)
	for _, set := range change {
		set(s)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			go s.serve(conn)
		}
	}()
	s.target = Target{Protocol: SSH, Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Username: "root", Password: freezePassword}
	return s
}

// stopAt blocks until the end of the test if the server freezes at this point.
func (s *freezeServer) stopAt(point string) {
	if s.at == point {
		s.once.Do(func() { close(s.frozen) })
		<-s.t.Context().Done()
	}
}

func (s *freezeServer) serve(conn net.Conn) {
	greetings := map[string]string{freezeVersion: "", freezeHalfVersion: "welcome\r\nSSH-2.0-fro", freezeKeys: "SSH-2.0-frozen\r\n"}
	if greeting, early := greetings[s.at]; early {
		// The client has reached the step when its version, or the first byte of its
		// key exchange, has arrived.
		_, _ = io.WriteString(conn, greeting)
		received := bufio.NewReader(conn)
		_, _ = received.ReadString('\n')
		if s.at == freezeKeys {
			_, _ = received.ReadByte()
		}
		s.stopAt(s.at)
	}
	_, channels, requests, err := ssh.NewServerConn(conn, s.config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests) // answers keepalives
	for request := range channels {
		go s.open(request)
	}
}

func (s *freezeServer) open(request ssh.NewChannel) {
	if request.ChannelType() == "direct-tcpip" {
		s.stopAt(freezeForward)
	}
	s.stopAt(freezeChannel)
	channel, requests, err := request.Accept()
	if err != nil {
		return
	}
	for r := range requests {
		switch r.Type {
		case "exec":
			s.stopAt(freezeExec)
			_ = r.Reply(true, nil)
			var text struct{ Line string }
			_ = ssh.Unmarshal(r.Payload, &text)
			go func() {
				defer func() { _ = channel.Close() }()
				if s.run != nil {
					s.run(text.Line, channel)
					return
				}
				s.shell(text.Line, channel)
			}()
		case "subsystem":
			s.stopAt(freezeSubsystem)
			_ = r.Reply(true, nil)
			go s.files(channel)
		default:
			if r.WantReply {
				_ = r.Reply(false, nil)
			}
		}
	}
}

// shell responds to a command line like a POSIX shell.
func (s *freezeServer) shell(line string, channel ssh.Channel) {
	if strings.Contains(line, "kill -s") {
		exitWith(channel, 0)
		return
	}
	text, _ := io.ReadAll(channel) // the client sends the text after the answer to exec
	s.stopAt(freezeShell)
	_, _ = io.WriteString(channel.Stderr(), printedMark(line))
	if strings.Contains(string(text), "sha256sum") { // not installed here
		exitWith(channel, 127)
		return
	}
	if strings.Contains(string(text), "sleep") {
		s.stopAt(freezeExit)
	}
	exitWith(channel, 0)
}

// printedMark returns what a POSIX shell prints for the mark in a command line.
func printedMark(line string) string {
	_, rest, _ := strings.Cut(line, "echo ")
	word, _, _ := strings.Cut(rest, " ")
	return strings.ReplaceAll(strings.ReplaceAll(word, `""`, ""), "$$", "4711") + "\n"
}

func exitWith(channel ssh.Channel, code uint32) {
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{code}))
}

// files serves SFTP from memory.
func (s *freezeServer) files(channel ssh.Channel) {
	_, _ = io.WriteString(channel, s.greeting)
	ours, theirs := net.Pipe()
	go func() { _, _ = io.Copy(channel, ours) }()
	server := sftp.NewRequestServer(theirs, sftp.InMemHandler())
	go func() { _ = server.Serve() }()
	defer func() { _ = ours.Close() }()
	for {
		head := make([]byte, 5)
		if _, err := io.ReadFull(channel, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head)-1)
		if _, err := io.ReadFull(channel, body); err != nil {
			return
		}
		s.stopAt(freezePacket(head[4]))
		if head[4] == packetInit {
			s.stopAt(freezeSFTPVersion)
		}
		if _, err := ours.Write(append(head, body...)); err != nil {
			return
		}
	}
}

// A server that stops answering must not block a call: each call ends with its
// context, and each call that needs an answer also ends at its own limit. The
// error names the step.
func TestFrozenServers(t *testing.T) {
	t.Parallel()
	dial := func(ctx context.Context, target Target, options Options) error {
		session, err := Dial(ctx, target, options)
		if err == nil {
			err = session.Close()
		}
		return err
	}
	after := func(call func(context.Context, Session) error) func(context.Context, Target, Options) error {
		return func(ctx context.Context, target Target, options Options) error {
			session, err := Dial(context.WithoutCancel(ctx), target, options)
			if err != nil {
				return err
			}
			return errors.Join(call(ctx, session), session.Close())
		}
	}
	command := after(func(ctx context.Context, session Session) error {
		return session.Run(ctx, Command{Script: "sleep 1000", Name: "a command"})
	})
	upload := after(func(ctx context.Context, session Session) error {
		return session.Upload(ctx, File{Destination: "/srv/file", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("content")), nil
		}})
	})
	read := after(func(ctx context.Context, session Session) error {
		_, err := session.Read(ctx, "/", 10)
		return err
	})
	logIn := func(ctx context.Context, target Target, options Options) error {
		login, err := LogIn(context.WithoutCancel(ctx), target, options)
		if err != nil {
			return err
		}
		_, err = login.Files(ctx)
		return errors.Join(err, login.Close())
	}
	cases := []struct {
		point string
		step  string
		what  string
		call  func(context.Context, Target, Options) error
	}{
		{freezeForward, stepConnect, "log in through it", func(ctx context.Context, bastion Target, options Options) error {
			return dial(ctx, Target{Protocol: SSH, Host: "192.0.2.1", Password: "x", Bastion: &bastion}, options)
		}},
		{freezeVersion, stepVersion, "log in", dial},
		{freezeHalfVersion, stepVersion, "log in", dial},
		{freezeKeys, stepKeys, "log in", dial},
		{freezeLogin, stepLogIn, "log in", dial},
		{freezeChannel, stepChannel, "run", command},
		{freezeExec, stepStart, "run", command},
		{freezeShell, stepShell, "run", command},
		{freezeExit, "", "run", command},
		{freezeChannel, stepChannel, "upload", upload},
		{freezeSubsystem, stepSFTP, "upload", upload},
		{freezeSFTPVersion, stepSFTPVersion, "upload", upload},
		{freezePacket(packetStat), "look up the destination", "upload", upload},
		{freezePacket(packetMkdir), "create the directory", "upload", upload},
		{freezePacket(packetOpen), "create the file", "upload", upload},
		{freezePacket(packetWrite), "send the content", "upload", upload},
		{freezePacket(packetClose), "send the content", "upload", upload},
		{freezePacket(packetRead), "read the file back", "upload", upload},
		{freezePacket(packetSetstat), "set the mode", "upload", upload},
		{freezePacket(packetExtension), "rename the file", "upload", upload},
		{freezePacket(packetOpen), "read the file", "read", read},
		{freezeSFTPVersion, stepSFTPVersion, "open SFTP", logIn},
	}
	var mu sync.Mutex
	var table []string
	t.Cleanup(func() {
		slices.Sort(table)
		t.Log("the server freezes | call | ended by | step in the error\n" + strings.Join(table, "\n"))
	})
	for _, c := range cases {
		for _, by := range []string{"its context", "its limit"} {
			if by == "its limit" && c.step == "" {
				continue // a command may run for as long as its context allows
			}
			t.Run(c.what+" "+c.point+" by "+by, func(t *testing.T) {
				t.Parallel()
				server := startFreezeServer(t, c.point)
				clock := clockwork.NewFakeClock()
				options := Options{Network: clock, Handshake: time.Minute, Answer: time.Minute, Idle: 10_000 * time.Hour}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				ended := make(chan error, 1)
				go func() { ended <- c.call(ctx, server.target, options) }()
				<-server.frozen
				if by == "its context" {
					cancel()
				}
				err := advanceWhileWaiting(t, clock, ended)
				var step *StepError
				switch {
				case err == nil:
					t.Fatal("no error")
				case c.step == "":
					if !errors.Is(err, context.Canceled) {
						t.Errorf("error %v, want context.Canceled", err)
					}
				case !errors.As(err, &step) || step.Step != c.step || !strings.Contains(err.Error(), c.step):
					t.Errorf("error %v, want the step %q", err, c.step)
				case by == "its context" && !errors.Is(err, context.Canceled):
					t.Errorf("error %v, want context.Canceled", err)
				case by == "its limit" && step.After == 0:
					t.Errorf("error %v, want a limit", err)
				}
				mu.Lock()
				defer mu.Unlock()
				table = append(table, fmt.Sprintf("%s | %s | %s | %s", c.point, c.what, by, c.step))
			})
		}
	}
}

// advanceWhileWaiting advances the clock as long as an operation waits for it, and
// returns the operation's error. The total stays far below the keepalive interval, so
// keepalives do not interfere.
func advanceWhileWaiting(t *testing.T, clock *clockwork.FakeClock, ended <-chan error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longTimeout)
	defer cancel()
	result := make(chan error, 1)
	go func() {
		result <- <-ended
		cancel()
	}()
	pause := time.NewTicker(time.Millisecond) // gives the operation time to react; its length does not matter
	defer pause.Stop()
	for clock.BlockUntilContext(ctx, 1) == nil {
		clock.Advance(10 * time.Second)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
	}
	select {
	case err := <-result:
		return err
	default:
		t.Fatal("the call did not end")
		return nil
	}
}
