// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"bytes"
	"strings"
)

// buildOutput reads what "go build -v" prints: it shows the lines that report
// progress and keeps the rest.
type buildOutput struct {
	show func(what string)
	line bytes.Buffer // a line that has not ended yet
	rest strings.Builder
}

// Write never fails.
func (o *buildOutput) Write(p []byte) (int, error) {
	for _, b := range p {
		if b != '\n' {
			o.line.WriteByte(b)
			continue
		}
		o.take(o.line.String())
		o.line.Reset()
	}
	return len(p), nil
}

func (o *buildOutput) take(line string) {
	const downloading = "go: downloading "
	switch module, found := strings.CutPrefix(line, downloading); {
	case found:
		o.show("downloading " + module)
	case line == "" || strings.Contains(line, " "):
		o.rest.WriteString(line + "\n")
	default: // a package alone on its line
		o.show("compiling " + line)
	}
}

// said returns what was printed besides progress.
func (o *buildOutput) said() string { return o.rest.String() + o.line.String() }
