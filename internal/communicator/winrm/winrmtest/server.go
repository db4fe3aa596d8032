// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package winrmtest is a Windows server for tests: WS-Management on loopback
// that fails the test over whatever Windows would refuse, with files in memory
// and a PowerShell that knows the scripts of the client and hands what they run
// to the test. It shares no code with the client.
package winrmtest

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The account of every server.
const (
	Username = "Administrator"
	Password = "pass-phrase-of-ä-test"
)

// Server is one Windows server. What is set in it is set before it starts.
type Server struct {
	// Offers are the ways to log in, as in WWW-Authenticate. Empty: "Negotiate".
	Offers []string
	// Run is what a program does; its result is the exit code. nil: nothing.
	Run func(ctx context.Context, program Program) int
	// Answer answers a message after the login instead of the server, if it
	// returns true. The body has been read.
	Answer func(w http.ResponseWriter, r *http.Request, message Message) bool
	// Capacity is how many bytes files may have together; 0: as many as they want.
	Capacity int
	// Corrupt changes what is written to files.
	Corrupt bool
	// Legacy leaves out what servers before Windows Server 2012 did not send.
	Legacy bool
	// Plain serves HTTP without TLS.
	Plain bool
	// Listen is the address to listen on; empty: 127.0.0.1, the only one that
	// its certificate is for.
	Listen string

	// Host and Port are where it listens, CA is its certificate in PEM.
	Host string
	Port int
	CA   string

	t      testing.TB
	server *httptest.Server

	mu       sync.Mutex
	messages []string
	ids      map[string]bool
	shells   map[string]*shell
	files    map[string][]byte
	folders  map[string]bool
	commands []string
}

// Start starts a server that ends with the test.
func Start(t testing.TB, change ...func(*Server)) *Server {
	t.Helper()
	s := &Server{t: t, ids: map[string]bool{}, shells: map[string]*shell{}, files: map[string][]byte{}, folders: map[string]bool{}}
	for _, set := range change {
		set(s)
	}
	if len(s.Offers) == 0 {
		s.Offers = []string{"Negotiate"}
	}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if s.Listen != "" {
		s.listen()
	}
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that refuse its certificate are no news
	s.server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, &connection{})
	}
	if s.Plain {
		s.server.Start()
	} else {
		s.server.StartTLS()
		s.CA = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.server.Certificate().Raw}))
	}
	t.Cleanup(s.end)
	address := s.server.Listener.Addr().(*net.TCPAddr)
	s.Host, s.Port = address.IP.String(), address.Port
	return s
}

// listen takes another address than that of httptest.
func (s *Server) listen() {
	s.t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(s.t.Context(), "tcp", net.JoinHostPort(s.Listen, "0"))
	if err != nil {
		s.t.Fatal(err)
	}
	_ = s.server.Listener.Close() // nothing has come there
	s.server.Listener = listener
}

// end ends everything that still runs, then the connections.
func (s *Server) end() {
	s.mu.Lock()
	for _, shell := range s.shells {
		if shell.process != nil {
			shell.process.stop()
		}
	}
	s.mu.Unlock()
	s.server.CloseClientConnections()
	s.server.Close()
}

// Messages are the last parts of the actions so far, such as "Create", with the
// signal where there is one.
func (s *Server) Messages() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Shells is how many shells there are.
func (s *Server) Shells() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.shells)
}

// CommandLines are those of all commands so far.
func (s *Server) CommandLines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// File is the content of a file.
func (s *Server) File(path string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, found := s.files[path]
	return string(content), found
}

// Files are the paths of all files.
func (s *Server) Files() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for path := range s.files {
		all = append(all, path)
	}
	slices.Sort(all)
	return all
}

// Put writes a file.
func (s *Server) Put(path, content string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[path] = []byte(content)
}

// MakeFolder makes a folder.
func (s *Server) MakeFolder(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folders[path] = true
}

// HasFolder tells whether there is a folder.
func (s *Server) HasFolder(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.folders[path]
}

// serve takes one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxEnvelope+1))
	switch {
	case err != nil:
		return
	case len(text) > maxEnvelope:
		s.t.Error("a message is larger than MaxEnvelopeSize")
	case r.Method != http.MethodPost, r.URL.Path != "/wsman":
		s.t.Errorf("unexpected request: %s %s", r.Method, r.URL)
	case !strings.HasPrefix(r.Header.Get("Content-Type"), "application/soap+xml"):
		s.t.Errorf("unexpected type of content: %s", r.Header.Get("Content-Type"))
	}
	if !s.logIn(w, r) {
		return
	}
	message, problem := s.read(text)
	if problem != "" {
		s.t.Errorf("%s in %s", problem, text)
		return
	}
	if s.Answer == nil || !s.Answer(w, r, message) {
		s.answer(w, r, message)
	}
}
