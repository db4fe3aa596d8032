// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Line-based tools on servers depend on the layout.
func TestManifestText(t *testing.T) {
	t.Parallel()
	archive, err := Recipe{
		OS: Windows, Version: "1.0",
		Files: map[string]string{"app/a & b.txt": "1", "certs/x.pfx": "", "run.cmd": "#!\r\n"},
		Steps: []Step{
			{Install: &Install{From: "app/", To: "c:/site/"}},
			{Certificate: &Certificate{File: "certs/x.pfx"}},
			{Run: &Run{Script: "run.cmd", Args: []string{"<&>"}, TimeoutSeconds: 5}, OnError: Continue, When: EveryBoot},
			{Run: &Run{Script: "run.cmd"}},
			{Service: &Service{Name: "W3SVC", Action: "restart"}, When: FirstBoot},
		},
	}.Build(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	want := `{
"version": 1,
"release": "1.0-65e80203ae219fcd",
"os": "windows",
"steps": [
{"install":{"from":"app","to":"C:\\site"},"on_error":"stop","when":"on_change"},
{"certificate":{"file":"certs/x.pfx","store":"My"},"on_error":"stop","when":"on_change"},
{"run":{"script":"run.cmd","args":["<&>"],"timeout_seconds":5},"on_error":"continue","when":"every_boot"},
{"run":{"script":"run.cmd","args":[],"timeout_seconds":600},"on_error":"stop","when":"on_change"},
{"service":{"name":"W3SVC","action":"restart"},"on_error":"stop","when":"first_boot"}
],
"files": [
{"path":"app/a & b.txt","size":1,"mode":"0644","sha256":"` + sha256Hex("1") + `"},
{"path":"certs/x.pfx","size":0,"mode":"0644","sha256":"` + sha256Hex("") + `"},
{"path":"run.cmd","size":4,"mode":"0755","sha256":"` + sha256Hex("#!\r\n") + `"}
]
}
`
	if diff := cmp.Diff(want, archive.Manifest); diff != "" {
		t.Error("(-want +got)\n", diff)
	}
	parsed, err := ParseManifest(archive.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Release != archive.Release || len(parsed.Steps) != 5 {
		t.Errorf("parsed manifest has the release %q and %d steps", parsed.Release, len(parsed.Steps))
	}
	if diff := cmp.Diff(archive.Entries, parsed.Files); diff != "" {
		t.Error("(-want +got)\n", diff)
	}
}

// Every change that matters to a server changes the name of the release.
func TestReleaseNames(t *testing.T) {
	t.Parallel()
	base := func() Recipe { return Recipe{OS: Linux, Files: map[string]string{"a": "1"}} }
	step := Step{Service: &Service{Name: "x", Action: "start"}}
	releases := map[string]string{}
	for name, change := range map[string]func(*Recipe){
		"base":    func(*Recipe) {},
		"content": func(r *Recipe) { r.Files["a"] = "2" },
		"name":    func(r *Recipe) { r.Files["b"] = "" },
		"mode":    func(r *Recipe) { r.Files["a"] = "#!" },
		"system":  func(r *Recipe) { r.OS = Windows },
		"steps":   func(r *Recipe) { r.Steps = []Step{step} },
		"version": func(r *Recipe) { r.Version = "1" },
	} {
		recipe := base()
		change(&recipe)
		archive, err := recipe.Build(t.Context(), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		digits, ok := strings.CutPrefix(archive.Release, map[string]string{"version": "1-"}[name])
		if !ok || len(digits) != releaseDigits {
			t.Errorf("%s: the release is %q", name, archive.Release)
		}
		if other, ok := releases[digits]; ok && name != "version" && other != "version" {
			t.Errorf("%s and %s have the same release", name, other)
		}
		releases[digits] = name
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"": "", "1": "", "2026-11-25_b.3": "", "con": "", "con.1": "device", "-1": "position 1", ".a": "position 1", "a b": "position 2",
		"é": "position 1", strings.Repeat("1", 40): "", strings.Repeat("1", 41): "at most 40",
	} {
		problems := checkVersion(version)
		if want == "" && len(problems) > 0 || want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Error(), want)) {
			t.Errorf("%q gives %v, want %q", version, problems, want)
		}
	}
}

func TestParseManifestRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":               "cannot be read",
		`{"version": 2}`: "has version 2: it must be 1",
		`{"version": 1}`: "names no release",
		`{"version": 1, "release": "x", "files": [{"path": "../x", "mode": "0644"}]}`:  `".."`,
		`{"version": 1, "release": "x", "files": [{"path": "x", "mode": "rwx"}]}`:      "not octal",
		`{"version": 1, "release": "x", "files": [{"path": "x", "mode": "0644"}]} {}}`: "cannot be read",
	} {
		if _, err := ParseManifest(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want %q", text, err, want)
		}
	}
}

// An encoded manifest does not change when it is parsed and encoded again.
func FuzzParseManifest(f *testing.F) {
	f.Add(`{"version": 1, "release": "x", "os": "linux", "steps": [{"run": {"script": "a", "args": ["b"]}}], "files": [{"path": "x", "mode": "0644"}]}`)
	f.Add(`{"version": 1}`)
	f.Fuzz(func(t *testing.T, text string) {
		manifest, err := ParseManifest(text)
		if err != nil {
			return
		}
		once, err := manifest.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseManifest(once)
		if err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		if twice, err := again.encode(); err != nil || twice != once {
			t.Errorf("%v: the second encoding differs from the first:\n%s\n%s", err, once, twice)
		}
	})
}
