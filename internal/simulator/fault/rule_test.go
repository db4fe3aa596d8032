// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestHelpShowsEveryKindWithAnExampleThatIsAccepted(t *testing.T) {
	t.Parallel()
	help := Help()
	for _, line := range strings.Split(help, "\n") {
		if len(line) > 80 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	for _, trait := range traits {
		for _, part := range append(trait.options, "  "+string(trait.kind)+"\n", "    "+trait.example+"\n") {
			if !strings.Contains(help, part) {
				t.Errorf("the help lacks %q", part)
			}
		}
		for _, option := range trait.options {
			if !strings.Contains(trait.text, "\n"+option+" ") {
				t.Errorf("the help of %s does not describe its option %s", trait.kind, option)
			}
		}
		var rule Rule
		decoder := json.NewDecoder(strings.NewReader(trait.example))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&rule); err != nil {
			t.Errorf("the example of %s: %v", trait.kind, err)
		}
		if rule.Kind != trait.kind {
			t.Errorf("the example of %s is of kind %s", trait.kind, rule.Kind)
		}
		book := NewBook(1, []string{rule.Method})
		if err := book.Add([]Rule{rule}); err != nil {
			t.Errorf("the example of %s: %v", trait.kind, err)
		}
	}
}

// TestListedRulesCanBeAddedAgain adds the listed rules of a book to the book: List returns rules with their default values, and
// these rules must pass the checks.
func TestListedRulesCanBeAddedAgain(t *testing.T) {
	t.Parallel()
	book := NewBook(1, nil)
	for _, kind := range Kinds() {
		rule := Rule{Method: "*", Kind: kind}
		if kind == Delay || kind == SlowBody {
			rule.Delay = 1
		}
		if err := book.Add([]Rule{rule}); err != nil {
			t.Errorf("%s without options: %v", kind, err)
		}
	}
	text, err := json.Marshal(book.List())
	if err != nil {
		t.Fatal(err)
	}
	var again []Rule
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if err := book.Add(again); err != nil {
		t.Error(err)
	}
	if got, want := len(book.List()), 2*len(Kinds()); got != want {
		t.Errorf("%d rules, want %d", got, want)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for text, bytes := range map[string]Size{"1": 1, "1500": 1500, "2KiB": 2048, "50MiB": 50 << 20, "1GiB": 1 << 30, "64GiB": 64 << 30} {
		var read Size
		if err := read.UnmarshalText([]byte(text)); err != nil || read != bytes {
			t.Errorf("%s is %d, %v", text, read, err)
		}
		if written := read.String(); written != text {
			t.Errorf("%s is written as %s", text, written)
		}
	}
	for _, text := range []string{"", "0", "-1", "MiB", "1.5MiB", "3 MiB", "3MB", "9999999999GiB"} {
		var read Size
		if err := read.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "KiB") {
			t.Errorf("UnmarshalText(%q) returned %d, %v, want an error", text, read, err)
		}
	}
}
