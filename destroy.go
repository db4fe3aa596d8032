// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"slices"
	"strings"
)

// isDestroyOnly reports whether the engine (Terraform or OpenTofu) runs a
// command that only destroys. Before a destroy the engine makes an ordinary
// plan, which may create objects. The engine does not announce the destroy to
// the provider, and errors about these objects must not stop the destroy.
// isDestroyOnly therefore reads the engine's command line: args is the command
// line of the parent process, which is the engine. getenv reads the
// environment, which both processes share. isDestroyOnly returns false if it
// does not recognize the command.
func isDestroyOnly(args []string, getenv func(string) string) bool {
	at := slices.IndexFunc(args, func(arg string) bool { return planCommands[arg] })
	if at < 1 {
		return false
	}
	command := args[at]
	flags := slices.Concat(args[at+1:], strings.Fields(getenv("TF_CLI_ARGS")), strings.Fields(getenv("TF_CLI_ARGS_"+command)))
	return command == "destroy" || slices.ContainsFunc(flags, isDestroyFlag)
}

// planCommands holds the engine's commands that make a plan.
var planCommands = map[string]bool{"plan": true, "apply": true, "destroy": true}

// isDestroyFlag reports whether a flag turns a plan or an apply into a destroy.
func isDestroyFlag(flag string) bool {
	name, value, given := strings.Cut(strings.TrimLeft(flag, "-"), "=")
	return strings.HasPrefix(flag, "-") && name == "destroy" && (!given || value == "true" || value == "1")
}
