// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// script holds the commands that a reader types for one configuration.
type script struct {
	// lines holds the commands, one complete command per element.
	lines []string
	// prefix is put before a command of the engine to run it on the
	// configuration's grid. It is empty if no printed command starts a grid.
	prefix string
}

// script returns the commands of a configuration. A command of the engine
// without a prefix needs a grid that an earlier command of the page starts;
// earlier is the prefix of the last such command.
func (c configuration) script(earlier string) (script, error) {
	s := script{prefix: earlier}
	for _, block := range c.commands {
		for _, line := range joined(block) {
			prefix, _, simulated := strings.Cut(line, " -- ")
			switch {
			case placeholder.MatchString(line):
			case simulated && strings.HasPrefix(line, "gogrid-simulator run "):
				s.prefix = prefix + " -- "
				s.lines = append(s.lines, line)
			case strings.HasPrefix(line, "terraform "):
				if s.prefix == "" && !offline(line) {
					return script{}, fmt.Errorf("%s: %q needs a grid, but no earlier command on the page starts a grid", c, line)
				}
				s.lines = append(s.lines, s.prefix+line)
			default:
				return script{}, fmt.Errorf("%s: the command %q is neither gogrid-simulator run nor terraform", c, line)
			}
		}
	}
	if len(s.lines) == 0 {
		return script{}, fmt.Errorf("%s: %w", c, errNoCommand)
	}
	return s, nil
}

// errNoCommand reports a configuration that a reader cannot run.
var errNoCommand = errors.New("no command is printed after the configuration; print one, or make it an excerpt of an example")

// placeholder matches a command that exports placeholders, for values that only
// the reader knows.
var placeholder = regexp.MustCompile(`^export( \w+=\.\.\.)+$`)

// offline reports whether a command of the engine needs no grid.
func offline(line string) bool {
	return strings.HasPrefix(line, "terraform validate") || strings.HasPrefix(line, "terraform fmt")
}

// joined returns the commands of a shell block, without comments and with
// continued lines joined.
func joined(block string) []string {
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(block, "\\\n", " ")) {
		line, _, _ = strings.Cut(line, " # ")
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}
