// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// firedTimer is a timer that has already fired, so stopping it has no effect.
type firedTimer struct{}

func (firedTimer) Stop() bool { return false }

// TestContactWithASilentServer checks that Contact ends at firstByteLimit if a server
// accepts the connection and sends nothing.
func TestContactWithASilentServer(t *testing.T) {
	t.Parallel()
	accepted, done := make(chan struct{}), make(chan struct{})
	defer close(done)
	endpoint := rawServer(t, func(connection net.Conn) {
		readRequest(connection)
		close(accepted)
		<-done
	})
	grid, err := New("key", "secret", WithEndpoint(endpoint))
	if err != nil {
		t.Fatal(err)
	}
	var limits []time.Duration
	grid.afterFunc = func(limit time.Duration, end func()) stopper {
		limits = append(limits, limit) // contactLimits.mu is held here
		if limit == firstByteLimit {
			go func() { <-accepted; end() }()
		}
		return firedTimer{}
	}
	var wrong *ContactError
	if err := grid.Contact(t.Context()); !errors.As(err, &wrong) || wrong.Endpoint != endpoint || !strings.Contains(err.Error(), "has sent no answer within 10s") {
		t.Errorf("error: %v", err)
	}
	if want := []time.Duration{dialLimit, firstByteLimit}; !slices.Equal(limits, want) {
		t.Errorf("the time limits are %v, want %v", limits, want)
	}
}

// TestContactWithoutConnection checks that Contact ends in under 3 seconds if the
// endpoint accepts no connection.
func TestContactWithoutConnection(t *testing.T) {
	t.Parallel()
	grid, err := New("key", "secret", WithEndpoint("https://api.example.test/api/"), WithTransport(silentDial{}))
	if err != nil {
		t.Fatal(err)
	}
	grid.afterFunc = func(limit time.Duration, end func()) stopper {
		if limit >= 3*time.Second {
			t.Errorf("the time limit is %s, want less than 3s", limit)
		}
		go end()
		return firedTimer{}
	}
	var wrong *ContactError
	if err := grid.Contact(t.Context()); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "nothing accepts a connection there within 2.5s") {
		t.Errorf("error: %v", err)
	}
}

// silentDial is a transport whose dials block until their context ends.
type silentDial struct{}

func (silentDial) RoundTrip(request *http.Request) (*http.Response, error) {
	<-request.Context().Done()
	return nil, &net.OpError{Op: "dial", Err: request.Context().Err()}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	if text := noAnswer(errors.New("readLoopPeekFailLocked: %!w(<nil>)")).Error(); strings.Contains(text, "readLoop") {
		t.Errorf("the text is %q", text)
	}
	if text := noAnswer(errors.New("EOF")).Error(); !strings.HasSuffix(text, "in HTTP: EOF") {
		t.Errorf("the text is %q", text)
	}
}
