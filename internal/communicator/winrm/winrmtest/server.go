// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package winrmtest is a Windows server for tests. It serves WS-Management on
// loopback and fails the test for any request that Windows would reject. Files
// are kept in memory. Its emulation of PowerShell recognizes the client's
// scripts and passes the programs in them to the test. The package shares no
// code with the client.
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

// The account of each server.
const (
	Username = "Administrator"
	Password = "pass-phrase-of-ä-test"
)

// Server is one Windows server. The fields up to Listen must be set before the
// server starts; Start sets the others.
type Server struct {
	// Offers are the authentication schemes that the server sends in
	// WWW-Authenticate. Empty means "Negotiate".
	Offers []string
	// Run emulates a program and returns its exit code. If it is nil, every
	// program succeeds without output.
	Run func(ctx context.Context, program Program) int
	// Answer, if not nil, may answer an authenticated message. If it returns
	// false, the server answers the message. The request body has already been
	// read.
	Answer func(w http.ResponseWriter, r *http.Request, message Message) bool
	// Capacity is the disk space for one upload, in bytes; 0 means unlimited.
	Capacity int
	// Corrupt changes the content of uploads.
	Corrupt bool
	// Legacy omits the elements that servers before Windows Server 2012 did not send.
	Legacy bool
	// Plain serves HTTP without TLS.
	Plain bool
	// Listen is the address to listen on. Empty means 127.0.0.1, the only address
	// for which the certificate is valid.
	Listen string

	// Host is the address of the server.
	Host string
	// Port is the port of the server.
	Port int
	// CA is the certificate of the server in PEM.
	CA string

	t      testing.TB
	server *httptest.Server

	mu       sync.Mutex
	messages []string
	ids      map[string]bool
	shells   map[string]*shell
	files    map[string][]byte
	folders  map[string]bool
	commands []string
	boots    int // restarts so far
	down     int // number of further requests to break
}

// Start starts a server, which stops when the test ends.
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
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0) // tests expect clients to reject the certificate
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

// listen replaces the listener of httptest with a listener on the address
// Listen.
func (s *Server) listen() {
	s.t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(s.t.Context(), "tcp", net.JoinHostPort(s.Listen, "0"))
	if err != nil {
		s.t.Fatal(err)
	}
	_ = s.server.Listener.Close() // it has no connections yet
	s.server.Listener = listener
}

// end terminates the processes, then closes the connections.
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

// Messages returns the messages so far. Each message is the last part of its
// action, such as "Create", followed by the name of the signal if there is one.
// Consecutive requests for output count as one message.
func (s *Server) Messages() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Shells returns the number of open shells.
func (s *Server) Shells() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.shells)
}

// CommandLines returns the command lines of all commands so far.
func (s *Server) CommandLines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// File returns the content of a file, and false if the file does not exist.
func (s *Server) File(path string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, found := s.files[path]
	return string(content), found
}

// Files returns the sorted paths of all files.
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

// MakeFolder creates a folder.
func (s *Server) MakeFolder(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folders[path] = true
}

// HasFolder reports whether a folder exists.
func (s *Server) HasFolder(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.folders[path]
}

// serve handles one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.abortWhileDown()
	text, err := io.ReadAll(io.LimitReader(r.Body, maxEnvelope+1))
	switch {
	case err != nil:
		return
	case len(text) > maxEnvelope:
		s.t.Error("the message is larger than MaxEnvelopeSize")
	case r.Method != http.MethodPost, r.URL.Path != "/wsman":
		s.t.Errorf("unexpected request: %s %s", r.Method, r.URL)
	case !strings.HasPrefix(r.Header.Get("Content-Type"), "application/soap+xml"):
		s.t.Errorf("unexpected content type: %s", r.Header.Get("Content-Type"))
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
