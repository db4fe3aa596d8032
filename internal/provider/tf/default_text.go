// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"fmt"
	"strings"
	"time"
)

// DefaultText returns the sentence of an attribute text that names the default,
// such as "Defaults to `20m`." Callers pass the constant that sets the default,
// so that text and code cannot differ.
func DefaultText(value any) string { return "Defaults to " + ValueText(value) + "." }

// ValueText returns a value in backticks, written as in a configuration. It
// omits the zero units of a duration: "20m" rather than "20m0s".
func ValueText(value any) string {
	text := fmt.Sprint(value)
	if _, ok := value.(time.Duration); ok {
		if strings.HasSuffix(text, "m0s") {
			text = strings.TrimSuffix(text, "0s")
		}
		if strings.HasSuffix(text, "h0m") {
			text = strings.TrimSuffix(text, "0m")
		}
	}
	return "`" + text + "`"
}
