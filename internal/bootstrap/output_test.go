// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteFile(t *testing.T) {
	t.Parallel()
	recipe := Recipe{Files: map[string]string{"a": "1"}}
	path := filepath.Join(t.TempDir(), "made", "on the way", "app.zip")
	archive, err := recipe.BuildFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := recipe.Build(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, archive); diff != "" {
		t.Error("(-Write +WriteFile)\n", diff)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if sha256Hex(string(content)) != archive.SHA256 {
		t.Error("the digest of the file is not the archive's")
	}
	checkAlone(t, path)
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("the file has the mode %v (%v), want 0600", info.Mode(), err)
	}
}

// checkAlone fails the test if the folder of the file contains any other entry.
func checkAlone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() != filepath.Base(path) {
			t.Errorf("%q was left behind", entry.Name())
		}
	}
}

func TestWriteFileLeavesSameFileAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.zip")
	recipe := Recipe{Files: map[string]string{"a": "1"}}
	if _, err := recipe.BuildFile(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	old := time.Date(2009, 10, 1, 12, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := recipe.BuildFile(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || !info.ModTime().Equal(old) {
		t.Errorf("an unchanged file was written again (%v)", err)
	}
	recipe.Files["a"] = "2" // an archive of the same size
	archive, err := recipe.BuildFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil || sha256Hex(string(content)) != archive.SHA256 {
		t.Errorf("a changed archive was not written (%v)", err)
	}
	checkAlone(t, path)
}

func TestWriteFileKeepsOldFileOnFailure(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.zip")
	writeTestFile(t, path, "old", 0o600)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := (Recipe{Files: map[string]string{"a": "1"}}).BuildFile(ctx, path)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "old" {
		t.Errorf("the old file is now %q (%v)", content, err)
	}
	checkAlone(t, path)
}

func TestWriteFileInsideSource(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		output  string
		exclude []string
		refused string // the pattern that the error suggests
	}{
		"top":                  {output: "app.zip", refused: "/app.zip"},
		"deeper, not there":    {output: "x/y/app.zip", refused: "/x/y/app.zip"},
		"special characters":   {output: "app[1].zip", refused: `/app\\[1].zip`},
		"excluded":             {output: "app.zip", exclude: []string{"*.zip"}},
		"in excluded folder":   {output: "x/app.zip", exclude: []string{"/x/"}},
		"taken back":           {output: "app.zip", exclude: []string{"*.zip", "!app.zip"}, refused: "/app.zip"},
		"beside":               {output: "../app.zip"},
		"through other folder": {output: "x/../app.zip", refused: "/app.zip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(folder(t, map[string]string{"src/a": "1"}), "src")
			recipe := Recipe{SourceDir: dir, Exclude: tc.exclude}
			path := dir + string(filepath.Separator) + filepath.FromSlash(tc.output)
			first, err := recipe.BuildFile(t.Context(), path)
			if tc.refused != "" {
				checkProblems(t, err, []wantProblem{{FieldOutput, "", `add "` + tc.refused + `" to "exclude"`}})
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			second, err := recipe.BuildFile(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(first, second); diff != "" {
				t.Error("the second archive differs (-first +second)\n", diff)
			}
		})
	}
}

func TestWriteFileThroughLinkIntoSource(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"src/a": "1"})
	if err := os.Symlink("src", filepath.Join(dir, "link")); err != nil {
		t.Skip("needs permission to create links: ", err)
	}
	_, err := (Recipe{SourceDir: filepath.Join(dir, "src")}).BuildFile(t.Context(), filepath.Join(dir, "link", "app.zip"))
	checkProblems(t, err, []wantProblem{{FieldOutput, "", "would contain itself"}})
	if _, err := (Recipe{SourceDir: filepath.Join(dir, "link")}).BuildFile(t.Context(), filepath.Join(dir, "app.zip")); err != nil {
		t.Errorf("BuildFile rejects a source folder that is a link: %v", err)
	}
}

func TestWriteFileRefusesOutput(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"file": "", "folder/x": ""})
	for path, want := range map[string]string{
		filepath.Join(dir, "folder"):          "is a folder",
		filepath.Join(dir, "file", "app.zip"): "cannot be written",
	} {
		_, err := (Recipe{Files: map[string]string{"a": ""}}).BuildFile(t.Context(), path)
		checkProblems(t, err, []wantProblem{{FieldOutput, "", want}})
	}
	_, err := (Recipe{Files: map[string]string{"..": ""}}).BuildFile(t.Context(), filepath.Join(dir, "folder"))
	checkProblems(t, err, []wantProblem{{FieldFiles, "..", `".."`}, {FieldOutput, "", "is a folder"}})
	if !strings.Contains(err.Error(), "\n- files: \"..\" holds") {
		t.Errorf("the problems are not on separate lines:\n%v", err)
	}
}

// The next archive omits the temporary file of a killed run.
func TestLeftoversAreNotArchived(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"a": "1", temporaryPrefix + "123": "half an archive"})
	archive, err := (Recipe{SourceDir: dir}).Build(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a:1"}, sizes(archive)); diff != "" {
		t.Error("(-want +got)\n", diff)
	}
}
