// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"fmt"
	"strings"
)

// trySection is the start of the heading above the commands that run an
// example.
const trySection = "## Try it"

// walkthrough returns the commands of an example's page that run the example.
// They must run in the example's folder, with both programs built. If a command
// opens a shell on a grid, that shell runs "$STEPS", and steps holds the
// commands after it.
func walkthrough(page string) (command, steps string, err error) {
	_, section, found := strings.Cut(page, trySection)
	if !found {
		return "", "", fmt.Errorf("the page has no section %q", trySection)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var before, after []string
	opened := false
	for _, line := range commandLines(section) {
		switch {
		case line == "make build", strings.HasPrefix(line, "cd examples/"), strings.HasPrefix(line, "export TF_CLI_CONFIG_FILE="):
		case strings.HasSuffix(line, " -- bash"):
			opened = true
			before = append(before, strings.TrimSuffix(line, "bash")+`bash -ec "$STEPS"`)
		case opened:
			after = append(after, line)
		default:
			before = append(before, line)
		}
	}
	if len(before) == 0 {
		return "", "", fmt.Errorf("the section %q has no commands", trySection)
	}
	return strings.Join(before, "\n"), strings.Join(after, "\n"), nil
}

// commandLines returns the lines of all indented and fenced code blocks of a
// text.
func commandLines(text string) []string {
	var lines []string
	fenced := false
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			fenced = !fenced
		case trimmed != "" && (fenced || strings.HasPrefix(line, "    ")):
			lines = append(lines, trimmed)
		}
	}
	return lines
}
