// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRebuildFile(t *testing.T) {
	t.Parallel()
	recipe := goldenRecipe()
	recipe.SourceDir = folder(t, map[string]string{"disk": "1"})
	archive, err := recipe.Build(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	planned := Planned{SHA256: archive.SHA256, Manifest: archive.Manifest}
	path := filepath.Join(t.TempDir(), "new", "app.zip")
	if err := recipe.RebuildFile(t.Context(), path, planned); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil || sha256Hex(string(content)) != archive.SHA256 {
		t.Errorf("%v: the file has the digest %s, want %s", err, sha256Hex(string(content)), archive.SHA256)
	}
	// An existing archive is accepted even if the sources no longer exist.
	if err := (Recipe{SourceDir: "gone"}).RebuildFile(t.Context(), path, planned); err != nil {
		t.Error(err)
	}
}

func TestRebuildFileOfOtherSources(t *testing.T) {
	t.Parallel()
	files := map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}
	archive, err := Recipe{Files: files}.Build(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	delete(files, "a")
	files["b"], files["c"], files["e"] = "changed", "#!", ""
	path := filepath.Join(t.TempDir(), "app.zip")
	for manifest, want := range map[string][]string{
		archive.Manifest: {`"a" no longer exists`, `"b" has a different content`, `"c" has a different content`, `"e" is new`},
		"":               nil,
	} {
		err := Recipe{Files: files}.RebuildFile(t.Context(), path, Planned{SHA256: archive.SHA256, Manifest: manifest})
		var differ *DifferError
		if !errors.As(err, &differ) || !slices.Equal(differ.Changes, want) {
			t.Errorf("got %v, want the changes %q", err, want)
		}
		if !strings.HasPrefix(err.Error(), "the sources differ from the plan") {
			t.Errorf("the message is %q", err)
		}
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) > 0 {
		t.Errorf("%v, RebuildFile left %v behind", err, left)
	}
}

func TestDifferErrorIsShort(t *testing.T) {
	t.Parallel()
	text := (&DifferError{Changes: slices.Repeat([]string{"x"}, 25)}).Error()
	if strings.Count(text, "\n- ") != shownChanges+1 || !strings.HasSuffix(text, "and 5 more") {
		t.Error(text)
	}
	if got := difference(Entry{Mode: 0o644}, Entry{Mode: 0o755}); got != "mode, 0755 instead of 0644" {
		t.Error(got)
	}
}

// RebuildFile builds the planned archive even if a certificate has expired
// since the plan.
func TestRebuildFileJudgesNoCertificate(t *testing.T) {
	t.Parallel()
	recipe := Recipe{
		OS: Linux, Files: map[string]string{"x.pfx": "no certificate"}, Steps: []Step{{Certificate: &Certificate{File: "x.pfx", Store: "/etc/pki/x"}}},
	}
	archive, err := recipe.Build(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	recipe.Inspection = &Inspection{Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	if err := recipe.RebuildFile(t.Context(), filepath.Join(t.TempDir(), "x"), Planned{SHA256: archive.SHA256}); err != nil {
		t.Error(err)
	}
}
