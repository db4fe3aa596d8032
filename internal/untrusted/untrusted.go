// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package untrusted makes texts from other systems safe to show. API messages, object
// names, command output and file server errors come from peers that may be broken or
// hostile. Without a filter, such texts could move the cursor, change the window title,
// reverse the reading direction or imitate a Terraform message.
package untrusted

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxLine is the maximum length of a text that Line returns, in bytes. The
	// longest line that the communicator passes on is 4 KiB long.
	MaxLine = 4 << 10
	// MaxText is the maximum length of a text that Text returns, in bytes. The
	// longest diagnostics of the provider list a few hundred names.
	MaxText = 64 << 10
	// ellipsis ends a text that was cut.
	ellipsis = "..."
)

// maxControlString is the maximum length, in bytes, of a control string, such as a
// window title, that is removed together with its escape sequence. Without a bound, an
// unterminated control string would hide the rest of a message.
const maxControlString = 256

// Line returns a text as one line of visible characters and tabs, with at most
// MaxLine bytes. It replaces each line break with a space, removes terminal escape
// sequences, control characters and invisible characters, and replaces invalid UTF-8
// with U+FFFD.
func Line(text string) string { return clean(text, " ", MaxLine) }

// Text is like Line, but keeps line breaks as "\n" and returns at most MaxText bytes.
func Text(text string) string { return clean(text, "\n", MaxText) }

// clean filters a text. lineBreak replaces each line break.
func clean(text, lineBreak string, limit int) string {
	if isClean(text, lineBreak == "\n", limit) {
		return text
	}
	var kept strings.Builder
	for rest := text; rest != ""; {
		if kept.Len() > limit {
			break
		}
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == '\r' && strings.HasPrefix(rest, "\r\n"):
			// The line feed that follows counts as the line break.
		case isLineBreak(r):
			kept.WriteString(lineBreak)
		case isEscape(r):
			size = escapeLength(rest)
		case isVisible(r):
			kept.WriteRune(r) // U+FFFD for invalid UTF-8
		}
		rest = rest[size:]
	}
	return cut(kept.String(), limit)
}

// isClean reports whether clean would return the text unchanged. Most texts are clean,
// and the check allocates no memory.
func isClean(text string, breaks bool, limit int) bool {
	if len(text) > limit {
		return false
	}
	for i, r := range text {
		if !isVisible(r) && (r != '\n' || !breaks) || r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			return false
		}
	}
	return true
}

// cut shortens a text to at most limit bytes, with an ellipsis, without splitting a
// character.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit - len(ellipsis)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}

// isLineBreak reports whether a terminal or a log reader may begin a new line at the
// character.
func isLineBreak(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// isVisible reports whether the character is a tab or has a visible form of its own.
// Control characters (Cc) control the terminal. Format characters (Cf) change the
// reading direction or have no width. Other characters that Unicode defines as
// ignorable, such as the Hangul fillers, are also invisible.
func isVisible(r rune) bool {
	switch {
	case r == '\t':
		return true
	case r < 0x7f:
		return r >= ' '
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point)
}

const (
	escape = '\x1b'
	// Each of the following C1 controls is equivalent to an escape character and
	// one other character; see ECMA-48, section 5.3.
	deviceControl       = '\u0090' // ESC P
	startOfString       = '\u0098' // ESC X
	controlSequence     = '\u009b' // ESC [
	stringTerminator    = '\u009c' // ESC \
	systemCommand       = '\u009d' // ESC ]
	privacyMessage      = '\u009e' // ESC ^
	applicationCommand  = '\u009f' // ESC _
	firstC1, lastC1     = '\u0080', '\u009f'
	bell                = '\a'
	offsetOfEscapedForm = 0x40 // ESC [ is U+009B: 0x5b + 0x40
)

func isEscape(r rune) bool { return r == escape || r >= firstC1 && r <= lastC1 }

// escapeLength returns the length of the escape sequence at the start of text, in
// bytes. It is at least the length of the first character.
func escapeLength(text string) int {
	kind, at := utf8.DecodeRuneInString(text)
	if kind == escape && at < len(text) && text[at] >= '@' && text[at] <= '_' {
		kind = rune(text[at]) + offsetOfEscapedForm
		at++
	}
	switch kind {
	case controlSequence:
		at += span(text[at:], '0', '?') // parameters
		at += span(text[at:], ' ', '/') // intermediate bytes
		return at + min(1, span(text[at:], '@', '~'))
	case deviceControl, startOfString, systemCommand, privacyMessage, applicationCommand:
		return at + controlStringLength(text[at:])
	case escape:
		at += span(text[at:], ' ', '/')
		return at + min(1, span(text[at:], '0', '~'))
	}
	return at
}

// span returns the number of leading bytes in the range from first to last.
func span(text string, first, last byte) int {
	n := 0
	for n < len(text) && text[n] >= first && text[n] <= last {
		n++
	}
	return n
}

// controlStringLength returns the length of a control string, including its terminator.
// It returns 0 if the string does not end on its line within maxControlString bytes.
func controlStringLength(text string) int {
	for i, r := range text {
		switch {
		case i > maxControlString, isLineBreak(r):
			return 0
		case r == bell, r == stringTerminator:
			return i + utf8.RuneLen(r)
		case r == escape && strings.HasPrefix(text[i+1:], `\`):
			return i + 2
		}
	}
	return 0
}
