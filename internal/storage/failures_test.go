// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
	"github.com/gogrid/terraform-provider-gogrid/internal/testport"
)

// wantFailure checks that an error is of the given kind, contains the given
// texts, and contains no secret.
func wantFailure(t testing.TB, err error, kind error, patterns ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("got %v, want %v", err, kind)
		return
	}
	for _, pattern := range patterns {
		if !strings.Contains(err.Error(), pattern) {
			t.Errorf("%q does not contain %q", err, pattern)
		}
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("the error contains a secret: %v", err)
	}
}

func TestLoginIsRejected(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		for name, change := range map[string]func(*storage.Config, *storage.Options){
			"password": func(c *storage.Config, _ *storage.Options) { c.Password, c.PrivateKey = "canary-wrong", "" },
			"user":     func(c *storage.Config, _ *storage.Options) { c.Username = "other-user" },
		} {
			store := s.open(t, change)
			_, err := store.Put(t.Context(), "app.zip", storage.Bytes([]byte("x")))
			wantFailure(t, err, storage.ErrLogin, "upload "+store.Where()+"/app.zip")
			if storage.IsOutage(err) {
				t.Errorf("a wrong %s counts as an outage", name)
			}
		}
	})
}

func TestMissingShare(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t, func(c *storage.Config, _ *storage.Options) { c.Share = "no-such-share" })
		_, err := store.List(t.Context(), "")
		wantFailure(t, err, storage.ErrNoShare, "no-such-share")
	})
}

func TestPermission(t *testing.T) {
	t.Parallel()
	s := samba(t)
	store := s.open(t, func(c *storage.Config, _ *storage.Options) { c.Share = "readonly" })
	_, err := store.Put(t.Context(), "app.zip", storage.Bytes([]byte("x")))
	wantFailure(t, err, fs.ErrPermission, "readonly/app.zip", "22290")
	store = s.open(t, func(c *storage.Config, _ *storage.Options) { c.Share = "forbidden" })
	_, err = store.Put(t.Context(), "app.zip", storage.Bytes([]byte("x")))
	wantFailure(t, err, fs.ErrPermission, "forbidden")
}

// TestBadServers checks the errors for ports that refuse connections, stay
// silent or speak HTTP. Only the silent port has a short time limit; the other
// limits are so long that even a slow machine does not reach them.
func TestBadServers(t *testing.T) {
	t.Parallel()
	web := talkative(t, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nno such thing here")
	var config net.ListenConfig
	silent, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	for name, c := range map[string]struct {
		port  int
		limit time.Duration
		kind  error
		says  string
	}{
		"refused": {testport.New(t), ample, storage.ErrUnreachable, "bastion"},
		"silent":  {silent.Addr().(*net.TCPAddr).Port, 300 * time.Millisecond, storage.ErrSilent, "does not answer"},
		"HTTP":    {web, ample, storage.ErrForeign, "Check host, port and protocol"},
	} {
		for _, protocol := range []storage.Protocol{storage.SMB, storage.SFTP} {
			t.Run(name+" "+string(protocol), func(t *testing.T) {
				t.Parallel()
				store := storage.New(storage.Config{Protocol: protocol, Host: "127.0.0.1", Port: c.port, Share: "s", Username: "u", Password: "canary-x"},
					storage.Options{Handshake: c.limit})
				_, err := store.Stat(t.Context(), "app.zip", storage.Object{})
				wantFailure(t, err, c.kind, c.says, store.Where()+"/app.zip")
				if !storage.IsOutage(err) {
					t.Error("the error does not count as an outage")
				}
			})
		}
	}
}

// talkative starts a server that answers every request with the same text and closes
// the connection.
func talkative(t testing.TB, text string) int {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1024)) // ignore the request
			_, _ = conn.Write([]byte(text))
			_ = conn.Close()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

// TestKilledInTheMiddle checks that the file stays unchanged if the server is
// killed during an upload.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t)
		s.write(t, "app.zip", "old")
		content := newEndless(8 << 20)
		ended := make(chan error, 1)
		go func() { ended <- second(store.Put(t.Context(), "app.zip", content.upload())) }()
		<-content.reach
		s.kill(t)
		err := <-ended
		if !storage.IsOutage(err) {
			t.Errorf("the operation ended with %v", err)
		}
		if held, _ := os.ReadFile(filepath.Join(s.dir, "app.zip")); string(held) != "old" {
			t.Errorf("the file now holds %d bytes, want the old content", len(held))
		}
	})
}

// TestLostConnectionIsMadeAgain checks that an operation reconnects if its connection
// was cut since the last use.
func TestLostConnectionIsMadeAgain(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		log := &logged{}
		store := s.open(t, func(_ *storage.Config, o *storage.Options) { o.Log = log.add })
		check(t, second(store.Put(t.Context(), "a", storage.Bytes([]byte("a")))))
		s.cut(t)
		check(t, second(store.Put(t.Context(), "b", storage.Bytes([]byte("b")))))
		s.wantFiles(t, map[string]string{"a": "a", "b": "b"})
		if !strings.Contains(strings.Join(log.all(), "\n"), "again") {
			t.Errorf("the log does not mention the new connection: %q", log.all())
		}
	})
}

