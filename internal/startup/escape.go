// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// EscapeError reports a character of a value that a target cannot represent.
type EscapeError struct {
	// Target is the program that reads the value, for example "cmd".
	Target string
	// Character is the first character that Target cannot represent.
	Character rune
	// Position is the position of Character, counted in characters from 1.
	Position int
}

// Error names the character, the position and the target. The message does not
// contain the value, which may be a secret.
func (e *EscapeError) Error() string {
	return fmt.Sprintf("has %s at position %d, which %s cannot carry: choose a value without it", characterName(e.Character), e.Position, e.Target)
}

func characterName(r rune) string {
	switch {
	case r == utf8.RuneError:
		return "a byte that is not UTF-8"
	case isControl(r):
		return fmt.Sprintf("the control character %U", r)
	case r == '"':
		return `a double quote (")`
	default:
		return fmt.Sprintf("%q", r)
	}
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// rejectRunes returns an *EscapeError for the first character that is bad or
// not UTF-8.
func rejectRunes(target, value string, bad func(rune) bool) error {
	position := 0
	for i, r := range value {
		position++
		invalid := r == utf8.RuneError && !strings.HasPrefix(value[i:], string(utf8.RuneError))
		if invalid || bad(r) {
			return &EscapeError{Target: target, Character: r, Position: position}
		}
	}
	return nil
}

// shWord quotes a value as one word of a POSIX shell. A shell word can contain
// any byte except zero. shWord also rejects other control characters, because
// every value becomes one line of a file or a message.
func shWord(value string) (string, error) {
	if err := rejectRunes("a shell", value, isControl); err != nil {
		return "", err
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'", nil
}

// maxCmdValue is the maximum length of a value, in bytes. It keeps lines below the
// 8191 characters that cmd reads.
const maxCmdValue = 4000

// cmdSet returns a line of a cmd script that sets a variable. The quotes around
// the whole assignment make every character literal except the percent sign,
// which cmdSet doubles. cmdSet rejects double quotes, because cmd has no
// reliable way to escape them, and non-ASCII characters, which depend on the
// code page.
func cmdSet(name, value string) (string, error) {
	err := rejectRunes("cmd", value, func(r rune) bool { return r == '"' || r >= utf8.RuneSelf || isControl(r) })
	if err != nil {
		return "", err
	}
	if len(value) > maxCmdValue {
		return "", fmt.Errorf("has %d characters: at most %d fit into a line of a cmd script", len(value), maxCmdValue)
	}
	return `set "` + name + "=" + strings.ReplaceAll(value, "%", "%%") + `"`, nil
}

// systemdText escapes a value that forms the rest of a line in a unit file. In
// a unit file a percent sign starts a specifier, a backslash at the end
// continues the line, and white space at either end is removed.
func systemdText(value string) (string, error) {
	if err := rejectRunes("a systemd unit", value, isControl); err != nil {
		return "", err
	}
	if trimmed := strings.TrimSpace(value); trimmed != value {
		return "", fmt.Errorf("begins or ends with white space, which systemd removes")
	}
	if strings.HasSuffix(value, `\`) {
		return "", &EscapeError{Target: "a systemd unit", Character: '\\', Position: utf8.RuneCountInString(value)}
	}
	return strings.ReplaceAll(value, "%", "%%"), nil
}

// systemdName escapes a value for the name of a unit. A slash becomes a dash. All
// other bytes except letters, digits, colons, underscores and inner dots become
// hex codes.
func systemdName(value string) (string, error) {
	if err := rejectRunes("the name of a systemd unit", value, isControl); err != nil {
		return "", err
	}
	var name strings.Builder
	for i := range len(value) {
		switch c := value[i]; {
		case c == '/':
			name.WriteByte('-')
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == ':', c == '_', c == '.' && i > 0:
			name.WriteByte(c)
		default:
			fmt.Fprintf(&name, `\x%02x`, c)
		}
	}
	// The name contains no percent sign, so systemd finds no specifier in the
	// name.
	return name.String(), nil
}
