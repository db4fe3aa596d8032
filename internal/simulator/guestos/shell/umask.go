// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// maskName is the variable in which a shell keeps its mask. Like a mask, a
// variable is inherited by subshells and programs, which cannot change the
// variable of their parent.
const maskName = "GUEST_UMASK"

// defaultMask is the mask until a script sets another mask.
const defaultMask fs.FileMode = 0o022

// umask returns the command that runs instead of the builtin umask, which the
// interpreter does not implement.
func umask(hc interp.HandlerContext, args []string) []string {
	mask := parseStoredMask(hc.Env.Get(maskName).String())
	symbolic := len(args) > 1 && args[1] == "-S"
	if symbolic {
		args = args[1:]
	}
	switch {
	case len(args) > 2:
		return complaint("umask: too many arguments", "false")
	case len(args) == 2:
		next, err := parseMask(args[1], mask)
		if err != nil {
			return complaint("umask: "+err.Error(), "false")
		}
		return []string{"eval", fmt.Sprintf("export %s=%04o", maskName, next)}
	case symbolic:
		text := modeString(0o777 &^ mask)
		return []string{"echo", strings.ReplaceAll(fmt.Sprintf("u=%s,g=%s,o=%s", text[1:4], text[4:7], text[7:]), "-", "")}
	}
	return []string{"echo", fmt.Sprintf("%04o", mask)}
}

// complaint returns a command that prints a message and then runs the command
// in then, which sets the exit code.
func complaint(text, then string) []string {
	quoted, err := syntax.Quote(text, syntax.LangBash)
	if err != nil {
		quoted = "''" // the text cannot be quoted
	}
	return []string{"eval", "echo " + quoted + " >&2; " + then}
}

func parseMask(text string, current fs.FileMode) (fs.FileMode, error) {
	if octal, err := strconv.ParseUint(text, 8, 16); err == nil && octal <= 0o777 {
		return fs.FileMode(octal), nil
	}
	allowed, err := parseMode(text, 0o777&^current, true)
	return 0o777 &^ allowed, err
}

func parseStoredMask(text string) fs.FileMode {
	mask, err := strconv.ParseUint(text, 8, 16)
	if err != nil {
		return defaultMask
	}
	return fs.FileMode(mask) & 0o777
}

// masked is a file system that applies a mask to new files and folders.
type masked struct {
	disk.FS

	mask fs.FileMode
}

// withMask returns the file system that a program with the given environment
// uses. Programs apply the default mask themselves, so withMask adds a mask
// only if the mask removes further permissions.
func withMask(files disk.FS, env expand.Environ) disk.FS {
	if mask := parseStoredMask(env.Get(maskName).String()); mask&^defaultMask != 0 {
		return masked{files, mask}
	}
	return files
}

// OpenFile applies the mask to new files.
func (m masked) OpenFile(name string, flag int, mode fs.FileMode) (disk.File, error) {
	return m.FS.OpenFile(name, flag, mode&^m.mask)
}

// Mkdir applies the mask to the folder.
func (m masked) Mkdir(name string, mode fs.FileMode) error { return m.FS.Mkdir(name, mode&^m.mask) }

// MkdirAll applies the mask to all new folders.
func (m masked) MkdirAll(name string, mode fs.FileMode) error {
	return m.FS.MkdirAll(name, mode&^m.mask)
}

// dropMask removes the variable that holds the mask, because a real environment
// does not contain it.
func dropMask(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool { return strings.HasPrefix(entry, maskName+"=") })
}
