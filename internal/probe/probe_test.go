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

func TestLook(t *testing.T) {
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
		sign probe.Sign
		want []string // empty: it is there
	}{
		"nothing asked":  {probe.Sign{}, nil},
		"connection":     {probe.Sign{Address: address}, nil},
		"no connection":  {probe.Sign{Address: closed, URL: server.URL}, []string{"refused"}},
		"status":         {probe.Sign{URL: server.URL}, nil},
		"other status":   {probe.Sign{URL: server.URL + "/teapot"}, []string{"GET http://" + address + "/teapot answered 418"}},
		"wanted status":  {probe.Sign{URL: server.URL + "/teapot", Status: http.StatusTeapot}, nil},
		"missing status": {probe.Sign{URL: server.URL, Status: http.StatusTeapot}, []string{"answered 200"}},
		"body":           {probe.Sign{URL: server.URL, Body: "release r2"}, nil},
		"other body":     {probe.Sign{URL: server.URL, Body: "release r3"}, []string{`answered 200 OK without the text "release r3"`, `with "release r2 of a long story a`, `"...`}},
		"half a body":    {probe.Sign{URL: server.URL + "/short", Body: "x"}, []string{"broke off"}},
		"redirect":       {probe.Sign{URL: server.URL + "/moved"}, nil},
		"circle":         {probe.Sign{URL: server.URL + "/circle"}, []string{"redirects"}},
		"elsewhere":      {probe.Sign{URL: server.URL + "/elsewhere"}, []string{`/elsewhere answered 302 Found and leads to "http://localhost`}},
		"wanted move":    {probe.Sign{URL: server.URL + "/moved", Status: http.StatusFound}, nil},
		"no host":        {probe.Sign{URL: "http://:" + port + "/"}, []string{"names no host"}},
		"no URL":         {probe.Sign{URL: "http://\x00"}, []string{"invalid"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if asked := c.sign != (probe.Sign{}); c.sign.Asked() != asked {
				t.Errorf("asked: %v, want %v", c.sign.Asked(), asked)
			}
			err := c.sign.Look(t.Context())
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

// TestLookAtTheHostile: what a server answers ends up in messages, so it is kept
// short and without what terminals obey.
func TestLookAtTheHostile(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"reason":    "HTTP/1.1 503 \x1b[31mred\r\nContent-Length: 0\r\n\r\n",
		"no HTTP":   strings.Repeat("\x1b[31m", 10000) + "\r\n\r\n",
		"no status": "HTTP/1.1 " + strings.Repeat("\x1b", 10000) + "\r\n\r\n",
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
				_, _ = conn.Write([]byte(answer)) // it may be cut off
				_ = conn.Close()
			}))
			t.Cleanup(server.Close)
			err := probe.Sign{URL: server.URL}.Look(t.Context())
			if err == nil {
				t.Fatal("it is taken for healthy")
			}
			if text := err.Error(); len(text) > 500 || strings.Contains(text, "\x1b") {
				t.Errorf("%d bytes: %.500q", len(text), text)
			}
		})
	}
}

func TestLookIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	if err := (probe.Sign{URL: server.URL}).Look(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// TestAwait looks until the sign is there, or no longer than it may.
func TestAwait(t *testing.T) {
	t.Parallel()
	var looks atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if looks.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	sign, clock := probe.Sign{URL: server.URL}, clockwork.NewRealClock()
	err := sign.Await(t.Context(), clock, time.Millisecond, clock.Now())
	if err == nil || !strings.Contains(err.Error(), "503") || looks.Load() != 1 {
		t.Errorf("got %v after %d looks with no time to wait", err, looks.Load())
	}
	if err := sign.Await(t.Context(), clock, time.Millisecond, clock.Now().Add(time.Hour)); err != nil || looks.Load() != 3 {
		t.Errorf("got %v after %d looks", err, looks.Load())
	}
	looks.Store(0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sign.Await(ctx, clock, time.Hour, clock.Now().Add(time.Hour)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
