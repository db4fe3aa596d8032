// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import "strings"

// levelVariables set the levels of the plugin libraries' loggers and of the
// provider's own, which all write everything by default.
var levelVariables = []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_GOGRID"}

// logLevels returns the environment variables to set so that no log line is
// written that Terraform would drop. Terraform reads and parses every line of
// a provider before it looks at the level: in a plan over a thousand servers
// nobody's log took a third of the time. A level that the user has set stays.
func logLevels(getenv func(string) string) map[string]string {
	level := getenv("TF_LOG_PROVIDER")
	if level == "" {
		level = getenv("TF_LOG")
	}
	switch {
	case level == "":
		level = "OFF"
	case strings.EqualFold(level, "JSON"):
		level = "TRACE"
	}
	set := map[string]string{}
	for _, name := range levelVariables {
		if getenv(name) == "" {
			set[name] = level
		}
	}
	return set
}
