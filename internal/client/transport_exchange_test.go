// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// rawServer accepts connections on loopback and passes them to handle.
func rawServer(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			handle(connection)
			_ = connection.Close()
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		group.Wait()
	})
	return "http://" + listener.Addr().String() + "/api"
}

// reset ends a connection with a reset instead of a close.
func reset(connection net.Conn) {
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

// readRequest reads a complete request from a connection.
func readRequest(connection net.Conn) {
	request, err := http.ReadRequest(bufio.NewReader(connection))
	if err == nil {
		_, _ = io.Copy(io.Discard, request.Body)
	}
}

func TestExchangeOverRealConnections(t *testing.T) {
	t.Parallel()
	body := success(serverJSON(7, "web", "203.0.113.7", StateOn))
	closed := rawServer(t, func(net.Conn) {})
	// A local port that a connection uses has no listener, and no other process
	// can listen on it. So a connection to that port is refused.
	address := strings.TrimSuffix(strings.TrimPrefix(closed, "http://"), "/api")
	other, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	refused := "http://" + other.LocalAddr().String() + "/api"
	for _, test := range []struct {
		name           string
		endpoint       string
		outcomeUnknown bool
		want           string
	}{
		{"refused", refused, false, "connection refused"},
		{"no such host", "https://gogrid.invalid/api", false, "gogrid.invalid"},
		{"closed at once", closed, true, ""},
		{"reset before the answer", rawServer(t, func(c net.Conn) { readRequest(c); reset(c) }), true, ""},
		{"half an answer", rawServer(t, func(c net.Conn) {
			readRequest(c)
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:len(body)/2])
		}), true, "cut off"},
		{"not HTTP", rawServer(t, func(c net.Conn) { readRequest(c); fmt.Fprint(c, "220 ready\r\n") }), true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := New(testKey, testSecret, WithEndpoint(test.endpoint), WithMaxRetries(0), WithRequestTimeout(2*time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Servers.Add(t.Context(), ServerAdd{Name: "web"})
			if failed := asError(t, err); failed.Status != 0 || IsOutcomeUnknown(err) != test.outcomeUnknown || !strings.Contains(err.Error(), test.want) {
				t.Errorf("outcome unknown: %t, want %t; want %q in the error: %v", IsOutcomeUnknown(err), test.outcomeUnknown, test.want, err)
			}
		})
	}
}

// A call to a server with an untrusted certificate fails before the client
// sends the request.
func TestExchangeChecksCertificates(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, success(serverJSON(7, "web", "203.0.113.7", StateOn)))
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	for _, trusted := range []bool{false, true} {
		settings := []Setting{WithEndpoint(server.URL + "/api"), WithMaxRetries(0)}
		if trusted {
			settings = append(settings, WithCACertificates(pool))
		}
		c, err := New(testKey, testSecret, settings...)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Servers.Add(t.Context(), ServerAdd{Name: "web", IP: "203.0.113.7"})
		if (err == nil) != trusted || IsOutcomeUnknown(err) {
			t.Errorf("trusted %t: got %v, outcome unknown %t", trusted, err, IsOutcomeUnknown(err))
		}
	}
}

func TestExchangeTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTestClient(t, &blocked{}, WithRequestTimeout(5*time.Second), WithMaxRetries(1))
		begun := time.Now()
		_, err := c.Servers.Add(t.Context(), ServerAdd{Name: "web"})
		if took := time.Since(begun); took != 5*time.Second || !IsOutcomeUnknown(err) || !strings.Contains(err.Error(), "no whole answer within 5s") {
			t.Errorf("after %s: %v; want an unknown outcome after 5 s", took, err)
		}
		// The error may match a context error only if the caller's context has
		// ended.
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			t.Errorf("%v matches a context error, but the caller's context has not ended", err)
		}
		begun = time.Now()
		if _, err := c.IPs.List(t.Context(), IPFilter{}); err == nil || time.Since(begun) != 10*time.Second+firstRetryDelay/2 {
			t.Errorf("a read ended after %s with %v, want two attempts", time.Since(begun), err)
		}
		_, err = c.Servers.Add(deadlineIn(t, time.Second), ServerAdd{Name: "web"})
		if !errors.Is(err, context.DeadlineExceeded) || !IsOutcomeUnknown(err) {
			t.Errorf("got %v, want a deadline error with an unknown outcome", err)
		}
	})
}

// endless is an answer that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func (endless) Close() error { return nil }

type endlessTransport struct{}

func (endlessTransport) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: endless{}}, nil
}

func TestExchangeLimitsTheAnswer(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, endlessTransport{})
	if _, err := c.IPs.List(t.Context(), IPFilter{}); err == nil || !strings.Contains(err.Error(), "more than 64 MiB") {
		t.Errorf("got %v, want an error about the size", err)
	}
}

// Two rounds of 200 concurrent calls must reuse connections instead of opening
// one for each call.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	const parallel = 200
	var opened atomic.Int64
	arrived := make(chan struct{}, 2*parallel)
	release := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
		fmt.Fprint(w, success())
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c, err := New(testKey, testSecret, WithEndpoint(server.URL+"/api"))
	if err != nil {
		t.Fatal(err)
	}
	burst := func() {
		var group sync.WaitGroup
		for range parallel {
			group.Go(func() {
				if _, err := c.IPs.List(t.Context(), IPFilter{}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	go func() {
		for range parallel {
			<-arrived
		}
		close(release)
	}()
	burst()
	burst()
	if got := opened.Load(); got > parallel+parallel/10 {
		t.Errorf("%d connections for %d concurrent calls, want about as many connections as concurrent calls", got, parallel)
	}
}

// The client must not follow a redirect, because it would send the signed form
// to another URL.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	s := &service{answer: func(string, url.Values) reply {
		return reply{status: http.StatusTemporaryRedirect, header: http.Header{"Location": {"https://elsewhere.example/"}}}
	}}
	c := newTestClient(t, s)
	if _, err := c.IPs.List(t.Context(), IPFilter{}); asError(t, err).Status != http.StatusTemporaryRedirect || s.count("grid.ip.list") != 1 {
		t.Errorf("got %v after %d calls, want an error that reports the redirect", err, s.count("grid.ip.list"))
	}
}

// GoGrid closes the connection after every response. The client must not leak
// connections or reuse a closed connection.
func TestConnectionsEndWithTheirAnswers(t *testing.T) {
	t.Parallel()
	var opened, closed, idle atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		if strings.HasSuffix(r.URL.Path, "/get") {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, failure(http.StatusBadRequest, "", "No object found").body)
			return
		}
		_, _ = io.WriteString(w, success())
	}))
	ended := make(chan struct{}, 1000)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			opened.Add(1)
		case http.StateIdle:
			idle.Add(1)
		case http.StateClosed:
			closed.Add(1)
			ended <- struct{}{}
		case http.StateActive, http.StateHijacked:
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c, err := New(testKey, testSecret, WithEndpoint(server.URL+"/api"), WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	const workers, calls = 20, 10
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range calls {
				if _, err := c.Servers.List(t.Context(), ServerFilter{}); err != nil {
					t.Error(err)
				}
				if _, err := c.Servers.Get(t.Context(), 7); !IsNotFound(err) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for range 2 * workers * calls {
		<-ended
	}
	if opened.Load() != 2*workers*calls || closed.Load() != opened.Load() || idle.Load() != 0 {
		t.Errorf("%d connections were opened, %d closed and %d idle; want %d opened, all closed, none idle", opened.Load(), closed.Load(), idle.Load(), 2*workers*calls)
	}
}