// TestFrozen checks operations on a frozen server: the connection stays open,
// but no data arrives.
func TestFrozen(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		clock := clockwork.NewFakeClock()
		store := s.open(t, measuredBy(clock))
		s.write(t, "app.zip", "old")
		content := newEndless(8 << 20)
		ended := make(chan error, 1)
		go func() { ended <- second(store.Put(t.Context(), "app.zip", content.upload())) }()
		<-content.reach
		s.freeze(t, true)
		wantSilence(t, outlast(clock, func() error { return <-ended }), "app.zip")
		wantSilence(t, outlast(clock, func() error { return second(store.Stat(t.Context(), "app.zip", storage.Object{})) }), "app.zip")
		s.freeze(t, false)
		if held, _ := os.ReadFile(filepath.Join(s.dir, "app.zip")); string(held) != "old" {
			t.Errorf("the file now holds %d bytes, want the old content", len(held))
		}
		check(t, second(store.Put(t.Context(), "app.zip", storage.Bytes([]byte("new")))))
	})
}

func wantSilence(t testing.TB, err error, says string) {
	t.Helper()
	if !errors.Is(err, storage.ErrSilent) || !storage.IsOutage(err) || !strings.Contains(err.Error(), says) {
		t.Errorf("the operation ended with %v", err)
	}
}

// TestCancelOnAFrozenServer checks that a canceled operation does not wait for
// a frozen server.
func TestCancelOnAFrozenServer(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		store := s.open(t)
		check(t, second(store.List(t.Context(), "")))
		s.freeze(t, true)
		defer s.freeze(t, false)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		_, err := store.Stat(ctx, "app.zip", storage.Object{})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the operation ended with %v", err)
		}
	})
}

// TestNoSpace checks the error for an upload to a full file system.
func TestNoSpace(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		if filepath.Base(s.dir) != "share" {
			t.Skip("the in-process server does not report free space")
		}
		mount := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=4m,mode=777", "none", s.dir)
		if text, err := mount.CombinedOutput(); err != nil {
			t.Skipf("cannot mount a file system: %v\n%s", err, text)
		}
		t.Cleanup(func() { _ = exec.Command("umount", "-l", s.dir).Run() }) //nolint:noctx // after the test
		store := s.open(t)
		_, err := store.Put(t.Context(), "app.zip", newEndless(1).upload())
		wantFailure(t, err, storage.ErrNoSpace, "app.zip")
		s.wantFiles(t, nil)
	})
}

func TestThroughABastion(t *testing.T) {
	t.Parallel()
	eachShare(t, func(t *testing.T, s *share) {
		bastion := storagetest.Start(t)
		through := func(c *storage.Config, o *storage.Options) {
			c.Bastion = &communicator.Target{Host: bastion.Host, Port: bastion.Port, Username: storagetest.Username, Password: storagetest.Password, HostKey: bastion.HostKey}
		}
		store := s.open(t, through)
		content := bigContent(3 << 20)
		check(t, second(store.Put(t.Context(), "r/app.zip", storage.Bytes(content))))
		s.wantFiles(t, map[string]string{"r/app.zip": string(content)})
		if bastion.Logins() != 1 {
			t.Errorf("the bastion received %d logins, want one", bastion.Logins())
		}

		_, err := s.open(t, through, func(c *storage.Config, _ *storage.Options) { c.Bastion.Password = "canary-wrong" }).List(t.Context(), "")
		wantFailure(t, err, storage.ErrLogin, "bastion")
		_, err = s.open(t, through, func(c *storage.Config, _ *storage.Options) { c.Bastion.HostKey = "SHA256:AAAA" }).List(t.Context(), "")
		if changed := new(communicator.HostKeyError); !errors.As(err, &changed) || storage.IsOutage(err) {
			t.Errorf("got %v for another host key", err)
		}
		_, err = s.open(t, through, func(c *storage.Config, _ *storage.Options) { c.Port = testport.New(t) }).List(t.Context(), "")
		wantFailure(t, err, storage.ErrUnreachable)

		clock := clockwork.NewFakeClock()
		slow := s.open(t, through, measuredBy(clock))
		check(t, second(slow.List(t.Context(), "")))
		bastion.Freeze(true)
		wantSilence(t, outlast(clock, func() error { return second(slow.List(t.Context(), "")) }), "list s")
		bastion.Freeze(false)
		check(t, second(slow.List(t.Context(), "")))
		bastion.Stop()
		_, err = slow.List(t.Context(), "")
		wantFailure(t, err, storage.ErrUnreachable, "bastion")
	})
}

func TestHostKey(t *testing.T) {
	t.Parallel()
	s := inProcess(t)
	_, err := s.open(t, func(c *storage.Config, _ *storage.Options) { c.HostKey = "SHA256:AAAA" }).List(t.Context(), "")
	if changed := new(communicator.HostKeyError); !errors.As(err, &changed) || storage.IsOutage(err) {
		t.Errorf("got %v for another host key", err)
	}
}
