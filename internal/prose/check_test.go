// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plant returns text without its tildes. The tildes hide the banned phrases in
// this file from the check.
func plant(text string) string {
	return strings.ReplaceAll(text, "~", "")
}

// check writes one file, checks its folder and returns the findings without
// the name of the folder.
func check(t *testing.T, rules *Rules, file, content string) []string {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	findings, err := rules.Check(folder)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, finding := range findings {
		texts = append(texts, filepath.ToSlash(strings.TrimPrefix(finding.String(), folder+string(filepath.Separator))))
	}
	return texts
}

func load(t *testing.T) *Rules {
	t.Helper()
	rules, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestCheckFindsEveryPhrase(t *testing.T) {
	t.Parallel()
	for _, sentence := range []string{
		"ok te~lls whether it is set.", "The state can te~ll whether it is set.",
		"Who~ever holds it.", "Some~body else.", "No~body else.", "It is made a~new.", "It waits in va~in.",
		"The address is th~at of the server.", "The apply go~es on with the next.", "Order is wh~at to do.",
		"Like~wise for ports.", "A copy the~reof.", "It is sent as we~ll.", "It is sent as we~ll",
	} {
		found := check(t, load(t), "page.md", "A line.\n\n"+plant(sentence)+"\n")
		if len(found) != 1 || !strings.HasPrefix(found[0], "page.md:3: \"") {
			t.Errorf("%s: found %q, want one fault in line 3", sentence, found)
		}
	}
	for _, sentence := range []string{"It is as well known.", "Vanewell is a name.", "ok reports whether it is set."} {
		if found := check(t, load(t), "page.md", sentence+"\n"); found != nil {
			t.Errorf("%s: found %q, want nothing", sentence, found)
		}
	}
}

func TestCheckReadsEveryKindOfText(t *testing.T) {
	t.Parallel()
	const advice = `"in va~in": write "without success", or say what the attempt returned`
	tests := map[string]struct{ file, content, line string }{
		"line comment":         {"a.go", "package a\n\n// It waits in va~in.\n", "3"},
		"split comment":        {"a.go", "package a\n\n// It waits in\n// va~in.\n", "3"},
		"comment behind code":  {"a.go", "package a\n\nvar a int // in va~in\n", "3"},
		"block comment":        {"a.go", "package a\n/*\nIt waits in\nva~in. */\n", "3"},
		"string":               {"a.go", "package a\n\nvar a = \"in va~in\"\n", "3"},
		"escapes":              {"a.go", "package a\n\nvar a = \"waits\\nin\\tva~in\"\n", "3"},
		"joined strings":       {"a.go", "package a\n\nvar a = \"in \" +\n\t\"va~in\"\n", "3"},
		"raw string":           {"a.go", "package a\n\nvar a = `waits\nin\nva~in`\n", "4"},
		"Markdown":             {"a.md", "# Title\n\nIt waits in\nva~in.\n", "3"},
		"list":                 {"a.md", "1. It waits.\n2. It waits in\n   va~in.\n", "2"},
		"code in Markdown":     {"a.md", "```\n# in va~in\n```\n", "2"},
		"generated page":       {"docs/a.md", "It waits\nin va~in.\n", "2"},
		"template":             {"a.md.tmpl", "{{ .Name }}\nwaits in va~in.\n", "2"},
		"makefile":             {"GNUmakefile", "a:\n# It waits in\n# va~in.\n", "2"},
		"shell":                {"a.sh", "#!/bin/sh\necho in va~in\n", "2"},
		"script of other name": {"run", "#!/bin/sh\n#\n# in va~in\n", "3"},
		"PowerShell":           {"a.ps1", "$a = 1\n# in va~in\n", "2"},
		"batch":                {"a.cmd", "@echo off\r\nrem in\r\nrem va~in\r\n", "2"},
		"HCL":                  {"a.tf", "a {\n  b = 1 # in va~in\n}\n", "2"},
		"YAML":                 {"a.yml", "a:\n  # in va~in\n  b: c\n", "2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := []string{plant(test.file + ":" + test.line + ": " + advice)}
			if diff := cmp.Diff(want, check(t, load(t), test.file, plant(test.content))); diff != "" {
				t.Errorf("findings differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckKeepsTextsApart(t *testing.T) {
	t.Parallel()
	for file, content := range map[string]string{
		"paragraphs.go": "package a\n\n// It waits in\n//\n// va~in.\n",
		"comments.go":   "package a\n\n// It waits in\n\n// va~in.\n",
		"strings.go":    "package a\n\nvar a = []string{\"in\", \"va~in\"}\n",
		"list.md":       "- waits in\n- va~in\n",
		"table.md":      "| in |\n| va~in |\n",
		"code.sh":       "echo in\nva~in\n",
		"identifier.go": "package a\n\nvar no~body int\n",
	} {
		if found := check(t, load(t), file, plant(content)); found != nil {
			t.Errorf("%s: found %q, want nothing", file, found)
		}
	}
}

func TestCheckSkipsFiles(t *testing.T) {
	t.Parallel()
	for _, file := range []string{
		"build/a.md", ".git/a.md", "bin/a.sh", "examples/.terraform/a.tf", "testdata/golden/a.sh", "go.sum", "answer.json", "LICENSE",
	} {
		if found := check(t, load(t), file, plant("No~body waits in va~in.\n")); found != nil {
			t.Errorf("%s: found %q, want nothing", file, found)
		}
	}
}

func TestCheckReportsMissingPath(t *testing.T) {
	t.Parallel()
	if _, err := load(t).Check(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("got no error for a path that does not exist")
	}
}
