// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wantProblem describes an expected Problem.
type wantProblem struct {
	field Field
	path  string
	text  string // part of the message
}

func checkProblems(t *testing.T, err error, want []wantProblem) {
	t.Helper()
	problems := problemsOf(t, err)
	if len(problems) != len(want) {
		t.Fatalf("got %d problems, want %d:\n%v", len(problems), len(want), err)
	}
	for i, w := range want {
		p := problems[i]
		if p.Field != w.field || p.Path != w.path || !strings.Contains(p.Err.Error(), w.text) {
			t.Errorf("problem %d is {%s %q %v}, want {%s %q ...%s...}", i, p.Field, p.Path, p.Err, w.field, w.path, w.text)
		}
	}
}

func TestBuildRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		source map[string]string // nil for none
		recipe Recipe
		want   []wantProblem
	}{
		"nothing": {nil, Recipe{}, []wantProblem{{FieldFiles, "", "no files to archive"}}},
		"empty source": {
			map[string]string{},
			Recipe{},
			[]wantProblem{{FieldSourceDir, "", "has no files to archive"}},
		},
		"all excluded": {
			map[string]string{"a": "", "b": ""},
			Recipe{Exclude: []string{"*"}},
			[]wantProblem{{FieldSourceDir, "", "not excluded"}},
		},
		"bad paths in files, all reported": {
			nil,
			Recipe{Files: map[string]string{"../a": "", "/b": "", "ok": "", "x/nul.txt": ""}},
			[]wantProblem{{FieldFiles, "../a", `".."`}, {FieldFiles, "/b", "absolute"}, {FieldFiles, "x/nul.txt", "reserves"}},
		},
		"every field told": {
			map[string]string{"a\u0085": "", "b": ""},
			Recipe{Files: map[string]string{"..": "", "b": ""}, Exclude: []string{"x", "["}},
			[]wantProblem{
				{FieldExclude, "", `without its "]"`},
				{FieldSourceDir, "a\u0085", "control character"},
				{FieldFiles, "..", `".."`},
				{FieldFiles, "b", `exclude "/b"`},
			},
		},
		"the manifest's place": {
			map[string]string{"Bootstrap.json": "", "sub/bootstrap.json": ""},
			Recipe{Files: map[string]string{"bootstrap.json": "", "bootstrap.JSON/x": ""}},
			[]wantProblem{
				{FieldSourceDir, "Bootstrap.json", "place of the manifest"},
				{FieldFiles, "bootstrap.JSON/x", "place of the manifest"},
				{FieldFiles, "bootstrap.json", "rename or exclude it"},
			},
		},
		"version and system": {
			nil,
			Recipe{Files: map[string]string{"a": ""}, Version: "1/2", OS: "vms"},
			[]wantProblem{{FieldVersion, "", `'/' at position 2`}, {FieldOS, "", `"vms"`}},
		},
		"case beyond ASCII": {
			nil,
			Recipe{Files: map[string]string{"Ärger": "", "ärger": "", "ς": "", "Σ": ""}},
			[]wantProblem{{FieldFiles, "ärger", "only by case"}, {FieldFiles, "ς", "only by case"}},
		},
		"file and folder in files": {
			nil,
			Recipe{Files: map[string]string{"a": "", "a/b": "", "a/c": ""}},
			[]wantProblem{{FieldFiles, "a/b", `"a" would be a file and a folder`}},
		},
		"file in files, folder in source": {
			map[string]string{"a/b": ""},
			Recipe{Files: map[string]string{"a": ""}},
			[]wantProblem{{FieldFiles, "a", `"a" would be a file and a folder`}},
		},
		"path in both": {
			map[string]string{"conf/[1]": "old"},
			Recipe{Files: map[string]string{"conf/[1]": "new"}},
			[]wantProblem{{FieldFiles, "conf/[1]", `exclude "/conf/\[1]"`}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.source != nil {
				tc.recipe.SourceDir = folder(t, tc.source)
			}
			var out bytes.Buffer
			_, err := tc.recipe.Build(t.Context(), &out)
			checkProblems(t, err, tc.want)
			if out.Len() > 0 {
				t.Errorf("%d bytes were written before the problem was found", out.Len())
			}
		})
	}
}

// Names on disk can differ only by case if the file system is case-sensitive.
func TestBuildRefusesCaseOnDisk(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"App/x": "", "App/y": "", "app/z": "", "app/w": "", "b": "", "B": "", "ok": ""})
	if _, err := os.Stat(filepath.Join(dir, "OK")); err == nil {
		t.Skip("needs a case-sensitive file system")
	}
	_, err := (Recipe{SourceDir: dir}).Build(t.Context(), io.Discard)
	checkProblems(t, err, []wantProblem{
		{FieldSourceDir, "app/w", `"App" and "app" differ only by case`}, // reported once, not again for app/z
		{FieldSourceDir, "b", `"B" and "b" differ only by case`},
	})
}

func TestBuildRefusesSourceDir(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"file": ""})
	for path, want := range map[string]string{
		filepath.Join(dir, "missing"): "there is no folder",
		"missing":                     "starts at the working directory",
		filepath.Join(dir, "file"):    "is not a folder",
	} {
		_, err := (Recipe{SourceDir: path, Files: map[string]string{"/x": ""}}).Build(t.Context(), io.Discard)
		checkProblems(t, err, []wantProblem{{FieldSourceDir, "", want}, {FieldFiles, "/x", "absolute"}})
	}
}

