// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// quote quotes a text as one literal word of a POSIX shell.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func quoteAll(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return strings.Join(quoted, " ")
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// exports returns the shell commands that set the variables of an environment.
func exports(environment map[string]string) (string, error) {
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		if err := CheckVariable(name, environment[name]); err != nil {
			return "", err
		}
		fmt.Fprintf(&all, "export %s=%s\n", name, quote(environment[name]))
	}
	return all.String(), nil
}

// CheckVariable returns an error if a command cannot receive the environment
// variable. The error does not show the value.
func CheckVariable(name, value string) error {
	if !variableName.MatchString(name) {
		return fmt.Errorf("%q cannot be the name of an environment variable: it must consist of letters, digits and underscores, and must not start with a digit", name)
	}
	if strings.ContainsRune(value, 0) {
		return fmt.Errorf("the value of environment variable %s holds a zero byte, which no operating system accepts", name)
	}
	return nil
}

// interpreter returns the shell that the first line of a script names, or /bin/sh if it
// names none. If it names any other program, other is true, because such a script
// cannot be run over standard input. A CR at the end of the line counts as part of the
// program's name, so the server does not find that program and rejects the script.
func interpreter(script string) (shell string, other bool) {
	first, _, _ := strings.Cut(script, "\n")
	named, found := strings.CutPrefix(first, "#!")
	if found && strings.HasSuffix(first, "\r") {
		return "", true
	}
	words := strings.Fields(named)
	if !found || len(words) == 0 {
		return "/bin/sh", false
	}
	name := path.Base(words[0])
	if name == "env" && len(words) == 2 {
		name = words[1]
	}
	switch name {
	case "sh", "dash", "bash", "ksh", "zsh":
		return strings.Join(words, " "), false
	}
	return "", true
}
