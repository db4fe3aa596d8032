// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prose

import (
	"regexp"
	"strings"
)

// commentMarker matches the beginning of a comment line in shell, PowerShell,
// batch files, makefiles, YAML and HCL.
var commentMarker = regexp.MustCompile(`^\s*(#+!?|//|::|(?i:rem) )`)

// readScript collects all lines of a file. Adjacent comment lines form one
// text; every other line is a separate text.
func readScript(source []byte) *passage {
	p := &passage{}
	for i, line := range strings.Split(string(source), "\n") {
		marker := commentMarker.FindString(line)
		if marker == "" {
			p.end()
		}
		p.write(i+1, line[len(marker):]+"\n")
		if marker == "" {
			p.end()
		}
	}
	return p
}