func TestBuildRefusesLimits(t *testing.T) {
	t.Parallel()
	files := map[string]string{"a": "1234567", "b": "123", "c": "12"}
	for name, tc := range map[string]struct {
		limit limits
		path  string
		want  string
	}{
		"fits":          {limits{files: 3, fileSize: 7, totalSize: 12}, "", ""},
		"too many":      {limits{files: 2, fileSize: 7, totalSize: 12}, "", "more than 2 files"},
		"one too large": {limits{files: 3, fileSize: 6, totalSize: 12}, "a", "7 bytes, at most 6"},
		"too large":     {limits{files: 3, fileSize: 7, totalSize: 11}, "", `hold 12 bytes, at most 11 are allowed: exclude what the servers do not need; the largest file is "a" with 7 bytes`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for field, recipe := range map[Field]Recipe{
				FieldSourceDir: {SourceDir: folder(t, files)},
				FieldFiles:     {Files: files},
			} {
				_, err := build(t.Context(), io.Discard, recipe, nil, settings{limit: tc.limit, workers: 1})
				if tc.want != "" {
					checkProblems(t, err, []wantProblem{{field, tc.path, tc.want}})
				} else if err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	outside := folder(t, map[string]string{"secret": "s"})
	dir := folder(t, map[string]string{"a/file": "content", "z": ""})
	for name, target := range map[string]string{
		"inside": filepath.Join("a", "file"), "a/up": filepath.Join("..", "z"), "chain": "inside",
		"absolute": filepath.Join(outside, "secret"), "own-absolute": filepath.Join(dir, "z"),
		"a/out": filepath.Join("..", "..", "x"), "broken": "nowhere", "folder": "a", "loop": "loop", "skipped": "nowhere",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip("needs permission to create links: ", err)
		}
	}
	_, err := (Recipe{SourceDir: dir, Exclude: []string{"skipped"}}).Build(t.Context(), io.Discard)
	checkProblems(t, err, []wantProblem{
		{FieldSourceDir, "a/out", "not inside the source folder"},
		{FieldSourceDir, "absolute", "not inside the source folder"},
		{FieldSourceDir, "broken", `link to "nowhere", which does not exist`},
		{FieldSourceDir, "folder", `link to "a", which is a folder`},
		{FieldSourceDir, "loop", "cannot be followed"},
		{FieldSourceDir, "own-absolute", "not inside the source folder"},
	})
	archive, err := (Recipe{
		SourceDir: dir, Exclude: []string{"/a/out", "/absolute", "/broken", "/folder", "/loop", "/own-absolute", "/skipped"},
	}).Build(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a/file:7", "a/up:0", "chain:7", "inside:7", "z:0"}
	if diff := cmp.Diff(want, sizes(archive)); diff != "" {
		t.Error("(-want +got)\n", diff)
	}
}

func sizes(archive Archive) []string {
	out := make([]string, len(archive.Entries))
	for i, entry := range archive.Entries {
		out[i] = entry.Path + ":" + strconv.FormatInt(entry.Size, 10)
	}
	return out
}

// Names that are only valid on Linux are reported together with other problems.
// The walk does not enter a folder with such a name.
func TestBuildRefusesNamesOnDisk(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux, which allows these names")
	}
	dir := folder(t, map[string]string{`a\b`: "", "bad\xff/x": "", "bad\xff/y": "", "con/x": "", "line\nbreak": "", "ok": "", "space ": ""})
	_, err := (Recipe{SourceDir: dir}).Build(t.Context(), io.Discard)
	checkProblems(t, err, []wantProblem{
		{FieldSourceDir, `a\b`, "backslash"},
		{FieldSourceDir, "bad\xff", "UTF-8"},
		{FieldSourceDir, "con", "reserves"},
		{FieldSourceDir, "line\nbreak", "U+000A"},
		{FieldSourceDir, "space ", "ends in a dot or a space"},
	})
	if strings.Contains(err.Error(), "\xff") || strings.Contains(err.Error(), "line\n") {
		t.Errorf("the message contains raw bytes of a name: %q", err)
	}
}

func TestBuildRefusesUnreadableFolder(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("must not run as root, because root ignores permission bits")
	}
	dir := folder(t, map[string]string{"locked/x": "", "ok": ""})
	locked := filepath.Join(dir, "locked")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(locked, 0o700) })
	_, err := (Recipe{SourceDir: dir}).Build(t.Context(), io.Discard)
	checkProblems(t, err, []wantProblem{{FieldSourceDir, "locked", "cannot be read"}})
	if !errors.Is(err, os.ErrPermission) {
		t.Errorf("%v does not wrap the cause", err)
	}
}

func TestCheckNeedsNoDisk(t *testing.T) {
	t.Parallel()
	recipe := Recipe{SourceDir: "missing", Files: map[string]string{"a": "", "A": ""}, Exclude: []string{"["}}
	checkProblems(t, recipe.Check(), []wantProblem{{FieldExclude, "", `without its "]"`}, {FieldFiles, "a", "only by case"}})
	if err := (Recipe{SourceDir: "missing", Files: map[string]string{"a": ""}}).Check(); err != nil {
		t.Error(err)
	}
}

func TestListingStopsWithContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := (Recipe{SourceDir: folder(t, map[string]string{"a": ""})}).Build(ctx, io.Discard)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}
