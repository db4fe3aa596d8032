// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
)

func TestSignature(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key, secret string
		unix        int64
		want        string
	}{
		// The test vector of the jclouds client.
		{"identity", "credential", 1267243795, "e9aafd0a5d4c69bb24536be4bce8a528"},
		{"0123456789abcdef", "s3cret", 1300000000, "6136873dbeb308841273d58cd5bc1e48"},
	} {
		now := time.Unix(test.unix, 999_999_999)
		if got := signature(test.key, test.secret, now); got != test.want {
			t.Errorf("%s at %d: got %s, want %s", test.key, test.unix, got, test.want)
		}
	}
}

// Each attempt has a new signature, because a signature could expire during the
// delay before a retry.
func TestEveryTryIsSignedAnew(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClockAt(time.Unix(1300000000, 0))
	s := &service{answer: func(string, url.Values) reply {
		clock.Advance(20 * time.Minute)
		return reply{status: http.StatusInternalServerError}
	}}
	c := newTestClient(t, s, WithClock(clock), WithMaxRetries(1))
	done := make(chan error, 1)
	go func() {
		_, err := c.IPs.List(t.Context(), IPFilter{})
		done <- err
	}()
	if err := clock.BlockUntilContext(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	if err := <-done; err == nil {
		t.Error("got no error, want the error of the second attempt")
	}
	first, second := s.form("grid.ip.list", 0), s.form("grid.ip.list", 1)
	if want := signature(testKey, testSecret, time.Unix(1300000000, 0)); first.Get("sig") != want {
		t.Errorf("first signature %s, want %s", first.Get("sig"), want)
	}
	if want := signature(testKey, testSecret, time.Unix(1300000000+21*60, 0)); second.Get("sig") != want {
		t.Errorf("second signature %s, want %s", second.Get("sig"), want)
	}
	if len(second["sig"]) != 1 || second.Get("api_key") != testKey || second.Get("v") != "1.9" || second.Get("format") != "json" {
		t.Errorf("second try sent %v", second)
	}
}
