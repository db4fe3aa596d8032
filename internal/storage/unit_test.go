// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

func TestCheckPath(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"app.zip", "releases/2026/app.zip", "a b/é日.txt", ".hidden", "x.part"} {
		if err := CheckPath(good); err != nil {
			t.Errorf("%q is rejected: the path %v", good, err)
		}
	}
	for bad, says := range map[string]string{
		"":                              "empty",
		"/app.zip":                      "absolute",
		"../app.zip":                    `".."`,
		"a/../../app.zip":               `".."`,
		"a//b":                          "empty folder name",
		"./a":                           `"."`,
		"a/":                            "slash",
		`a\b`:                           "backslash",
		"C:/a":                          "drive letter",
		"a\nb":                          "control character",
		"a\x00b":                        "control character",
		"a?b":                           "Windows does not allow",
		"nul.txt":                       "reserves",
		"a./b":                          "dot or a space",
		"a\xff":                         "UTF-8",
		"app.zip.part-x":                "upload that has not ended",
		strings.Repeat("a", 230):        "too long",
		strings.Repeat("a/", 600) + "b": "at most",
	} {
		if err := CheckPath(bad); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q in it", bad, err, says)
		}
	}
	for prefix, ok := range map[string]bool{"": true, "releases/": true, "rel": true, "/": false, "../": false, `a\`: false} {
		if err := CheckPrefix(prefix); (err == nil) != ok {
			t.Errorf("prefix %q: %v", prefix, err)
		}
	}
}

// slow is content whose reads advance a clock.
type slow struct {
	clock *clockwork.FakeClock
	takes time.Duration
}

func (s *slow) Read(p []byte) (int, error) {
	s.clock.Advance(s.takes)
	return min(len(p), 1000), nil
}

func TestProgress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes time.Duration
		total int64
		want  []string
	}{
		"each tenth":          {20 * time.Millisecond, 1_000_000, []string{"10 %", "20 %", "30 %", "40 %", "50 %", "60 %", "70 %", "80 %", "90 %", "100 %"}},
		"not too many":        {2 * time.Millisecond, 1_000_000, []string{"50 %", "100 %"}},
		"but some":            {200 * time.Millisecond, 1_000_000_000, []string{"0 %", "0 %", "0 %", "0 %", "0 %", "0 %", "0 %"}},
		"of what has no size": {100 * time.Millisecond, -1, []string{"50000 bytes", "100000 bytes"}},
	} {
		clock := clockwork.NewFakeClock()
		var lines []string
		store := New(Config{}, Options{Clock: clock, Log: func(_ context.Context, line string) { lines = append(lines, line) }})
		reader := store.progress(t.Context(), &slow{clock, c.takes}, "app.zip", c.total)
		for range 1000 {
			if _, err := reader.Read(make([]byte, 4096)); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range c.want {
			if i >= len(lines) || !strings.Contains(lines[i], "uploading app.zip: "+want) {
				t.Errorf("%s: the log is %q, want %q", name, lines, c.want)
				break
			}
		}
		if c.total == 1_000_000 && len(lines) != len(c.want) {
			t.Errorf("%s: there are %d lines, want %d: %q", name, len(lines), len(c.want), lines)
		}
	}
}

func TestKindsOfErrors(t *testing.T) {
	t.Parallel()
	store := New(Config{Protocol: SFTP, Host: "h", Username: "u"}, Options{})
	err := store.wrapError("upload", "a", &communicator.HostKeyError{Host: "h:22", Want: "SHA256:A", Got: "SHA256:B"})
	var changed *communicator.HostKeyError
	if !errors.As(err, &changed) || IsOutage(err) {
		t.Errorf("got %v", err)
	}
	if err := store.wrapError("upload", "a", context.Canceled); !errors.Is(err, context.Canceled) || IsOutage(err) {
		t.Errorf("got %v", err)
	}
	hostile := errors.New("no \x1b[31mspace\x1b[0m \u202Etfel\u009b2J")
	if err := store.wrapError("upload", "a", hostile); !strings.HasSuffix(err.Error(), ": no space tfel") || !errors.Is(err, hostile) {
		t.Errorf("got %q", err)
	}
	if err := store.wrapError("upload", "a", nil); err != nil {
		t.Errorf("got %v", err)
	}
}
