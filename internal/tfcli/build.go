// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"bytes"
	"strings"
)

// buildOutput reads the output of "go build -v". It passes progress to show and
// keeps the other lines.
type buildOutput struct {
	show func(what string)
	line bytes.Buffer // the incomplete last line
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
	default: // only the name of a package
		o.show("compiling " + line)
	}
}

// remaining returns the output without the progress.
func (o *buildOutput) remaining() string { return o.rest.String() + o.line.String() }
