// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package probe_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/probe"
)

func TestTry(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/teapot":
			w.WriteHeader(http.StatusTeapot)
		case "/short":
			w.Header().Set("Content-Length", "1000")
		case "/moved":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/elsewhere":
			http.Redirect(w, r, "http://localhost"+strings.TrimPrefix(r.Host, "127.0.0.1"), http.StatusFound)
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		}
		_, _ = w.Write([]byte("release r2 of " + strings.Repeat("a long story ", 10)))
	}))
	t.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")
	_, port, _ := strings.Cut(address, ":")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	_ = listener.Close()

	for name, c := range map[string]struct {
		check probe.Check
		want  []string // parts of the error; empty if the check succeeds
	}{
		"empty check":    {probe.Check{}, nil},
		"connection":     {probe.Check{Address: address}, nil},
		"no connection":  {probe.Check{Address: closed, URL: server.URL}, []string{"refused"}},
		"status":         {probe.Check{URL: server.URL}, nil},
		"other status":   {probe.Check{URL: server.URL + "/teapot"}, []string{"GET http://" + address + "/teapot answered 418"}},
		"wanted status":  {probe.Check{URL: server.URL + "/teapot", Status: http.StatusTeapot}, nil},
		"missing status": {probe.Check{URL: server.URL, Status: http.StatusTeapot}, []string{"answered 200"}},
		"body":           {probe.Check{URL: server.URL, Body: "release r2"}, nil},
		"other body":     {probe.Check{URL: server.URL, Body: "release r3"}, []string{`answered 200 OK without the text "release r3"`, `with "release r2 of a long story a`, `"...`}},
		"half a body":    {probe.Check{URL: server.URL + "/short", Body: "x"}, []string{"broke off"}},
		"redirect":       {probe.Check{URL: server.URL + "/moved"}, nil},
		"circle":         {probe.Check{URL: server.URL + "/circle"}, []string{"redirects"}},
		"elsewhere":      {probe.Check{URL: server.URL + "/elsewhere"}, []string{`/elsewhere answered 302 Found and leads to "http://localhost`}},
		"wanted move":    {probe.Check{URL: server.URL + "/moved", Status: http.StatusFound}, nil},
		"no host":        {probe.Check{URL: "http://:" + port + "/"}, []string{"names no host"}},
		"no URL":         {probe.Check{URL: "http://\x00"}, []string{"invalid"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if want := c.check != (probe.Check{}); c.check.IsSet() != want {
				t.Errorf("IsSet is %v, want %v", c.check.IsSet(), want)
			}
			err := c.check.Try(t.Context())
			if (err == nil) != (len(c.want) == 0) {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
		})
	}
}

// TestHostileServer checks that errors are short and free of terminal escapes,
// because they quote the server.
func TestHostileServer(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"reason":    "HTTP/1.1 503 \x1b[31mred\r\nContent-Length: 0\r\n\r\n",
		"no HTTP":   strings.Repeat("\x1b[31m", 10000) + "\r\n\r\n",
		"no status": "HTTP/1.1 " + strings.Repeat("\x1b", 10000) + "\r\n\r\n",
		"reversed":  "\u202EHTTP\u009b2J\r\n\r\n",
		"endless":   "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n",
		"leads on":  "HTTP/1.1 302 Found\r\nLocation: http://x/" + strings.Repeat("x", 10000) + "\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = conn.Write([]byte(answer)) // the client may close the connection early
				_ = conn.Close()
			}))
			t.Cleanup(server.Close)
			err := probe.Check{URL: server.URL}.Try(t.Context())
			if err == nil {
				t.Fatal("the server counts as healthy")
			}
			if text := err.Error(); len(text) > 500 || strings.ContainsAny(text, "\x1b\n\u202E\u009b") {
				t.Errorf("%d bytes: %.500q", len(text), text)
			}
		})
	}
}

func TestTryIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	if err := (probe.Check{URL: server.URL}).Try(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// TestAwait checks that tries end at the first success, at the deadline, or with
// the context.
func TestAwait(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if tries.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	check, clock := probe.Check{URL: server.URL}, clockwork.NewRealClock()
	err := check.Await(t.Context(), clock, time.Millisecond, clock.Now())
	if err == nil || !strings.Contains(err.Error(), "503") || tries.Load() != 1 {
		t.Errorf("got %v after %d tries with no time to wait", err, tries.Load())
	}
	if err := check.Await(t.Context(), clock, time.Millisecond, clock.Now().Add(time.Hour)); err != nil || tries.Load() != 3 {
		t.Errorf("got %v after %d tries", err, tries.Load())
	}
	tries.Store(0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := check.Await(ctx, clock, time.Hour, clock.Now().Add(time.Hour)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
