// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// Status is a server's report about its last boot, stored in the server's
// StatusFile.
type Status struct {
	Server string `json:"server"`
	// Release is the installed release. Empty means none.
	Release string `json:"release"`
	// Wanted is the release that the server's pointer named. Empty if the server
	// could not read a pointer.
	Wanted string `json:"wanted"`
	// Result is "ok" or "failed".
	Result string `json:"result"`
	// Problem is the first problem of the boot. Empty means none.
	Problem string `json:"problem"`
	// Since is the time at which Release was installed. Started and Time are
	// the beginning and end of the boot. All times are in RFC 3339 format, by
	// the server's clock. Startup scripts of older images do not write Since.
	Since   string       `json:"since"`
	Started string       `json:"started"`
	Time    string       `json:"time"`
	Steps   []StepResult `json:"steps"`
}

// StepResult is the result of one step of the release.
type StepResult struct {
	Number int    `json:"number"`
	Kind   string `json:"kind"`
	// Result is "ok", "failed" or "skipped".
	Result string `json:"result"`
}

// OK reports whether the boot had no problem.
func (s Status) OK() bool { return s.Result == "ok" }

// Limits for quoting a server's report: the length of the problem and of other
// values in bytes, and the number of failed steps.
const (
	maxProblem = 500
	maxText    = 64
	maxSteps   = 5
)

// FailureText returns a readable description of a failed boot: the problem and
// the steps that failed. It is empty if OK is true.
func (s Status) FailureText() string {
	if s.OK() {
		return ""
	}
	text := printable(s.Problem, maxProblem)
	if text == "" {
		text = "the server reports no cause"
	}
	failed := 0
	for _, step := range s.Steps {
		if step.Result != "failed" {
			continue
		}
		if failed++; failed <= maxSteps {
			text += fmt.Sprintf(" (step %d, %s)", step.Number, printable(step.Kind, maxText))
		}
	}
	if failed > maxSteps {
		text += fmt.Sprintf(" and %d more", failed-maxSteps)
	}
	return text
}

// printable returns a text that is safe to show. Unprintable characters become
// spaces, and "..." replaces everything after the first most bytes.
func printable(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// DecodeStatus decodes a status file and ignores unknown keys. It returns an error
// for values that no script writes, because callers show releases and times and
// store them in states and pins.
func DecodeStatus(text string) (Status, error) {
	// Scripts quote the output of other programs, which may contain control
	// characters. JSON does not allow them inside a string.
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	var s Status
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Status{}, fmt.Errorf("it is not JSON as servers write it: %w", err)
	}
	if s.Result != "ok" && s.Result != "failed" {
		return Status{}, fmt.Errorf("its result is %q: it must be ok or failed", printable(s.Result, maxText))
	}
	for name, release := range map[string]string{"release": s.Release, "wanted": s.Wanted} {
		if err := CheckName(release); release != "" && err != nil {
			return Status{}, fmt.Errorf("its %s %.80q %w", name, release, err)
		}
	}
	for name, time := range map[string]string{"since": s.Since, "started": s.Started, "time": s.Time} {
		if len(time) > maxText || printable(time, maxText) != time {
			return Status{}, fmt.Errorf("its %s %.80q is not a time", name, time)
		}
	}
	return s, nil
}
