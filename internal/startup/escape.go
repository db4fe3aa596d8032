// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// EscapeError tells which character of a value a target cannot carry.
type EscapeError struct {
	// Target is what would have read the value, for example "cmd".
	Target string
	// Character is what it cannot carry.
	Character rune
	// Position is where it is, counted in characters from 1.
	Position int
}

// Error names character, position and target. It does not repeat the value,
// which may be a secret.
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

// rejectRunes finds the first character that a target cannot carry.
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

// shWord is a value as one word of a POSIX shell. All but a zero byte can be
// carried; other control characters are refused because every value here is one
// line of a file or a message.
func shWord(value string) (string, error) {
	if err := rejectRunes("a shell", value, isControl); err != nil {
		return "", err
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'", nil
}

// maxCmdValue keeps lines below the 8191 characters that cmd reads.
const maxCmdValue = 4000

// cmdSet is a line of a cmd script that gives a variable a value. The quotes
// around the whole assignment make everything in it literal but the percent
// sign, which is doubled. A double quote would end them, and no way to write
// one is dependable; bytes past ASCII mean something else in every code page.
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

// systemdText is a value as the rest of a line in a unit file, where the
// percent sign begins a specifier and a backslash at the end goes on with the
// next line. White space at either end would be dropped.
func systemdText(value string) (string, error) {
	if err := rejectRunes("a systemd unit", value, isControl); err != nil {
		return "", err
	}
	if trimmed := strings.TrimSpace(value); trimmed != value {
		return "", fmt.Errorf("begins or ends with white space, which a systemd unit drops")
	}
	if strings.HasSuffix(value, `\`) {
		return "", &EscapeError{Target: "a systemd unit", Character: '\\', Position: utf8.RuneCountInString(value)}
	}
	return strings.ReplaceAll(value, "%", "%%"), nil
}

// systemdName is a value as part of the name of a unit: what is not a letter,
// digit, colon, underscore or inner dot is written as its code.
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
	// In a unit file the percent sign is a specifier, and none is left here.
	return name.String(), nil
}
