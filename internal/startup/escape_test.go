// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"
)

// hardToQuote returns texts that are special in at least one target.
func hardToQuote() []string {
	return []string{
		"", " ", "plain", `a%b^c&d!e"f`, `a%b^c&d!e`, odd, password, "100%", "%PATH%", "%%A", "$HOME", "${x}", "$(id)", "`id`", `back\slash\`, `\\`,
		"it's", "''", "-n", "--", "a b", " a", "a ", "tab\there", "line\nbreak", "cr\rhere", "nul\x00here", "\x7f", "ümlaut", "日本", "\xff", "*", "~", "#", "!", "^", "x^",
		"a;b", "a,b", "a=b", "(a)", "<a>", "|", "&&", "\u2028", "%n", "%i", "{a,b}", ";", "\ufffd",
	}
}

func TestEscapeErrorsNameCharacterAndPosition(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`a%b^c&d!e"f`: `has a double quote (") at position 10, which cmd cannot carry: choose a value without it`,
		"äb":          `has 'ä' at position 1, which cmd cannot carry: choose a value without it`,
		"ab\n":        `has the control character U+000A at position 3, which cmd cannot carry: choose a value without it`,
		"a\xff":       `has a byte that is not UTF-8 at position 2, which cmd cannot carry: choose a value without it`,
	} {
		if _, err := cmdSet("X", value); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", value, err, want)
		}
	}
	if _, err := shWord("é\x00"); err == nil || !strings.Contains(err.Error(), "the control character U+0000 at position 2") {
		t.Errorf("shWord of a zero byte returned %v", err)
	}
	if _, err := systemdText(`a\`); err == nil || !strings.Contains(err.Error(), "at position 2") {
		t.Errorf("systemdText of a trailing backslash returned %v", err)
	}
}

// wantRefusal checks that an error about a character contains the position of
// the character.
func wantRefusal(t *testing.T, err error) {
	t.Helper()
	var escape *EscapeError
	if errors.As(err, &escape) && escape.Position < 1 {
		t.Errorf("the error has no position: %v", err)
	}
}

func FuzzShWord(f *testing.F) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		f.Skip("sh is not installed")
	}
	for _, value := range hardToQuote() {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		word, err := shWord(value)
		if err != nil {
			wantRefusal(t, err)
			if utf8.ValidString(value) && !strings.ContainsFunc(value, isControl) {
				t.Errorf("%q is refused: %v", value, err)
			}
			return
		}
		script := "x=" + word + "\nprintf '%s|' \"$x\" " + word + "\n"
		run := exec.CommandContext(t.Context(), sh)
		run.Stdin = strings.NewReader(script)
		output, err := run.Output()
		if want := value + "|" + value + "|"; err != nil || string(output) != want {
			t.Errorf("the shell returned %q for %q (%v)", output, want, err)
		}
	})
}

func FuzzCmdSet(f *testing.F) {
	for _, value := range hardToQuote() {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		line, err := cmdSet("VALUE", value)
		if err != nil {
			wantRefusal(t, err)
			if len(value) <= maxCmdValue && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' || r == '"' }) {
				t.Errorf("%q is refused: %v", value, err)
			}
			return
		}
		model, err := newCmdModel(line + "\r\nprogram name=\"%VALUE%\" last\r\n")
		if err != nil {
			t.Fatal(err)
		}
		if err := model.execute(0); err != nil {
			t.Fatal(err)
		}
		if got := model.env["VALUE"]; got != value {
			t.Errorf("the variable is %q, want %q", got, value)
		}
		// A backslash before the closing quote would escape the quote. Only adapters
		// become arguments, and they must not end in a backslash.
		if !strings.HasSuffix(value, `\`) && (len(model.calls) != 1 || model.calls[0][1] != "name="+value) {
			t.Errorf("the program got %q, want %q", model.calls, "name="+value)
		}
	})
}

func FuzzSystemd(f *testing.F) {
	for _, value := range hardToQuote() {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if text, err := systemdText(value); err == nil {
			// systemd removes white space at the ends, continues the line after a
			// trailing backslash, and reads a doubled percent sign as one.
			if got := strings.ReplaceAll(text, "%%", "\x00"); strings.Contains(got, "%") || strings.ReplaceAll(got, "\x00", "%") != value ||
				strings.TrimSpace(text) != text || strings.HasSuffix(text, `\`) || strings.ContainsAny(text, "\r\n") {
				t.Errorf("%q is written as %q", value, text)
			}
		} else {
			wantRefusal(t, err)
		}
		if name, err := systemdName(value); err == nil && strings.ContainsAny(name, "/% \t\n\"'") {
			t.Errorf("%q becomes the name %q", value, name)
		}
	})
}

func TestSystemdNamesAreThoseOfSystemd(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-escape"); err != nil {
		t.Skip("systemd-escape is not installed")
	}
	for _, value := range []string{"eth1", "en-x", "a b", "100%", "eth0.5", ".x", "a/b", "é", `a\b`, "wlan@1", "x:y_z"} {
		output, err := exec.CommandContext(t.Context(), "systemd-escape", "--", value).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := systemdName(value); err != nil || got != strings.TrimSuffix(string(output), "\n") {
			t.Errorf("%q becomes %q (%v), want %q", value, got, err, output)
		}
	}
}
