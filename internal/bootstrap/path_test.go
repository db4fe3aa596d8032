// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCheckPathAccepts(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"a", "app/index.html", ".hidden", "a/.b/c", "..a", "a..b", "a b/c d", "ünïcode/日本.txt",
		"console", "CONTACT.txt", "com", "COM10.txt", "lpt", "a/nul1", "auxiliary", "~$x", "a+b=c@d,e;f'g(h)[i]{j}!#%&",
		strings.Repeat("n", MaxNameLength), strings.Repeat("n/", MaxPathLength/2-1) + "nn",
	} {
		if err := CheckPath(path); err != nil {
			t.Errorf("CheckPath(%q) = %v, want nil", path, err)
		}
	}
}

func TestCheckPathRefuses(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"":                       "is empty",
		"/":                      "absolute path",
		"/etc/passwd":            "absolute path",
		"//host/share":           "absolute path",
		"C:/x":                   "drive letter",
		"c:x":                    "drive letter",
		`C:\x`:                   "drive letter",
		`a\b`:                    "backslash",
		`\\host\share`:           "backslash",
		"..":                     `".."`,
		"../a":                   `".."`,
		"a/../b":                 `".."`,
		"a/..":                   `".."`,
		".":                      `"." folder`,
		"./a":                    `"." folder`,
		"a/./b":                  `"." folder`,
		"a//b":                   "empty folder name",
		"a/":                     "ends in a slash",
		"a\x00b":                 "control character U+0000",
		"a\nb":                   "control character U+000A",
		"a\x7fb":                 "control character U+007F",
		"a\u0085b":               "control character U+0085",
		"a\xffb":                 "not valid UTF-8",
		"ab:c":                   `holds ':'`,
		"a?":                     `holds '?'`,
		"a/*":                    `holds '*'`,
		"a|b":                    `holds '|'`,
		"<a>":                    `holds '<'`,
		`a"b`:                    `holds '"'`,
		"a.":                     "ends in a dot or a space",
		"a /b":                   "ends in a dot or a space",
		"...":                    "ends in a dot or a space",
		"CON":                    "reserves",
		"a/con":                  "reserves",
		"NUL.txt":                "reserves",
		"nul .txt":               "reserves",
		"Aux.tar.gz/x":           "reserves",
		"prn":                    "reserves",
		"com1":                   "reserves",
		"COM0.log":               "reserves",
		"LPT9":                   "reserves",
		"com¹":                   "reserves",
		"CONIN$":                 "reserves",
		"conout$.x":              "reserves",
		strings.Repeat("n", 256): "256 bytes",
		strings.Repeat("n/", MaxPathLength/2) + "n": "1025 bytes",
	} {
		err := CheckPath(path)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CheckPath(%q) = %v, want an error with %q", path, err, want)
		}
	}
}

func FuzzCheckPath(f *testing.F) {
	for _, seed := range []string{"app/x", "../x", "/x", `C:\x`, "NUL.txt", "a\x00", "a//b", "ä", "a ", "con.", "a/./b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if CheckPath(path) != nil {
			return
		}
		if !utf8.ValidString(path) || strings.ContainsAny(path, "\\:*?\"<>|\x00\n\r") {
			t.Errorf("%q was accepted with a character that cannot be in a name", path)
		}
		if !filepath.IsLocal(path) || filepath.ToSlash(filepath.Clean(path)) != path {
			t.Errorf("%q was accepted but is not a clean path below the root", path)
		}
		for name := range strings.SplitSeq(path, "/") {
			if strings.TrimRight(name, ". ") != name || len(name) > MaxNameLength {
				t.Errorf("%q was accepted with the name %q", path, name)
			}
			switch stem, _, _ := strings.Cut(strings.ToLower(name), "."); stem {
			case "con", "nul", "prn", "aux", "com1", "lpt1":
				t.Errorf("%q was accepted with the device name %q", path, name)
			}
		}
	})
}
