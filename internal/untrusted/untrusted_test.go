// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package untrusted

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestFilter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, line, lines string }{
		{"plain", "No object found.", "No object found.", "No object found."},
		{"letters of all kinds", "Zürich 東京 🙂", "Zürich 東京 🙂", "Zürich 東京 🙂"},
		{"tab", "a\tb", "a\tb", "a\tb"},
		{"line break", "a\nError: b", "a Error: b", "a\nError: b"},
		{"Windows line break", "a\r\nb", "a b", "a\nb"},
		{"return to the start of the line", "good\rbad", "good bad", "good\nbad"},
		{"next line", "a\u0085b\u2028c\u2029d", "a b c d", "a\nb\nc\nd"},
		{"other C0 controls", "a\x00\x07\b\x7fb", "ab", "ab"},
		{"color", "\x1b[1;31mError:\x1b[0m x", "Error: x", "Error: x"},
		{"clear the screen", "a\x1b[2J\x1b[Hb", "ab", "ab"},
		{"color with a C1 control", "\u009b31mred", "red", "red"},
		{"window title", "a\x1b]0;owned\ab", "ab", "ab"},
		{"window title with another end", "a\x1b]2;owned\x1b\\b", "ab", "ab"},
		{"window title with C1 controls", "a\u009d2;owned\u009cb", "ab", "ab"},
		{"command without an end", "a\x1b]0;the rest", "a0;the rest", "a0;the rest"},
		{"command that would hide a line", "a\x1b]0;b\nc\a", "a0;b c", "a0;b\nc"},
		{"character set", "a\x1b(0b", "ab", "ab"},
		{"full reset", "a\x1bcb", "ab", "ab"},
		{"escape at the end", "a\x1b", "a", "a"},
		{"escape in an escape", "\x1b\x1b[0m[31mx", "[31mx", "[31mx"},
		{"C1 controls", "a\u0080\u0099b", "ab", "ab"},
		{"bidirectional override", "safe\u202Egnp.exe\u202C", "safegnp.exe", "safegnp.exe"},
		{"isolates", "\u2066a\u2067b\u2068c\u2069", "abc", "abc"},
		{"marks of direction", "\u200Ea\u200Fb\u061C", "ab", "ab"},
		{"zero width", "a\u200Bb\u200Cc\u200Dd\u2060e\uFEFFf\u00ADg", "abcdefg", "abcdefg"},
		{"fillers", "a\u3164b\u115Fc\u034Fd", "abcd", "abcd"},
		{"tags", "a\U000E0041b", "ab", "ab"},
		{"not UTF-8", "a\xffb\x9b31m", "a\uFFFDb\uFFFD31m", "a\uFFFDb\uFFFD31m"},
		{"replacement character", "a\uFFFDb", "a\uFFFDb", "a\uFFFDb"},
	} {
		if got := Line(test.text); got != test.line {
			t.Errorf("%s: the line is %q, want %q", test.name, got, test.line)
		}
		if got := Text(test.text); got != test.lines {
			t.Errorf("%s: the text is %q, want %q", test.name, got, test.lines)
		}
	}
}

func TestFilterLimitsLength(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("x", MaxLine), strings.Repeat("\x1b[0m", MaxText) + "x"} {
		if got := Line(text); strings.HasSuffix(got, ellipsis) {
			t.Errorf("%d bytes are cut", len(text))
		}
	}
	for _, unit := range []string{"x", "é", "東", "\x00é", "\xff"} {
		if got := Line(strings.Repeat(unit, 1<<20)); len(got) > MaxLine || len(got) < MaxLine-8 || !utf8.ValidString(got) || !strings.HasSuffix(got, ellipsis) {
			t.Errorf("a line of %q: got %d bytes that end with %q", unit, len(got), got[len(got)-8:])
		}
		if got := Text(strings.Repeat(unit, 1<<20)); len(got) > MaxText || !strings.HasSuffix(got, ellipsis) {
			t.Errorf("a text of %q: got %d bytes", unit, len(got))
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"", "No object found.", "a\r\nError: b", "\x1b[1;31mred\x1b[0m", "\x1b]0;title\a", "\x1b]0;\x1b\\", "\u009b31m", "\x1bP\u009c",
		"\u202Eabc", "a\u200Bb", "\xff\x9b", "\x1b", "\x1b(", "\x1b[", "\U000E0041", strings.Repeat("\u202E", 300),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for kind, got := range map[string]string{"line": Line(text), "text": Text(text)} {
			if !utf8.ValidString(got) || len(got) > MaxText || kind == "line" && len(got) > MaxLine {
				t.Errorf("the %s %q is not valid", kind, got)
			}
			for _, r := range got {
				if r == '\t' || r == '\n' && kind == "text" {
					continue
				}
				if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs) || r == '\u2028' || r == '\u2029' {
					t.Errorf("the %s %q holds %U", kind, got, r)
				}
			}
			if again := map[string]func(string) string{"line": Line, "text": Text}[kind](got); again != got {
				t.Errorf("filtering the %s %q again returns %q", kind, got, again)
			}
		}
		// A text of visible characters must not change.
		if plain := strings.ToValidUTF8(text, ""); len(plain) <= MaxLine && strings.IndexFunc(plain, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 &&
			strings.IndexFunc(plain, ignorable) < 0 && Line(plain) != plain {
			t.Errorf("%q is changed to %q", plain, Line(plain))
		}
	})
}

func ignorable(r rune) bool { return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) }
