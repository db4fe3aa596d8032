// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package storagetest runs servers on loopback for tests: an SFTP server that can
// also act as a bastion, and Samba's own server. Each serves one folder only.
package storagetest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// Username and Password are the account that may log in. Tests search their output
// for the password.
const (
	Username = "22290"
	Password = "canary-storage-password"
)

// Server is an SFTP server that stops at the end of its test.
type Server struct {
	// Dir is the folder that the server serves.
	Dir string
	// Host and Port are the address of the server, HostKey is its host key.
	Host    string
	Port    int
	HostKey string

	root   *os.Root
	config *ssh.ServerConfig

	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]struct{}
	resume   chan struct{} // closed unless the server is frozen
	logins   int
	received int64
	onBytes  func(received int64)
	onFile   func(operation, path string) error
	renames  sync.Mutex // held during a rename to a name that must be free
	username string
	password string
}

// Start starts a server with an empty folder.
func Start(t testing.TB) *Server {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	key, err := ssh.NewSignerFromKey(private)
	must(t, err)
	s := &Server{Dir: t.TempDir(), username: Username, password: Password, open: map[net.Conn]struct{}{}, resume: make(chan struct{})}
	close(s.resume)
	s.root, err = os.OpenRoot(s.Dir)
	must(t, err)
	s.config = &ssh.ServerConfig{PasswordCallback: s.checkPassword}
	s.config.AddHostKey(key)
	s.HostKey = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey())))
	var config net.ListenConfig
	s.listener, err = config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	address := s.listener.Addr().(*net.TCPAddr)
	s.Host, s.Port = address.IP.String(), address.Port
	var running sync.WaitGroup
	running.Go(func() { s.accept(&running) })
	t.Cleanup(func() {
		s.Stop()
		running.Wait()
		_ = s.root.Close() // closing a folder loses no data
	})
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Account replaces the account that may log in.
func (s *Server) Account(username, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.username, s.password = username, password
}

func (s *Server) checkPassword(account ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if account.User() != s.username || string(password) != s.password {
		return nil, errors.New("wrong user name or password")
	}
	return nil, nil
}

// Stop closes all connections and accepts no more, like a killed server.
func (s *Server) Stop() {
	_ = s.listener.Close() // may be closed already
	s.Break()
}

// Break closes all connections. The server accepts new ones.
func (s *Server) Break() {
	s.Freeze(false)
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		_ = conn.Close() // may be closed already
	}
}

// Freeze stops the server from reading, or lets it continue.
func (s *Server) Freeze(frozen bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if frozen {
		s.resume = make(chan struct{})
		return
	}
	select {
	case <-s.resume:
	default:
		close(s.resume)
	}
}

// Logins returns the number of logins so far.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

// Received returns how many bytes were written to files so far.
func (s *Server) Received() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.received
}

// OnBytes registers a function that is called after each write to a file, with the
// number of bytes received so far.
func (s *Server) OnBytes(call func(received int64)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onBytes = call
}

// ErrEmpty makes a List return no entries if the function of OnFile returns it.
var ErrEmpty = errors.New("an empty listing")

// OnFile registers a function that is called before each operation on a file. Its
// arguments are the operation (Get, Put, Stat, Lstat, List, Rename, PosixRename,
// Remove, Mkdir or Setstat) and the path on the share. The function may block. The
// server answers with the error of the function, if any.
func (s *Server) OnFile(call func(operation, path string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onFile = call
}

func (s *Server) notify(operation, path string) error {
	s.mu.Lock()
	call := s.onFile
	s.mu.Unlock()
	if call == nil {
		return nil
	}
	return call(operation, path)
}

func (s *Server) addReceived(n int) {
	s.mu.Lock()
	s.received += int64(n)
	received, call := s.received, s.onBytes
	s.mu.Unlock()
	if call != nil {
		call(received)
	}
}

func (s *Server) accept(running *sync.WaitGroup) {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open[conn] = struct{}{}
		s.mu.Unlock()
		running.Go(func() {
			s.serve(conn)
			_ = conn.Close() // the client may have done so
			s.mu.Lock()
			delete(s.open, conn)
			s.mu.Unlock()
		})
	}
}

// freezableConn delivers no data while the server is frozen.
type freezableConn struct {
	net.Conn
	server *Server
}

func (c *freezableConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.server.mu.Lock()
	frozen := c.server.resume
	c.server.mu.Unlock()
	<-frozen
	return n, err
}

func (s *Server) serve(conn net.Conn) {
	login, channels, requests, err := ssh.NewServerConn(&freezableConn{conn, s}, s.config)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.logins++
	s.mu.Unlock()
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { ssh.DiscardRequests(requests) })
	for offered := range channels {
		switch offered.ChannelType() {
		case "session":
			running.Go(func() { s.session(offered) })
		case "direct-tcpip":
			running.Go(func() { forward(offered) })
		default:
			_ = offered.Reject(ssh.UnknownChannelType, "not supported") // the client notices a lost answer
		}
	}
	_ = login.Close() // the client may have closed it
}

// session serves SFTP, the only subsystem of the server.
func (s *Server) session(offered ssh.NewChannel) {
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	defer func() { _ = channel.Close() }() // may be closed already
	for request := range requests {
		isSFTP := request.Type == "subsystem" && strings.HasSuffix(string(request.Payload), "sftp")
		_ = request.Reply(isSFTP, nil) // the client notices a lost answer
		if isSFTP {
			files := &handler{s}
			server := sftp.NewRequestServer(channel, sftp.Handlers{FileGet: files, FilePut: files, FileCmd: files, FileList: files})
			go ssh.DiscardRequests(requests)
			_ = server.Serve() // ends with the channel
			return
		}
	}
}

// forward connects a client to the requested address, as a bastion does.
func forward(offered ssh.NewChannel) {
	var target struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if err := ssh.Unmarshal(offered.ExtraData(), &target); err != nil {
		_ = offered.Reject(ssh.ConnectionFailed, "bad request") // the client notices a lost answer
		return
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // the server has no caller's context
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(target.Host, portText(target.Port)))
	if err != nil {
		_ = offered.Reject(ssh.ConnectionFailed, err.Error()) // the client notices a lost answer
		return
	}
	channel, requests, err := offered.Accept()
	if err != nil {
		_ = conn.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(conn, channel)
		_ = conn.Close()
	})
	both.Go(func() {
		_, _ = io.Copy(channel, conn)
		_ = channel.Close()
	})
	both.Wait()
}
