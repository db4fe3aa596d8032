// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a path inside an archive.
const (
	// MaxNameLength is the maximum length of one file or folder name, in bytes.
	// It is the limit of Linux.
	MaxNameLength = 255
	// MaxPathLength is the maximum length of a path, in bytes.
	MaxPathLength = 1024
)

// CheckPath returns an error if a path cannot be used inside an archive. A path
// must be slash-separated, relative and below the root, and both Linux and
// Windows must be able to create it. It must not contain a drive letter, a
// backslash, a control character or any of <>:"|?*. No name in it may be reserved
// by Windows (CON, NUL.txt) or end in a dot or a space.
//
// The error does not contain the path.
func CheckPath(path string) error {
	if err := checkWhole(path); err != nil {
		return err
	}
	for name := range strings.SplitSeq(path, "/") {
		if err := checkName(name); err != nil {
			return err
		}
	}
	return nil
}

func checkWhole(path string) error {
	switch {
	case path == "":
		return errors.New("is empty: give the path of a file, such as \"app/index.html\"")
	case !utf8.ValidString(path):
		return errors.New("is not valid UTF-8: rename the file")
	case len(path) > MaxPathLength:
		return fmt.Errorf("is %d bytes long: at most %d are allowed", len(path), MaxPathLength)
	case strings.HasPrefix(path, "/"):
		return errors.New("is an absolute path: give it relative to the archive's root, without the leading slash")
	case hasDriveLetter(path):
		return errors.New("starts with a drive letter: give it relative to the archive's root")
	case strings.Contains(path, `\`):
		return errors.New(`holds a backslash: folders are separated by "/"`)
	case strings.HasSuffix(path, "/"):
		return errors.New("ends in a slash: give the path of a file; folders are created as needed")
	}
	return nil
}

func hasDriveLetter(path string) bool {
	if len(path) < 2 || path[1] != ':' {
		return false
	}
	c := path[0] | 0x20
	return 'a' <= c && c <= 'z'
}

func checkName(name string) error {
	switch name {
	case "":
		return errors.New(`holds an empty folder name ("//")`)
	case ".":
		return errors.New(`holds a "." folder: leave it out`)
	case "..":
		return errors.New(`holds "..", which could leave the archive's root`)
	}
	if len(name) > MaxNameLength {
		return fmt.Errorf("holds a name of %d bytes: at most %d are allowed", len(name), MaxNameLength)
	}
	for _, r := range name {
		switch {
		case unicode.IsControl(r):
			return fmt.Errorf("holds the control character %U", r)
		case strings.ContainsRune(`<>:"|?*`, r):
			return fmt.Errorf("holds %q, which Windows does not allow in a name", r)
		}
	}
	if last := name[len(name)-1]; last == '.' || last == ' ' {
		return fmt.Errorf("holds the name %q, which ends in a dot or a space: Windows drops those", name)
	}
	if isReserved(name) {
		return fmt.Errorf("holds the name %q, which Windows reserves for a device", name)
	}
	return nil
}

// isReserved reports whether Windows reserves a name for a device. According to
// Microsoft's "Naming Files, Paths, and Namespaces", device names are reserved
// in any case and with any extension, and superscript digits count as digits.
func isReserved(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, isCOM := strings.CutPrefix(base, "COM")
	if !isCOM {
		var isLPT bool
		if port, isLPT = strings.CutPrefix(base, "LPT"); !isLPT {
			return false
		}
	}
	return utf8.RuneCountInString(port) == 1 && strings.Contains("0123456789¹²³", port)
}
