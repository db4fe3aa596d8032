// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
)

// asking is a request to a server; sent and ended are in seconds.
type asking struct {
	server      string
	answered    bool
	sent, ended int
}

func TestTally(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		asked []asking
		most  int
	}{
		"none": {nil, 0},
		"up":   {[]asking{{"a", true, 1, 2}, {"b", true, 1, 2}}, 0},
		"in turn": {[]asking{
			{"a", false, 1, 2}, {"a", false, 3, 4}, {"a", true, 5, 6}, {"b", false, 5, 6}, {"b", false, 7, 8}, {"b", true, 9, 10},
		}, 1},
		"at the same time": {[]asking{
			{"a", false, 1, 2}, {"b", false, 2, 3}, {"a", false, 5, 6}, {"b", false, 5, 6}, {"a", true, 7, 8}, {"b", true, 7, 8},
		}, 2},
		"to the end": {[]asking{{"a", false, 1, 2}, {"b", false, 1, 2}, {"c", false, 1, 2}, {"a", false, 5, 6}, {"b", false, 5, 6}}, 2},
		// A single failure does not prove that the server was down at any time.
		"once each":        {[]asking{{"a", false, 1, 9}, {"b", false, 1, 9}, {"a", true, 10, 11}, {"b", true, 10, 11}}, 0},
		"one after a slow": {[]asking{{"a", false, 1, 2}, {"a", false, 4, 9}, {"a", true, 10, 11}, {"b", false, 4, 5}, {"b", false, 8, 9}}, 1},
	} {
		tally := newTally()
		at := func(s int) time.Time { return time.Unix(int64(s), 0) }
		for _, a := range test.asked {
			tally.record(a.server, a.answered, at(a.sent), at(a.ended))
		}
		if got := tally.maxDown(); got != test.most {
			t.Errorf("%s: %d servers were down, want %d", name, got, test.most)
		}
	}
}

func TestWatchIsChecked(t *testing.T) {
	t.Parallel()
	w := Watch{Servers: 4, Fewest: 2}
	if err := w.check(2); err != nil {
		t.Error(err)
	}
	if err := w.check(3); err == nil || !strings.Contains(err.Error(), "only 2 of 4 servers") {
		t.Errorf("with fewer servers than required: %v", err)
	}
}

// TestWatcher watches a healthy server, a stopped server, a server that sends
// half a page, and a server that responds with an error.
func TestWatcher(t *testing.T) {
	t.Parallel()
	serve := func(answer http.HandlerFunc) string {
		server := httptest.NewServer(answer)
		t.Cleanup(server.Close)
		return server.URL
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, test := range map[string]struct {
		url, shows, wrong string
		answers           bool
	}{
		"well": {url: serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("page")) }), shows: "> web: the old page\n", answers: true},
		"gone": {url: gone.URL, shows: "> web: away\n"},
		"broken off": {url: serve(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "4")
			_, _ = w.Write([]byte("pa"))
		}), shows: "> web: away\n"},
		"half":  {url: serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("pa")) }), shows: "> web: another page\n", wrong: "not a complete release of the app:\npa", answers: true},
		"error": {url: serve(http.NotFound), shows: "> web: another page\n", wrong: "404 Not Found", answers: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			out := &signal{text: test.shows, seen: make(chan struct{})}
			w := newWatcher(clockwork.NewRealClock(), &announcer{out: out}, func() time.Time { return time.Time{} }, map[string]string{"page": "the old page"})
			end := w.watch(ctx, map[string]string{"web": test.url})
			select {
			case <-out.seen:
			case <-ctx.Done():
				t.Error("nothing was shown")
			}
			seen, wrong := end()
			if seen.Servers != 1 || (seen.Answers > 0) != test.answers {
				t.Errorf("the watch is %+v", seen)
			}
			if test.wrong == "" && wrong != nil || test.wrong != "" && (wrong == nil || !strings.Contains(wrong.Error(), test.wrong)) {
				t.Errorf("the unexpected answer is %v, want %q", wrong, test.wrong)
			}
		})
	}
}

// signal closes a channel when a text has been written to it.
type signal struct {
	bytes.Buffer
	text string
	seen chan struct{}
}

func (s *signal) Write(p []byte) (int, error) {
	before := strings.Contains(s.String(), s.text)
	n, err := s.Buffer.Write(p)
	if !before && strings.Contains(s.String(), s.text) {
		close(s.seen)
	}
	return n, err
}

func TestEdit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "page")
	if err := os.WriteFile(path, []byte("one\n  two\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before, after, err := edit{"page", "two", "2"}.apply(dir)
	if err != nil {
		t.Fatal(err)
	}
	gone, come := changedLines(before, after), changedLines(after, before)
	if !slices.Equal(gone, []string{"two"}) || !slices.Equal(come, []string{"2"}) {
		t.Errorf("gone: %q, come: %q", gone, come)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "one\n  2\nthree\n" {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if _, _, err := (edit{"page", "two", "2"}).apply(dir); err == nil || !strings.Contains(err.Error(), "must contain this text exactly once") {
		t.Errorf("a missing text: %v", err)
	}
}

func TestRefusalsAreShownWhole(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("four ", 40) + "end."
	for width, want := range map[int]string{
		0:  "   error    Bad (a.b)\n   error    Bad (a.c)\n            " + long + "\n            Two.\n   error    Bad (a.d)\n            Other.\n",
		62: "   error    Bad (a.b)\n   error    Bad (a.c)\n" + strings.Repeat("            four four four four four four four four four four\n", 4) + "            end.\n            Two.\n   error    Bad (a.d)\n            Other.\n",
	} {
		var out bytes.Buffer
		(&announcer{out: &out, width: width}).refusals([]diagnostic{
			{Summary: "Bad", Address: "a.b", Detail: long + "\n\nTwo."},
			{Summary: "Bad", Address: "a.c", Detail: long + "\n\nTwo."},
			{Summary: "Bad", Address: "a.d", Detail: "Other."},
		})
		if got := out.String(); got != want {
			t.Errorf("at width %d:\n%s\nwant\n%s", width, got, want)
		}
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]string{
		0:  "            compiling net/http\n            compiling os\n",
		25: "\r\x1b[K            compiling ne\r\x1b[K            compiling os\r\x1b[K",
	} {
		var out bytes.Buffer
		a := &announcer{out: &out, width: width}
		a.progress("compiling net/http")
		a.progress("compiling os")
		a.clearProgress()
		if got := out.String(); got != want {
			t.Errorf("at width %d: %q, want %q", width, got, want)
		}
	}
}
