// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"strings"
	"testing"
)

func TestExclusions(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		patterns []string
		excluded []string
		kept     []string
	}{
		"name anywhere": {
			[]string{"*.log"},
			[]string{"a.log", "x/y/b.log", ".log", "x.log/inside"},
			[]string{"a.log2", "log"},
		},
		"anchored by leading slash": {[]string{"/build"}, []string{"build", "build/x"}, []string{"a/build", "a/build/x"}},
		"anchored by inner slash":   {[]string{"a/b"}, []string{"a/b", "a/b/c"}, []string{"x/a/b", "a/x/b"}},
		"folders only":              {[]string{"cache/"}, []string{"cache/x", "a/cache/x"}, []string{"cache", "a/cache"}},
		"star stays in one name":    {[]string{"/a/*/c"}, []string{"a/b/c"}, []string{"a/c", "a/b/b/c"}},
		"question mark":             {[]string{"?.txt"}, []string{"a.txt", "é.txt"}, []string{"ab.txt", ".txt"}},
		"leading double star":       {[]string{"**/a/b"}, []string{"a/b", "x/a/b", "x/y/a/b"}, []string{"b", "a/x/b"}},
		"trailing double star":      {[]string{"a/**"}, []string{"a/b", "a/b/c"}, []string{"a", "b/a/c"}},
		"inner double star":         {[]string{"a/**/b"}, []string{"a/b", "a/x/b", "a/x/y/b"}, []string{"xa/b", "a/bb"}},
		"double star in a name":     {[]string{"a**b"}, []string{"ab", "axxb", "x/axb"}, []string{"a/b"}},
		"take back":                 {[]string{"*.log", "!keep.log"}, []string{"a.log", "x/a.log"}, []string{"keep.log", "x/keep.log"}},
		"last match decides":        {[]string{"!a", "a"}, []string{"a"}, nil},
		"not from excluded folder":  {[]string{"a/", "!a/b"}, []string{"a/b"}, nil},
		"from a folder's content":   {[]string{"a/*", "!a/b"}, []string{"a/c"}, []string{"a/b", "a/b/c"}},
		"only one folder": {
			[]string{"/*", "!/foo", "/foo/*", "!/foo/bar"},
			[]string{"x", "foo/x"},
			[]string{"foo/bar/x"},
		},
		"files of taken-back folders": {[]string{"a/**", "!a/**/", "!keep"}, []string{"a/x", "a/b/x"}, []string{"a/b/keep", "a/keep"}},
		"brackets":                    {[]string{"[a-c]x", "[!a-z]y"}, []string{"ax", "cx", "1y"}, []string{"dx", "by"}},
		"brackets never match slash":  {[]string{"a[!b]c", "/d[.-0]e"}, []string{"axc", "d.e", "d0e"}, []string{"a/c", "d/e"}},
		"closing bracket first":       {[]string{"[]a]x"}, []string{"]x", "ax"}, []string{"bx"}},
		"dash and caret in brackets":  {[]string{"[a-]1", "[b^]2"}, []string{"-1", "a1", "^2"}, []string{"b1"}},
		"character class":             {[]string{"[[:digit:]_]*"}, []string{"1a", "_b"}, []string{"a1"}},
		"braces are ordinary":         {[]string{"{a,b}"}, []string{"{a,b}"}, []string{"a", "b"}},
		"comment and blank":           {[]string{"# a", "", "   ", "\r"}, nil, []string{"# a", "a", "   "}},
		"escapes":                     {[]string{`\#a`, `\!b`, `\*`, `\[c]`}, []string{"#a", "!b", "*", "[c]"}, []string{"a", "b", "x", "c"}},
		"escaped star and star":       {[]string{`\**x`}, []string{"*yx", "*x"}, []string{"yx"}},
		"trailing spaces":             {[]string{"a  ", `b\ `}, []string{"a", "b "}, []string{"b"}},
		"line of a Windows file":      {[]string{"a\r"}, []string{"a"}, nil},
		"case counts":                 {[]string{"A"}, []string{"A"}, []string{"a"}},
		"own temporary files":         {nil, []string{temporaryPrefix + "12", "x/" + temporaryPrefix + "3"}, []string{temporaryPrefix + "d/x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, problems := parseExclusions(tc.patterns)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			for _, path := range tc.excluded {
				if !rules.matchFile(path) {
					t.Errorf("%q is kept by %q", path, tc.patterns)
				}
			}
			for _, path := range tc.kept {
				if rules.matchFile(path) {
					t.Errorf("%q is excluded by %q", path, tc.patterns)
				}
			}
		})
	}
}

func TestExclusionsRefuse(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"/":           "matches nothing",
		"!":           "matches nothing",
		"!/":          "matches nothing",
		"a//b":        "empty name",
		"./a":         "leave out",
		"../a":        "leave out",
		"[a":          `without its "]"`,
		"a/[":         `without its "]"`,
		"[a/b]":       `without its "]"`,
		"[[:alpha:":   `without its "]"`,
		`[\`:          `without its "]"`,
		"[[:word:]]":  "unknown character class",
		"[z-a]":       "bounds are reversed",
		`build\out`:   "folders are separated",
		`a\`:          "backslash at the end",
		"a\nb":        "line break",
		"a\rb":        "line break",
		"a\x00b":      "line break",
		"a/b/[!c/d]e": `without its "]"`,
	} {
		_, problems := parseExclusions([]string{"ok", pattern})
		if len(problems) != 1 || problems[0].Index != 1 || problems[0].Field != FieldExclude ||
			!strings.Contains(problems[0].Error(), want) {
			t.Errorf("%q gives %v, want one problem at index 1 that contains %q", pattern, problems, want)
		}
	}
}

// The pattern that an error message suggests must exclude the path.
func TestEscapePattern(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"a/b", "a [1]", "{x}", "!a", "#a", "a*b?c"} {
		rules, problems := parseExclusions([]string{"/" + escapePattern(path)})
		if len(problems) > 0 || !rules.matchFile(path) {
			t.Errorf("%q is not excluded by %q: %v", path, "/"+escapePattern(path), problems)
		}
	}
}

// The matcher accepts every pattern without panicking, and escapePattern works
// for every path.
func FuzzExclusions(f *testing.F) {
	f.Add("*.log", "a/b.log")
	f.Add("!a/**/[!b-d]*", "a/x/c")
	f.Add(`[[:alpha:]\]-]{a}`, "{a}")
	f.Add("**/**/a*b*c*?", "a/ abc#!")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		rules, problems := parseExclusions([]string{pattern, "# last"})
		if len(rules)+len(problems) > 1 {
			t.Fatalf("%q gives %d rules and %d problems", pattern, len(rules), len(problems))
		}
		_ = rules.matchFile(path)
		if CheckPath(path) != nil {
			return
		}
		rules, problems = parseExclusions([]string{"/" + escapePattern(path)})
		if len(problems) > 0 || !rules.matchFile(path) {
			t.Errorf("%q is not excluded by %q: %v", path, "/"+escapePattern(path), problems)
		}
		// No valid path starts with this character.
		if rules.matchFile("\x01"+path) || rules.matchFile("\x01/"+path) {
			t.Errorf("%q excludes more than %q", "/"+escapePattern(path), path)
		}
	})
}
