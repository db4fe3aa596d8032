// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"errors"
	"io"
	"os"
	"path/filepath"
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
	planned := Planned{SHA256: archive.SHA256, Files: int64(len(archive.Entries)), Size: archive.Size}
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
	before := map[string]string{"a": "1", "b": "2"}
	archive, err := Recipe{Files: before}.Build(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	planned := Planned{SHA256: archive.SHA256, Files: 2, Size: archive.Size}
	for name, test := range map[string]struct {
		planned Planned
		files   map[string]string
		want    string
	}{
		"added":   {planned, map[string]string{"a": "1", "b": "2", "c": "3"}, "Files were added: there are 3, and the plan has 2"},
		"missing": {planned, map[string]string{"a": "1"}, "Files are missing: there are 1, and the plan has 2"},
		"content": {planned, map[string]string{"a": "1", "b": "two"}, "Both have 2 files"},
		"unknown": {Planned{SHA256: archive.SHA256}, map[string]string{"a": "1"}, "does not hold the number of files"},
	} {
		path := filepath.Join(t.TempDir(), "app.zip")
		err := Recipe{Files: test.files}.RebuildFile(t.Context(), path, test.planned)
		var differ *DifferError
		if !errors.As(err, &differ) {
			t.Fatalf("%s: got %v, want a DifferError", name, err)
		}
		for _, want := range []string{"the sources differ from the plan", archive.SHA256, differ.Built.SHA256, test.want} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the message %q lacks %q", name, err, want)
			}
		}
		if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
			t.Errorf("%s: %v, RebuildFile left %v behind", name, err, left)
		}
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
