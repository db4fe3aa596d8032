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
	"testing"

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
		}
		_, _ = w.Write([]byte("release r2 of " + strings.Repeat("a long story ", 10)))
	}))
	t.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")
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
