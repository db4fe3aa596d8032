// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIgnoreFile(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		IgnoreName:          byteOrderMark + "# logs\r\n*.log\r\n/tmp/\r\n!keep.log\r\n",
		"a.log":             "",
		"keep.log":          "",
		"tmp/x":             "",
		"sub/tmp/x":         "",
		"sub/" + IgnoreName: "*",
	}
	for name, tc := range map[string]struct {
		exclude []string
		want    []string
	}{
		"alone":                     {nil, []string{"keep.log:0", "sub/" + IgnoreName + ":1", "sub/tmp/x:0"}},
		"exclude has the last word": {[]string{"!a.log", "keep.log", "sub/"}, []string{"a.log:0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, err := Recipe{SourceDir: folder(t, files), Exclude: tc.exclude}.Build(t.Context(), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, sizes(archive)); diff != "" {
				t.Error("(-want +got)\n", diff)
			}
		})
	}
}

func TestIgnoreFileRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ok\n\n[x\n":                         `line 3: the pattern "[x" has a "[" without`,
		strings.Repeat("#", maxIgnoreSize+1): "has 1048577 bytes, but must have at most 1 MiB",
	} {
		_, err := Recipe{SourceDir: folder(t, map[string]string{IgnoreName: text, "a": ""})}.Build(t.Context(), io.Discard)
		checkProblems(t, err, []wantProblem{{FieldSourceDir, IgnoreName, want}})
	}
	_, err := Recipe{SourceDir: folder(t, map[string]string{IgnoreName + "/x": "", "a": ""})}.Build(t.Context(), io.Discard)
	checkProblems(t, err, []wantProblem{{FieldSourceDir, IgnoreName, "cannot be read"}})
	_, err = Recipe{SourceDir: folder(t, map[string]string{".BootstrapIgnore": "", "a": ""})}.Build(t.Context(), io.Discard)
	checkProblems(t, err, []wantProblem{{FieldSourceDir, ".BootstrapIgnore", `differs from ".bootstrapignore" only by case`}})
}
