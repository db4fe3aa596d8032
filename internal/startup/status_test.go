// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"slices"
	"strings"
	"testing"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	s, err := DecodeStatus(`{"version": 1, "server": "web-1", "release": "v1", "wanted": "v2", "result": "failed", "problem": "a step of the release v2 failed",
		"since": "2026-11-25T10:00:00Z", "started": "2026-11-26T10:00:00Z", "time": "2026-11-26T10:01:00Z", "more": [1],
		"steps": [{"number": 1, "kind": "install", "result": "ok"}, {"number": 2, "kind": "run", "result": "failed"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if s.Release != "v1" || s.Wanted != "v2" || s.Since != "2026-11-25T10:00:00Z" || len(s.Steps) != 2 || s.OK() {
		t.Errorf("got %+v", s)
	}
	for _, c := range []struct {
		status Status
		want   string
	}{
		{s, "a step of the release v2 failed (step 2, run)"},
		{Status{Result: "ok", Problem: "none"}, ""},
		{Status{Result: "failed"}, "the server reports no cause"},
		{Status{Result: "failed", Problem: "one\n\x1b[31mtwo"}, "one  [31mtwo"},
		{Status{Result: "failed", Problem: "x", Steps: []StepResult{{1, "\x1b[31mrun", "failed"}}}, "x (step 1,  [31mrun)"},
		{Status{Result: "failed", Problem: "x", Steps: slices.Repeat([]StepResult{{1, "run", "failed"}}, 1000)}, "x" + strings.Repeat(" (step 1, run)", 5) + " and 995 more"},
		{Status{Result: "failed", Problem: "x", Steps: []StepResult{{1, strings.Repeat("r", 1000), "failed"}}}, "x (step 1, " + strings.Repeat("r", 64) + "...)"},
		{Status{Result: "failed", Problem: strings.Repeat("ä", 600)}, strings.Repeat("ä", 250) + "..."},
	} {
		if got := c.status.FailureText(); got != c.want {
			t.Errorf("the failure text of %+v is %q, want %q", c.status, got, c.want)
		}
	}
	for text, want := range map[string]string{
		`{"result": "ok"`: "not JSON",
		`{"result": "?"}`: `its result is "?"`,
		`[]`:              "not JSON",
		`{"release": 7}`:  "not JSON",

		`{"result": "ok", "release": "\u001b[31mv1"}`:                      `its release "\x1b[31mv1" is not 1 to 64 letters`,
		`{"result": "ok", "release": "` + strings.Repeat("v", 1000) + `"}`: `its release "vvv`,
		`{"result": "ok", "wanted": "v 1"}`:                                `its wanted "v 1" is not`,
		`{"result": "ok", "started": "\u001b[2J"}`:                         `its started "\x1b[2J" is not a time`,
		`{"result": "ok", "since": "` + strings.Repeat("0", 1000) + `"}`:   `its since "000`,
		`{"result": "ok", "time": "\n"}`:                                   `its time "\n" is not a time`,
		`{"result": "` + strings.Repeat("o", 1000) + `"}`:                  `its result is "ooo`,
	} {
		if _, err := DecodeStatus(text); err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 300 {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

// TestStatusOfShells decodes a status in which a shell script quoted the output of
// another program without proper JSON escapes.
func TestStatusOfShells(t *testing.T) {
	t.Parallel()
	s, err := DecodeStatus("{\r\n\t\"result\": \"failed\",\n  \"problem\": \"exit code\t1\x1b[0m\"\n}\n")
	if err != nil || s.FailureText() != "exit code 1 [0m" {
		t.Errorf("got %q, %v", s.FailureText(), err)
	}
}

func FuzzStatus(f *testing.F) {
	f.Add(`{"result": "failed", "problem": "x", "steps": [{"number": 1}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := DecodeStatus(text)
		if err == nil && s.OK() != (s.FailureText() == "") {
			t.Errorf("%+v: OK is %v, but the failure text is %q", s, s.OK(), s.FailureText())
		}
	})
}
