// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"fmt"
	"strings"
)

// configuration is a Terraform configuration that a page prints.
type configuration struct {
	page string // path below the root of the repository, with slashes
	line int    // number of the first line on the page, from 1
	text string
	// commands are the shell blocks between this configuration and the next
	// configuration.
	commands []string
}

// String returns the configuration's page and line.
func (c configuration) String() string { return fmt.Sprintf("%s:%d", c.page, c.line) }

// fence is one fenced code block of a page.
type fence struct {
	language string
	line     int
	text     string
}

// configurations returns the configurations of a page, in their order.
func configurations(page, text string) ([]configuration, error) {
	fences, err := fencesOf(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", page, err)
	}
	var found []configuration
	for _, fence := range fences {
		switch fence.language {
		case "terraform", "hcl":
			found = append(found, configuration{page: page, line: fence.line, text: fence.text})
		case "shell", "sh", "bash":
			if len(found) > 0 {
				last := &found[len(found)-1]
				last.commands = append(last.commands, fence.text)
			}
		}
	}
	return found, nil
}

// fencesOf returns the fenced blocks of a Markdown text. The indentation of the
// opening fence is removed from each line, as Markdown does.
func fencesOf(text string) ([]fence, error) {
	var found []fence
	var open *fence
	indent := ""
	for number, line := range strings.Split(text, "\n") {
		content := strings.TrimLeft(line, " ")
		switch {
		case open == nil && strings.HasPrefix(content, "```"):
			indent = line[:len(line)-len(content)]
			open = &fence{language: strings.TrimSpace(content[3:]), line: number + 2}
		case open != nil && strings.TrimSpace(line) == "```":
			found = append(found, *open)
			open = nil
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		}
	}
	if open != nil {
		return nil, fmt.Errorf("the block at line %d has no end", open.line)
	}
	return found, nil
}
