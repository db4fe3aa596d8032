// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// share is a share for one test, with functions that disrupt its server.
type share struct {
	config storage.Config
	dir    string                       // folder that the server serves
	freeze func(t testing.TB, yes bool) // stops or resumes the server
	kill   func(t testing.TB)           // ends the server and its connections
	cut    func(t testing.TB)           // closes connections; the server accepts new connections
}

// shares returns a function for each kind of share. The function skips the test if the
// server is not installed.
func shares() map[string]func(testing.TB) *share {
	return map[string]func(testing.TB) *share{
		"sftp":    inProcess,
		"openssh": openSSH,
		"samba":   samba,
	}
}

// eachShare runs a test on each kind of share.
func eachShare(t *testing.T, test func(*testing.T, *share)) {
	t.Helper()
	for name, start := range shares() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t))
		})
	}
}

func inProcess(t testing.TB) *share {
	t.Helper()
	s, _ := sftpShare(t)
	return s
}

// sftpShare returns a share on the in-process SFTP server, and the server.
func sftpShare(t testing.TB) (*share, *storagetest.Server) {
	t.Helper()
	server := storagetest.Start(t)
	return &share{
		config: storage.Config{
			Protocol: storage.SFTP, Host: server.Host, Port: server.Port,
			Username: storagetest.Username, Password: storagetest.Password, HostKey: server.HostKey,
		},
		dir:    server.Dir,
		freeze: func(_ testing.TB, yes bool) { server.Freeze(yes) },
		kill:   func(testing.TB) { server.Stop() },
		cut:    func(testing.TB) { server.Break() },
	}, server
}

// logged collects the lines of a log.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) add(_ context.Context, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *logged) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.lines...)
}

// open returns a store for the share. The functions in change adjust its settings.
func (s *share) open(t testing.TB, change ...func(*storage.Config, *storage.Options)) *storage.Store {
	t.Helper()
	config, options := s.config, storage.Options{Handshake: ample, Idle: ample}
	for _, set := range change {
		set(&config, &options)
	}
	store := storage.New(config, options)
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// ample is a time limit that even a busy machine does not reach.
const ample = 2 * time.Minute

// measuredBy returns a change that makes a store measure its waits for the
// server with clock.
func measuredBy(clock clockwork.Clock) func(*storage.Config, *storage.Options) {
	return func(_ *storage.Config, options *storage.Options) { options.Network = clock }
}

// outlast advances the clock until an operation ends, and returns its error.
func outlast(clock *clockwork.FakeClock, operation func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- operation() }()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-ticker.C:
			clock.Advance(2 * ample)
		}
	}
}

func (s *share) modified(t testing.TB, at string) time.Time {
	t.Helper()
	info, err := os.Stat(filepath.Join(s.dir, filepath.FromSlash(at)))
	check(t, err)
	return info.ModTime()
}

func (s *share) write(t testing.TB, at, content string) {
	t.Helper()
	at = filepath.Join(s.dir, filepath.FromSlash(at))
	check(t, os.MkdirAll(filepath.Dir(at), 0o777))
	check(t, os.WriteFile(at, []byte(content), 0o666))
}

// wantFiles checks that the share holds exactly these files.
func (s *share) wantFiles(t testing.TB, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	check(t, filepath.WalkDir(s.dir, func(at string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(at)
		name, _ := filepath.Rel(s.dir, at)
		got[filepath.ToSlash(name)] = string(content)
		return err
	}))
	for name, content := range want {
		if found, ok := got[name]; !ok || found != content {
			t.Errorf("%s contains %d bytes (exists: %v), want %d", name, len(found), ok, len(content))
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s exists, but should not", name)
		}
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sum(content []byte) string {
	digest := sha256.Sum256(content)
	return hex.EncodeToString(digest[:])
}

// endless is content that never ends. It closes reach after a given number of
// bytes.
type endless struct {
	mu    sync.Mutex
	read  int
	after int
	reach chan struct{} // closed after that many bytes have been read
}

func newEndless(after int) *endless { return &endless{after: after, reach: make(chan struct{})} }

func (e *endless) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := e.read
	e.read += len(p)
	if before < e.after && e.read >= e.after {
		close(e.reach)
	}
	return len(p), nil
}

func (e *endless) upload() storage.Upload {
	return storage.Upload{Open: func() (io.ReadCloser, error) { return io.NopCloser(e), nil }, Size: -1, Replace: true}
}

// bigContent returns size bytes without repeated pieces.
func bigContent(size int) []byte {
	var content bytes.Buffer
	for i := 0; content.Len() < size; i++ {
		fmt.Fprintf(&content, "%d lines are not enough for a file of %d bytes\n", i, size)
	}
	return content.Bytes()[:size]
}
