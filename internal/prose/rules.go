// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prose

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

var (
	//go:embed banned.txt
	bannedText string
	//go:embed allowed.txt
	allowedText string
)

// Rules are the phrases to find and the exceptions to them.
type Rules struct {
	banned  []phrase
	allowed []*exception
}

type phrase struct {
	pattern *regexp.Regexp
	advice  string
}

// exception permits the banned phrases in text, which must be an exact part of
// a source line.
type exception struct {
	text string
	used bool
}

// Load returns the rules of this repository.
func Load() (*Rules, error) {
	return parse(bannedText, allowedText)
}

// parse reads both lists. An entry has two fields, separated by a TAB or at
// least two spaces; blank lines and lines that start with "#" are comments.
func parse(banned, allowed string) (*Rules, error) {
	rules := &Rules{}
	err := entries("banned.txt", banned, func(expression, advice string) error {
		pattern, err := regexp.Compile(expression)
		rules.banned = append(rules.banned, phrase{pattern, advice})
		return err
	})
	if err != nil {
		return nil, err
	}
	err = entries("allowed.txt", allowed, func(text, _ string) error {
		rules.allowed = append(rules.allowed, &exception{text: text})
		return nil
	})
	return rules, err
}

var separator = regexp.MustCompile(`\t+| {2,}`)

func entries(name, list string, add func(first, second string) error) error {
	for i, line := range strings.Split(list, "\n") {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := separator.Split(strings.TrimSpace(line), 2)
		if len(fields) != 2 {
			return fmt.Errorf("%s:%d: %q must have two fields, separated by a TAB or two spaces", name, i+1, line)
		}
		if err := add(fields[0], fields[1]); err != nil {
			return fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
	}
	return nil
}

// allows reports whether an exception covers phrase in line, and records that
// the exception is in use.
func (r *Rules) allows(line, phrase string) bool {
	for _, e := range r.allowed {
		if strings.Contains(line, e.text) && strings.Contains(strings.ToLower(e.text), phrase) {
			e.used = true
			return true
		}
	}
	return false
}

// Unused returns the exceptions that no check has used so far.
func (r *Rules) Unused() []string {
	var unused []string
	for _, e := range r.allowed {
		if !e.used {
			unused = append(unused, e.text)
		}
	}
	return unused
}
