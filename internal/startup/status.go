// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// Status is what a server says, in its StatusFile, of its last boot.
type Status struct {
	Server string `json:"server"`
	// Release is the one that is installed; empty: none.
	Release string `json:"release"`
	// Wanted is the one that the boot was to install; empty where it could not
	// find out.
	Wanted string `json:"wanted"`
	// Result is "ok" or "failed".
	Result string `json:"result"`
	// Problem is the first thing that went wrong.
	Problem string `json:"problem"`
	// Since is when Release was installed. Started and Time are when the boot
	// began and ended. All are RFC 3339 on the server's clock; servers whose
	// image is older say nothing of Since.
	Since   string       `json:"since"`
	Started string       `json:"started"`
	Time    string       `json:"time"`
	Steps   []StepResult `json:"steps"`
}

// StepResult is what became of a step of the release.
type StepResult struct {
	Number int    `json:"number"`
	Kind   string `json:"kind"`
	// Result is "ok", "failed" or "skipped".
	Result string `json:"result"`
}

// OK tells whether all of the boot went well.
func (s Status) OK() bool { return s.Result == "ok" }

// What is repeated of a server's words at most: bytes of its problem and of other
// texts, and steps that failed.
const (
	maxProblem = 500
	maxText    = 64
	maxSteps   = 5
)

// FailureText is what went wrong, for people: the problem and the steps that
// failed. Empty: nothing.
func (s Status) FailureText() string {
	if s.OK() {
		return ""
	}
	text := printable(s.Problem, maxProblem)
	if text == "" {
		text = "no problem is named"
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

// printable is a text as it may be shown: of so many bytes, without what terminals
// obey.
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

// DecodeStatus reads a status file. Keys that it does not know are left out. What
// no script writes is an error: releases and times are shown, and kept in states
// and pins.
func DecodeStatus(text string) (Status, error) {
	// Between tokens a control character is white space; in a text, where JSON has
	// none, it comes from a program whose words a script repeats.
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
		return Status{}, fmt.Errorf("its result is %q, and must be ok or failed", printable(s.Result, maxText))
	}
	for name, release := range map[string]string{"release": s.Release, "wanted": s.Wanted} {
		if err := CheckName(release); release != "" && err != nil {
			return Status{}, fmt.Errorf("its %s %.80q %w", name, release, err)
		}
	}
	for name, time := range map[string]string{"since": s.Since, "started": s.Started, "time": s.Time} {
		if len(time) > maxText || printable(time, maxText) != time {
			return Status{}, fmt.Errorf("its %s %.80q is no time", name, time)
		}
	}
	return s, nil
}
